import { z } from 'zod';
import { SealedSchema, SealingKeyIdSchema } from '../sealing/sealed.ts';
import {
  DeviceIdSchema,
  InvitationIdSchema,
  LevelSchema,
  OutcomeSchema,
  outsideText,
  ServiceKeySchema,
  ServiceSchema,
  SourceSchema,
} from '../words.ts';
import { SUITE_NAMES } from './suite.ts';

/**
 * The journal's entries (design: Journal). One table: kind → schema of its body. An entry is never changed
 * and never taken away; a rating is what the entries of its service say together.
 * In the bodies of a citizen's acts the names stand in the order of their canonical text: a body that was read by its
 * schema then needs no sorting, which is part of what an act costs (./chain.ts). Elsewhere in the order of reading.
 */

/** Why a chosen level became final. */
export const SETTLED_BY = ['time', 'citizen', 'superseded', 'paused', 'fault', 'reset', 'recovery'] as const;

/** Why a choice was taken back: pressed with another key at once, held down, or by the citizen themselves. */
export const WITHDRAWN_BY = ['together', 'held', 'cancelled'] as const;
export type WithdrawnBy = (typeof WITHDRAWN_BY)[number];

const HashSchema = z.string().regex(/^[0-9a-f]{64}$/);
const Count = z.int().min(0);

/** Why a journal was set aside and put together again. */
export const RESTORE_REASONS = ['missing', 'unreadable', 'badBeginning', 'badEnd', 'badMiddle'] as const;
export type RestoreReason = (typeof RESTORE_REASONS)[number];

export const ENTRY_BODIES = {
  /** Always seq 1: whose journal this is and which key signs it. `publicKey` is base64 of the raw key. */
  'journal.begun': z.strictObject({
    format: z.literal(1),
    deviceId: DeviceIdSchema,
    suite: z.enum(SUITE_NAMES),
    publicKey: z.base64().max(200),
  }),
  /**
   * The database was damaged or gone. The first new entry after it was put together again says from what, and
   * which entries are known to be lost: `lostAfterSeq` + 1 to `knownHeadSeq`.
   */
  'journal.restored': z.strictObject({
    /** Folder in `set-aside/` that holds the damaged files. */
    setAside: outsideText(40).nullable(),
    reason: z.enum(RESTORE_REASONS),
    backupHead: z.strictObject({ seq: z.int().min(1), hash: z.string().regex(/^[0-9a-f]{64}$/) }).nullable(),
    /** The last entry read out of the damaged file, and the last one the province gave back. */
    salvagedTo: z.int().min(1).nullable(),
    fetchedTo: z.int().min(1).nullable(),
    lostAfterSeq: z.int().min(0),
    /** The furthest entry that somebody knows to have existed; null when nobody can say. */
    knownHeadSeq: z.int().min(1).nullable(),
  }),
  /** The kiosk process came up. */
  'boot.started': z.strictObject({ version: outsideText(40), counter: outsideText(32) }),
  'invitation.opened': z.strictObject({
    counter: outsideText(32),
    invitation: InvitationIdSchema,
    service: ServiceSchema,
  }),
  /** A level was pressed. `change` counts the citizen's changes of mind: 0 for the first choice. */
  'rating.chosen': z.strictObject({
    change: z.int().min(0).max(1000),
    deviceId: outsideText(120),
    invitation: InvitationIdSchema,
    level: LevelSchema,
    serviceKey: ServiceKeySchema,
    source: SourceSchema,
  }),
  /**
   * The choice that stood is taken back before it is settled. The one before it stands again; after the first there
   * is none, and the service may be rated anew in the same invitation.
   */
  'rating.withdrawn': z.strictObject({
    deviceId: outsideText(120),
    invitation: InvitationIdSchema,
    level: LevelSchema,
    reason: z.enum(WITHDRAWN_BY),
    serviceKey: ServiceKeySchema,
    source: SourceSchema,
  }),
  /** The choice is final: from here on this is *the* rating of the service. */
  'rating.settled': z.strictObject({
    by: z.enum(SETTLED_BY),
    invitation: InvitationIdSchema,
    level: LevelSchema,
    serviceKey: ServiceKeySchema,
  }),
  /** The coded reasons the citizen ticked, all of the settled level. */
  'rating.detailed': z.strictObject({
    codes: z
      .array(z.string().regex(/^\d{3}$/))
      .min(1)
      .max(40),
    invitation: InvitationIdSchema,
    pack: outsideText(40),
    serviceKey: ServiceKeySchema,
  }),
  /** The citizen asks for somebody to come now. Once for a rating, and it stays; it overtakes a backlog (../protocol/urgent.ts). */
  'rating.helpRequested': z.strictObject({
    deviceId: outsideText(120),
    invitation: InvitationIdSchema,
    serviceKey: ServiceKeySchema,
    source: SourceSchema,
  }),
  /** What the citizen wrote and how they can be reached, sealed to the province's key `to`: ../sealing/. */
  'rating.sealed': z.strictObject({
    invitation: InvitationIdSchema,
    serviceKey: ServiceKeySchema,
    to: SealingKeyIdSchema,
    ...SealedSchema.shape,
  }),
  'invitation.closed': z.strictObject({
    invitation: InvitationIdSchema,
    outcome: OutcomeSchema.exclude(['notInvited']),
    reason: outsideText(80),
    serviceKey: ServiceKeySchema,
  }),
  /** A service ended at this counter without an invitation ever being opened for it. */
  'service.notInvited': z.strictObject({
    serviceKey: ServiceKeySchema,
    reason: outsideText(80),
    /** Number of the clerk who was there. */
    clerk: outsideText(32).optional(),
  }),
  /** A queue link or a button box came or went. */
  'link.changed': z.strictObject({
    link: z.enum(['queue', 'buttons']),
    name: outsideText(120),
    state: z.enum(['ready', 'lost']),
    reason: outsideText(200).optional(),
  }),
  'pause.changed': z.strictObject({ paused: z.boolean(), by: outsideText(40) }),
  /** What the far end of a link gave as the time when our monotonic clock stood at `mono` (./true-time.ts). */
  'clock.observed': z.strictObject({
    link: outsideText(40),
    /** Monotonic ms of this entry's boot. */
    mono: z.int().min(0),
    /** Their clock then, UTC ms; right within `errorMs` to either side. */
    theirMs: z.int(),
    errorMs: z.int().min(0),
    /** Their clock minus ours, for people. */
    offsetMs: z.int(),
  }),
  /** The wall clock was moved: so far that this may not be its own running. */
  'clock.jumped': z.strictObject({ byMs: z.int() }),
  /** Entries `fromSeq` to `toSeq` were old, delivered and are gone; what is left of them adds up to this (./segment.ts). */
  'journal.compacted': z.strictObject({
    fromSeq: z.int().min(2),
    toSeq: z.int().min(2),
    /** Of entry `toSeq`. */
    hash: HashSchema,
    counts: z.strictObject({
      kinds: z.record(outsideText(40), z.int().min(1)),
      ratings: z.strictObject({ '1': Count, '2': Count, '3': Count, '4': Count, '5': Count }),
      kept: HashSchema,
    }),
    /** Over this segment and all before it. */
    sum: HashSchema,
  }),
} as const;

export type EntryKind = keyof typeof ENTRY_BODIES;
export type EntryBody<K extends EntryKind> = z.output<(typeof ENTRY_BODIES)[K]>;

/** What an act wants written; the store adds place, time, chain and signature. */
export type Draft = {
  readonly [K in EntryKind]: { readonly kind: K; readonly body: EntryBody<K> };
}[EntryKind];

/** What the hash covers, besides the hash before it and the place. Short names: they are stored for ever. */
export interface EntryContent {
  readonly id: string;
  readonly kind: string;
  /** Wall clock, UTC ms. Never decides order. */
  readonly at: number;
  /** Which start of the machine `mono` counts from. */
  readonly boot: string;
  /** Monotonic ms since `boot`. */
  readonly mono: number;
  readonly body: unknown;
}

/** An entry as read back. `hash` and `prev` are lower-case hex, `sig` is base64 and stands on the last entry of each commit. */
export interface Entry extends EntryContent {
  readonly seq: number;
  readonly prev: string;
  readonly hash: string;
  readonly sig: string | null;
}

export function isEntryKind(kind: string): kind is EntryKind {
  return Object.hasOwn(ENTRY_BODIES, kind);
}
