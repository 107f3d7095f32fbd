import { z } from 'zod';
import {
  ClerkSchema,
  InvitationIdSchema,
  LocaleSchema,
  NameSchema,
  OutcomeSchema,
  outsideText,
} from '../words.ts';
import { StaffPairingSchema } from './staff-pairing.ts';

/**
 * All that the staff screen ever knows: rated or not, never a level, nor an indicator, nor anything that differs by
 * one (docs/adr/0016-staff-screen.md). Times are spans (`forMs`: so long ago, at the moment of sending) or words of
 * the hall's clock.
 */

/** The pages of the open screen, in the order of its tabs. A page more is a name here, its words, and how it is drawn. */
export const STAFF_PAGES = ['day', 'state', 'byHand', 'pairing'] as const;
export type StaffPage = (typeof STAFF_PAGES)[number];

const span = z.number().min(0);

/** A link or a box: whether it is there, since when, and if not why, with what helps (zh-CN). */
const partSchema = z.strictObject({
  kind: z.enum(['queue', 'buttons']),
  name: outsideText(120),
  state: z.enum(['ready', 'connecting', 'lost']),
  forMs: span,
  reason: z.string().max(500).optional(),
});
export type StaffPart = z.output<typeof partSchema>;

const provinceSchema = z.strictObject({
  state: z.enum(['idle', 'sending', 'waiting', 'offline', 'slowed', 'held', 'stopped']),
  forMs: span,
  /** Entries not delivered yet. */
  waiting: z.int().min(0),
  /** How long ago the province acknowledged something; absent if not since the start. */
  deliveredForMs: span.optional(),
  reason: z.string().max(500).optional(),
  /** While `held`: the entry that the province refuses; everything after it waits. */
  refusedSeq: z.int().min(1).optional(),
  /** What the province said last that it holds, 1 … `seq`, and how long ago. */
  holds: z.strictObject({ seq: z.int().min(0), forMs: span }).optional(),
  /** `tryNow` would ask it. */
  mayBeTried: z.boolean(),
});

const rowSchema = z.strictObject({
  /** At the hall, `09:31`. */
  time: z.string().max(8),
  number: outsideText(60).optional(),
  manual: z.boolean(),
  /** Undefined while the invitation is open. */
  outcome: OutcomeSchema.optional(),
  /** The clerk took the invitation back. */
  recalled: z.boolean(),
});
export type StaffRow = z.output<typeof rowSchema>;

/** How the day's invitations ended, a service counted once. */
const figuresSchema = z.strictObject({
  /** Served here: invited or not, without those who did not come or were sent on. */
  served: z.int().min(0),
  invited: z.int().min(0),
  rated: z.int().min(0),
  declined: z.int().min(0),
  timedOut: z.int().min(0),
  superseded: z.int().min(0),
  interrupted: z.int().min(0),
  notInvited: z.int().min(0),
});
export type StaffFigures = z.output<typeof figuresSchema>;

const nowSchema = z.strictObject({
  doing: z.enum(['idle', 'serving', 'inviting', 'answering', 'paused', 'fault', 'notRunning']),
  ticketNumber: outsideText(20).optional(),
  /** Only of an invitation that can still be taken back. */
  invitation: InvitationIdSchema.optional(),
  clerk: ClerkSchema.optional(),
  /** The clerk has signed off at the queue system, and no other has signed on. */
  signedOff: z.literal(true).optional(),
});

export const StaffScreenSchema = z.discriminatedUnion('name', [
  z.strictObject({
    name: z.literal('locked'),
    /** `settable`: none yet, and the site lets whoever comes first set one here. */
    pin: z.enum(['set', 'absent', 'settable']),
    /** Too many wrong ones: none is looked at before this has passed. */
    waitMs: span,
  }),
  z.strictObject({
    name: z.literal('open'),
    page: z.enum(STAFF_PAGES),
    /** Pages that this counter has; those that it has not are not shown. */
    pages: z.array(z.enum(STAFF_PAGES)),
    now: nowSchema,
    parts: z.array(partSchema),
    province: provinceSchema.nullable(),
    journal: z.strictObject({ seq: z.int().min(0), hash: z.string().max(12) }).nullable(),
    /** The province's clock minus ours. */
    clock: z.strictObject({ offsetMs: z.number(), errorMs: z.number() }).nullable(),
    version: outsideText(40),
    /** Null where this tablet is not paired on its screen. */
    pairing: StaffPairingSchema.nullable(),
    /** Why there is no kiosk, for a technician (zh-CN). */
    lines: z.array(z.string().max(600)).max(20),
    day: z.strictObject({
      date: z.string().max(10),
      figures: figuresSchema,
      /** Newest first; those of the shown leaf. */
      rows: z.array(rowSchema).max(50),
      leaf: z.int().min(0),
      leaves: z.int().min(1),
    }),
  }),
]);
export type StaffScreen = z.output<typeof StaffScreenSchema>;

export const StaffSnapshotSchema = z.strictObject({
  revision: z.int().min(0),
  locale: LocaleSchema,
  hall: NameSchema,
  counter: z.strictObject({ number: outsideText(32), name: NameSchema.optional() }),
  screen: StaffScreenSchema,
});
export type StaffSnapshot = z.output<typeof StaffSnapshotSchema>;
