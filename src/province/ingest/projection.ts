import type { z } from 'zod';
import { ENTRY_BODIES, type EntryBody, type EntryKind, isEntryKind } from '../../shared/journal/entry.ts';
import { receiptCode } from '../../shared/journal/receipt.ts';
import { assertNever, type Level, type TokenCheck } from '../../shared/words.ts';
import type { HelpRow } from '../urgent/help-requests.ts';
import type { WireEntry } from './read-batch.ts';

/** What the entries of one batch say beyond the ledger. Pure: the same entries always say the same. */
export interface Projection {
  readonly invitations: readonly InvitationRow[];
  readonly ratings: readonly RatingRow[];
  /** Reasons of ratings that are not in this batch. */
  readonly lateDetails: readonly DetailRow[];
  readonly alarms: readonly AlarmRow[];
  readonly help: readonly HelpRow[];
  readonly restored: readonly RestoredRow[];
}

export interface InvitationRow {
  readonly invitation: string;
  readonly serviceKey: string;
  readonly counter: string;
  readonly ticketNumber: string | null;
  readonly clerkNumber: string | null;
  readonly openedAtMs: number;
  readonly seq: number;
  /** The queue side's proof, and what the tablet found of it. Judged in ./ticket-tokens.ts. */
  readonly servedToken: string | null;
  readonly tokenCheck: TokenCheck | null;
  /** When it was truly opened, as far as is known, UTC ms; only beside a token (./when-truly.ts). */
  readonly openedTrulyMs?: number;
}

export interface RatingRow {
  readonly serviceKey: string;
  readonly seq: number;
  readonly level: Level;
  readonly invitation: string;
  /** By the device's clock, and where that is doubted by the province's (./when-truly.ts), UTC ms. */
  readonly settledAtMs: number;
  readonly receipt: string;
  readonly codes: string | null;
  /** Its invitation, when that was opened in this batch; otherwise it is held already, or nowhere. */
  readonly invited: Invited | undefined;
}

/** What a rating takes over from its invitation. */
export type Invited = Pick<InvitationRow, 'serviceKey' | 'counter' | 'ticketNumber' | 'clerkNumber'>;

export interface DetailRow {
  readonly serviceKey: string;
  readonly invitation: string;
  readonly codes: string;
}

/** A journal that was put together again: what of it is lost. */
export type RestoredRow = Pick<EntryBody<'journal.restored'>, 'lostAfterSeq' | 'knownHeadSeq'> & {
  /** Of the entry that says so. */
  readonly seq: number;
};

export type AlarmKind =
  | 'fork'
  | 'brokenChain'
  | 'secondRating'
  | 'badBody'
  | 'otherIdentity'
  | 'badRequestSignature'
  | 'ledgerChanged'
  | 'oldCopy'
  | 'cutTail'
  | 'parked'
  | 'restored'
  | 'urgentUnproven'
  | 'ticketToken';

export interface AlarmRow {
  readonly kind: AlarmKind;
  /** 0 when it is not about one entry. */
  readonly seq: number;
  readonly serviceKey: string | null;
  readonly receipt: string | null;
  /** For the operator; the live page has its own words for each kind. */
  readonly text: string;
  /** Only of `restored`: the last entry that is known of the journal before, null where nobody knows. */
  readonly knownHeadSeq?: number | null;
}

/**
 * Kinds this version does not know are kept in the ledger and say nothing here. A kind it reads, with a body
 * it cannot read, is kept as well, since a chain cannot leave out an entry, and raises an alarm.
 */
export function projectEntries(
  entries: readonly WireEntry[],
  hashes: readonly string[],
  device: { readonly id: string; readonly publicKey: string },
): Projection {
  const invitations = new Map<string, InvitationRow>();
  const ratings: RatingRow[] = [];
  const details: DetailRow[] = [];
  const alarms: AlarmRow[] = [];
  const help: HelpRow[] = [];
  const restored: RestoredRow[] = [];

  entries.forEach((entry, index) => {
    const { kind, seq } = entry;
    if ((seq === 1) !== (kind === 'journal.begun')) alarms.push(otherIdentity(device.id, seq));
    if (!isEntryKind(kind)) return;
    switch (kind) {
      case 'journal.begun': {
        const body = readBody(kind, entry, alarms);
        if (body && (body.deviceId !== device.id || body.publicKey !== device.publicKey))
          alarms.push(otherIdentity(device.id, seq));
        return;
      }
      case 'invitation.opened': {
        const body = readBody(kind, entry, alarms);
        if (!body) return;
        const {
          serviceKey,
          ticketNumber = null,
          clerk,
          servedToken = null,
          tokenCheck = null,
        } = body.service;
        const clerkNumber = clerk?.number ?? null;
        const { invitation, counter } = body;
        if (!invitations.has(invitation))
          invitations.set(invitation, {
            invitation,
            serviceKey,
            counter,
            ticketNumber,
            clerkNumber,
            openedAtMs: entry.at,
            seq,
            servedToken,
            tokenCheck,
          });
        return;
      }
      case 'rating.settled': {
        const body = readBody(kind, entry, alarms);
        if (!body) return;
        const { serviceKey, level, invitation } = body;
        const receipt = receiptCode(hashes[index] ?? '');
        const opened = invitations.get(invitation);
        const invited = opened?.serviceKey === serviceKey ? opened : undefined;
        const settledAtMs = entry.at;
        ratings.push({ serviceKey, seq, level, invitation, settledAtMs, receipt, codes: null, invited });
        return;
      }
      case 'rating.detailed': {
        const body = readBody(kind, entry, alarms);
        if (!body) return;
        const { serviceKey, invitation, codes } = body;
        details.push({ serviceKey, invitation, codes: codes.join(',') });
        return;
      }
      case 'rating.helpRequested': {
        const body = readBody(kind, entry, alarms);
        if (!body) return;
        const { serviceKey, invitation } = body;
        const { at } = entry;
        help.push({ seq, serviceKey, invitation, askedAtMs: at, sinceMs: at, latestMs: at });
        return;
      }
      case 'journal.restored': {
        const body = readBody(kind, entry, alarms);
        if (!body) return;
        restored.push({ ...body, seq });
        alarms.push(putTogether(device.id, seq, body));
        return;
      }
      // The province reads nothing of these; the verifier judges their bodies.
      case 'boot.started':
      case 'rating.chosen':
      case 'rating.withdrawn':
      case 'rating.sealed':
      case 'invitation.closed':
      case 'service.notInvited':
      case 'link.changed':
      case 'pause.changed':
      case 'clock.observed':
      case 'clock.jumped':
      case 'journal.compacted':
        return;
      default:
        assertNever(kind);
    }
  });
  return { invitations: [...invitations.values()], alarms, help, restored, ...joinDetails(ratings, details) };
}

/** The body as its kind's schema has it; an alarm when it is something else. */
function readBody<K extends EntryKind>(
  kind: K,
  entry: WireEntry,
  alarms: AlarmRow[],
): EntryBody<K> | undefined {
  const schema: z.ZodType = ENTRY_BODIES[kind];
  const parsed = schema.safeParse(entry.body);
  if (parsed.success) return parsed.data as EntryBody<K>;
  alarms.push(badBody(entry, parsed.error.issues[0]?.path.join('.') ?? ''));
  return undefined;
}

/** Reasons whose rating is in the same batch go into its row; the others are for rows that exist already. */
function joinDetails(
  ratings: readonly RatingRow[],
  details: readonly DetailRow[],
): Pick<Projection, 'ratings' | 'lateDetails'> {
  if (details.length === 0) return { ratings, lateDetails: [] };
  const byInvitation = new Map(details.map((detail) => [detail.invitation, detail]));
  const joined = ratings.map((rating) => {
    const detail = byInvitation.get(rating.invitation);
    if (detail?.serviceKey !== rating.serviceKey) return rating;
    byInvitation.delete(rating.invitation);
    return { ...rating, codes: detail.codes };
  });
  return { ratings: joined, lateDetails: [...byInvitation.values()] };
}

function otherIdentity(deviceId: string, seq: number): AlarmRow {
  return {
    kind: 'otherIdentity',
    seq,
    serviceKey: null,
    receipt: null,
    text: `The journal of ${deviceId} does not begin, once and at its first entry, by naming this device and its registered key.`,
  };
}

function putTogether(deviceId: string, seq: number, body: EntryBody<'journal.restored'>): AlarmRow {
  const { reason, lostAfterSeq, knownHeadSeq } = body;
  const lost =
    knownHeadSeq === null
      ? 'Nobody knows whether entries are lost.'
      : knownHeadSeq > lostAfterSeq
        ? `Its former entries ${lostAfterSeq + 1} to ${knownHeadSeq} are lost.`
        : 'No entry that anybody knew of is lost.';
  const text = `The journal of ${deviceId} was damaged (${reason}) and put together again up to ${lostAfterSeq}. ${lost} The damaged files are on the tablet.`;
  return { kind: 'restored', seq, serviceKey: null, receipt: null, text, knownHeadSeq };
}

function badBody(entry: WireEntry, where: string): AlarmRow {
  return {
    kind: 'badBody',
    seq: entry.seq,
    serviceKey: null,
    receipt: null,
    text: `Entry ${entry.seq} (${entry.kind}) has a body that this version cannot read${where ? ` at ${where}` : ''}. It is kept in the ledger and counts nowhere.`,
  };
}
