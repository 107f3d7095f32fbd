import { LevelSchema } from '../words.ts';
import { canonicalText, entryHash, GENESIS, SIGNED_AT_LEAST_EVERY } from './chain.ts';
import { type Draft, ENTRY_BODIES, isEntryKind } from './entry.ts';
import { receiptCode } from './receipt.ts';
import type { Compacted, Segment, SegmentCounts } from './segment.ts';
import type { Suite } from './suite.ts';
import { createRatingRules } from './verify-ratings.ts';
import { createSegmentRules, type SegmentObjection } from './verify-segments.ts';
import { type Facts, type Sentence, sayChainProblem } from './verify-words.ts';

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
  | 'missingSignature'
  | 'unsignedTail'
  | 'foreignJournal'
  | 'secondRating'
  | 'badSegment'
  /** The next three need what was seen elsewhere. */
  | 'cutTail'
  | 'fork'
  | 'receiptMissing';

/** An entry of a kind that this version does not know. */
export interface LaterEntry {
  readonly seq: number;
  readonly kind: string;
  /** It was compacted, and lay somewhere from `seq` to here. */
  readonly toSeq?: number;
}

export type Verification =
  | {
      readonly ok: true;
      readonly entries: number;
      readonly head: { readonly seq: number; readonly hash: string };
      readonly ratings: number;
      /** Of `entries`, those that were compacted. */
      readonly compacted: number;
      /** Seen elsewhere, and compacted here: nothing says any more what their hashes were. Absent: there are none. */
      readonly uncompared?: readonly number[];
      /** The first entry of a kind that only a later version knows: its chain is checked, its meaning is not. */
      readonly later?: LaterEntry;
      /** The first entry after `later` that breaks one service, one rating as this version knows it; the later kind may be what allowed it. */
      readonly unjudged?: number;
    }
  | {
      readonly ok: false;
      readonly problem: ChainProblem;
      /** The first bad record; for an unsigned tail the first entry nobody signed, for a cut one the first that is gone. */
      readonly seq: number;
      /** The first entry that no signature covers any more; before `seq` where the act it belongs to was bent. */
      readonly unprovenFrom: number;
      readonly sentence: Sentence;
    };

/**
 * What others hold of this journal. A chain proves that nothing in it was changed, and cannot prove that
 * nothing came after it: somebody else must have seen more.
 */
export interface SeenElsewhere {
  /** seq → hash (lower-case hex) of entries that the province, an earlier copy or a backup holds. */
  readonly hashes?: ReadonlyMap<number, string>;
  /** Codes of receipts that citizens hold. */
  readonly receipts?: readonly string[];
}

/**
 * Checks a journal from its first entry on, and names the first bad record in a sentence. Pure: whoever has
 * the entries (a database, a backup, an export) can ask. Reads once, in order, and keeps only the ratings.
 *
 * @param publicKey raw key of the device, known from elsewhere; a journal's own word for it is not enough.
 * @param compacted what stands in for entries that are gone. Absent where nothing may be gone: an export.
 */
export function verifyEntries(
  suite: Suite,
  publicKey: Uint8Array,
  entries: Iterable<StoredEntry>,
  seen: SeenElsewhere = {},
  compacted?: Compacted,
): Verification {
  const ratings = createRatingRules();
  const receipts = new Set(seen.receipts);
  let head = { seq: 0, hash: GENESIS };
  let signedSeq = 0;
  let before: StoredEntry | undefined;
  const segments = compacted && createSegmentRules(suite, publicKey, compacted);
  let gone = 0;
  let later: LaterEntry | undefined;
  let unjudged: number | undefined;
  /** An entry that is not signed, and ends an act by its time or is one too many without a signature. */
  let unsigned: number | undefined;
  let unsignedRun = 0;
  const bad = (problem: ChainProblem, seq: number, facts: Partial<Facts> = {}): Verification => ({
    ok: false,
    problem,
    seq,
    unprovenFrom: Math.min(seq, signedSeq + 1),
    sentence: sayChainProblem(problem, { seq, before: head.seq, signed: signedSeq, ...facts }),
  });

  const badSegment = ({ fromSeq, toSeq, objection, unprovenFrom = fromSeq }: SegmentObjection) => ({
    ...bad('badSegment', fromSeq, { other: toSeq, objection }),
    unprovenFrom: Math.min(unprovenFrom, signedSeq + 1),
  });

  for (const entry of entries) {
    const seq = head.seq + 1;
    const { kind } = entry;
    if (entry.seq !== seq) {
      const lost = segments?.lost(seq, entry.seq - 1);
      return lost ? badSegment(lost) : bad('gap', seq, { other: entry.seq });
    }
    if (entry.prev !== head.hash) return bad('wrongPrev', seq);
    const draft = readDraft(entry);
    if (draft === 'notCanonical') return bad('notCanonical', seq, { kind });
    if (entryHash(suite, entry.prev, seq, entry, entry.body) !== entry.hash)
      return bad('wrongHash', seq, { kind });
    if (before && before.sig === null && !ofOneCommit(before, entry)) unsigned ??= before.seq;
    unsignedRun = entry.sig === null ? unsignedRun + 1 : 0;
    if (unsignedRun === SIGNED_AT_LEAST_EVERY) unsigned ??= seq;
    if (entry.sig !== null) {
      if (!suite.verify(publicKey, Buffer.from(entry.hash, 'hex'), readSignature(entry.sig)))
        return bad('badSignature', seq);
      // Only now is it certain that the times are the device's own, and not what was changed.
      if (unsigned !== undefined) return bad('missingSignature', unsigned);
      signedSeq = seq;
    }
    if (draft === 'malformed') return bad('malformed', seq, { kind });
    if (
      seq === 1 &&
      (draft?.kind !== 'journal.begun' || draft.body.publicKey !== Buffer.from(publicKey).toString('base64'))
    )
      return bad('foreignJournal', seq);
    if (!draft) later ??= { seq, kind };
    const objection = draft && ratings.take(draft);
    if (objection && !later) return bad('secondRating', seq, { objection });
    if (objection) unjudged ??= seq;
    const seenHash = seen.hashes?.get(seq);
    if (seenHash !== undefined && seenHash !== entry.hash) return bad('fork', seq);
    if (kind === 'rating.settled' && receipts.size > 0) receipts.delete(receiptCode(entry.hash));
    head = { seq, hash: entry.hash };
    before = entry;
    if (draft?.kind === 'journal.compacted') segments?.hear(draft.body);
    if (seq === 1 && compacted && segments) {
      // Entry 2, whose time would show it, is gone.
      if (entry.sig === null && segments.wantSignedBeginning()) return bad('missingSignature', 1);
      const walked = segments.walk(head);
      if ('objection' in walked) return badSegment(walked);
      later ??= laterAmong(compacted.segments);
      for (const { toSeq, hash } of compacted.segments) {
        const seenThere = seen.hashes?.get(toSeq);
        if (seenThere !== undefined && seenThere !== hash) return bad('fork', toSeq);
      }
      for (const { serviceKey, invitation, rating } of compacted.segments.flatMap(
        ({ toSeq }) => compacted.kept.get(toSeq) ?? [],
      )) {
        const level = LevelSchema.safeParse(rating?.level);
        if (!rating || !level.success) continue;
        ratings.keep(serviceKey, invitation, level.data, rating.changes);
        receipts.delete(receiptCode(rating.settledHash));
      }
      if (walked.seq > 1) {
        gone = walked.seq - 1;
        head = walked;
        signedSeq = head.seq;
        before = undefined;
        unsignedRun = 0;
      }
    }
  }

  if (signedSeq < head.seq) return bad('unsignedTail', signedSeq + 1);
  const contradicted = segments?.contradicted();
  if (contradicted) return badSegment(contradicted);
  let lastSeen = 0;
  for (const seq of seen.hashes?.keys() ?? []) lastSeen = Math.max(lastSeen, seq);
  // Before the totals that nobody vouches for: the entry that did so was in the tail.
  if (lastSeen > head.seq) return bad('cutTail', head.seq + 1, { other: lastSeen });
  const unvouched = segments?.unvouched();
  if (unvouched) return badSegment(unvouched);
  const [receipt] = receipts;
  if (receipt !== undefined) return bad('receiptMissing', head.seq + 1, { receipt });
  const uncompared = [...(seen.hashes?.keys() ?? [])].filter(
    (seq) => seq > 1 && seq <= gone + 1 && !compacted?.segments.some(({ toSeq }) => toSeq === seq),
  );
  return {
    ok: true,
    entries: head.seq,
    head,
    ratings: ratings.settled(),
    compacted: gone,
    ...(uncompared.length > 0 ? { uncompared: uncompared.sort((a, b) => a - b) } : {}),
    ...(later ? { later } : {}),
    ...(unjudged === undefined ? {} : { unjudged }),
  };
}

/** By what the segments count, in order; of sums that were walked. */
function laterAmong(segments: readonly Segment[]): LaterEntry | undefined {
  for (const { fromSeq, toSeq, counts } of segments) {
    const { kinds } = JSON.parse(counts) as Partial<SegmentCounts>;
    const kind = Object.keys(kinds ?? {}).find((name) => !isEntryKind(name));
    if (kind !== undefined) return { seq: fromSeq, toSeq, kind };
  }
  return undefined;
}

/** All entries of a commit carry its time, and no two commits in a row the same: before another time an entry was the last of its own. */
function ofOneCommit(a: StoredEntry, b: StoredEntry): boolean {
  return a.at === b.at && a.mono === b.mono && a.boot === b.boot;
}

/** base64 in its one proper spelling; anything else is no signature. */
function readSignature(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : Buffer.alloc(0);
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
