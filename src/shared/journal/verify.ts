import { assertNever, type Level } from '../words.ts';
import { canonicalText, entryHash, GENESIS } from './chain.ts';
import { type Draft, ENTRY_BODIES, isEntryKind } from './entry.ts';
import type { Suite } from './suite.ts';

/** An entry as it lies in the store: the body is still the canonical text that the hash covers. */
export interface StoredEntry {
  readonly seq: number;
  readonly id: string;
  readonly kind: string;
  readonly at: number;
  readonly boot: string;
  readonly mono: number;
  /** RFC 8785 text. */
  readonly body: string;
  /** Lower-case hex. */
  readonly prev: string;
  /** Lower-case hex. */
  readonly hash: string;
  /** base64, on the last entry of each commit. */
  readonly sig: string | null;
}

export type ChainProblem =
  | 'gap'
  | 'wrongPrev'
  | 'wrongHash'
  | 'notCanonical'
  | 'malformed'
  | 'badSignature'
  | 'unsignedTail'
  | 'foreignJournal'
  | 'secondRating';

export type Verification =
  | {
      readonly ok: true;
      readonly entries: number;
      readonly head: { readonly seq: number; readonly hash: string };
      readonly ratings: number;
    }
  | {
      readonly ok: false;
      readonly problem: ChainProblem;
      /** The first bad record; for an unsigned tail the first entry nobody signed. */
      readonly seq: number;
      readonly message: string;
    };

/**
 * Checks a journal from its first entry on, and names the first bad record in a sentence. Pure: whoever has
 * the entries (a database, a backup, an export) can ask. Reads once, in order, and keeps only the ratings.
 *
 * @param publicKey raw key of the device, known from elsewhere; a journal's own word for it is not enough.
 */
export function verifyEntries(
  suite: Suite,
  publicKey: Uint8Array,
  entries: Iterable<StoredEntry>,
): Verification {
  const ratings = createRatingRules();
  let head = { seq: 0, hash: GENESIS };
  let signedSeq = 0;
  const bad = (problem: ChainProblem, seq: number, message: string): Verification => ({
    ok: false,
    problem,
    seq,
    message,
  });

  for (const entry of entries) {
    const seq = head.seq + 1;
    if (entry.seq !== seq)
      return bad(
        'gap',
        seq,
        `Entry ${seq} is missing: after entry ${head.seq} comes entry ${entry.seq}. Ask for the whole journal; if this is the whole, entries were taken out.`,
      );
    if (entry.prev !== head.hash)
      return bad(
        'wrongPrev',
        seq,
        `Entry ${seq} does not stand on entry ${head.seq}: it names another hash before it. One of the two was changed or exchanged.`,
      );
    const draft = readDraft(entry);
    if (draft === 'notCanonical')
      return bad(
        'notCanonical',
        seq,
        `Entry ${seq} (${entry.kind}) has a body that is not in its canonical form (RFC 8785): it was written by something else than the kiosk.`,
      );
    if (entryHash(suite, entry.prev, seq, entry, entry.body) !== entry.hash)
      return bad(
        'wrongHash',
        seq,
        `Entry ${seq} (${entry.kind}) was changed: its content does not give its hash.`,
      );
    if (entry.sig !== null) {
      const signature = Buffer.from(entry.sig, 'base64');
      if (!suite.verify(publicKey, Buffer.from(entry.hash, 'hex'), signature))
        return bad(
          'badSignature',
          seq,
          `The signature on entry ${seq} is not this device's. The entries from ${signedSeq + 1} to ${seq} are not proven.`,
        );
      signedSeq = seq;
    }
    if (draft === 'malformed')
      return bad('malformed', seq, `Entry ${seq} says it is a ${entry.kind}, but its body is not one.`);
    if (
      seq === 1 &&
      (draft?.kind !== 'journal.begun' || draft.body.publicKey !== Buffer.from(publicKey).toString('base64'))
    )
      return bad(
        'foreignJournal',
        seq,
        'Entry 1 does not begin a journal of this device: it is another kind of entry or names another key.',
      );
    const objection = draft && ratings.take(draft);
    if (objection)
      return bad('secondRating', seq, `Entry ${seq} breaks one service, one rating: ${objection}`);
    head = { seq, hash: entry.hash };
  }

  if (signedSeq < head.seq)
    return bad(
      'unsignedTail',
      signedSeq + 1,
      `The entries from ${signedSeq + 1} to ${head.seq} are not covered by a signature: the end of the journal was cut off or added to.`,
    );
  return { ok: true, entries: head.seq, head, ratings: ratings.settled() };
}

/** `undefined` for a kind that this version does not know: its chain is checked, its meaning is not. */
function readDraft(entry: StoredEntry): Draft | 'notCanonical' | 'malformed' | undefined {
  let body: unknown;
  try {
    body = JSON.parse(entry.body);
    if (canonicalText(body) !== entry.body) return 'notCanonical';
  } catch {
    return 'notCanonical';
  }
  if (!isEntryKind(entry.kind)) return undefined;
  const parsed = ENTRY_BODIES[entry.kind].safeParse(body);
  return parsed.success ? ({ kind: entry.kind, body: parsed.data } as Draft) : 'malformed';
}

interface Chosen {
  readonly invitation: string;
  readonly level: Level;
  readonly change: number;
  readonly settled: boolean;
}

/** One service, one rating, as a rule over entries in order. */
export function createRatingRules(): {
  /** @returns what is wrong with this entry, or nothing. */
  take(draft: Draft): string | undefined;
  settled(): number;
} {
  const ratings = new Map<string, Chosen>();
  let settled = 0;

  const take = (draft: Draft): string | undefined => {
    switch (draft.kind) {
      case 'rating.chosen': {
        const { serviceKey, invitation, level, change } = draft.body;
        const before = ratings.get(serviceKey);
        if (before?.settled) return `service ${serviceKey} was rated and settled before.`;
        if (before && (change === 0 || before.invitation !== invitation))
          return `service ${serviceKey} was rated before, in invitation ${before.invitation}.`;
        if (before ? change <= before.change : change !== 0)
          return `change ${change} of the choice for service ${serviceKey} does not follow from what stands before it.`;
        ratings.set(serviceKey, { invitation, level, change, settled: false });
        return undefined;
      }
      case 'rating.settled': {
        const { serviceKey, invitation, level } = draft.body;
        const before = ratings.get(serviceKey);
        if (!before || before.invitation !== invitation)
          return `service ${serviceKey} is settled without a choice in invitation ${invitation}.`;
        if (before.settled) return `service ${serviceKey} is settled twice.`;
        if (before.level !== level)
          return `service ${serviceKey} is settled at level ${level}, but ${before.level} was chosen.`;
        ratings.set(serviceKey, { ...before, settled: true });
        settled++;
        return undefined;
      }
      case 'journal.begun':
      case 'boot.started':
      case 'invitation.opened':
      case 'rating.detailed':
      case 'invitation.closed':
      case 'service.notInvited':
      case 'link.changed':
      case 'pause.changed':
        return undefined;
      default:
        return assertNever(draft);
    }
  };
  return { take, settled: () => settled };
}
