import { canonicalText, GENESIS } from './chain.ts';
import type { Suite } from './suite.ts';

/**
 * A stretch of the journal that was compacted: its entries are gone, what they add up to stays. What is written
 * here is read by the store that makes segments and by the verifier. Format: docs/journal-format.md.
 */
export interface Segment {
  readonly fromSeq: number;
  readonly toSeq: number;
  /** Hash of the entry before the stretch, lower-case hex. */
  readonly prev: string;
  /** Hash of its last entry, lower-case hex. */
  readonly hash: string;
  /** Signature on its last entry, base64. */
  readonly sig: string;
  /** RFC 8785 text of `SegmentCounts`. */
  readonly counts: string;
  /** Over this and every segment before it, lower-case hex; `segmentSum`. */
  readonly sum: string;
}

export interface SegmentCounts {
  /** Entries of each kind. */
  readonly kinds: Readonly<Record<string, number>>;
  /** Settled ratings of each level. */
  readonly ratings: Readonly<Record<'1' | '2' | '3' | '4' | '5', number>>;
  /** Hash over the ratings and invitations that stay behind; `keptDigest`. */
  readonly kept: string;
}

/** What stays of an invitation whose entries are gone; with the rating it led to, if it led to one. */
export interface Kept {
  readonly toSeq: number;
  readonly invitation: string;
  readonly serviceKey: string;
  readonly outcome: string;
  readonly rating: {
    readonly level: number;
    readonly changes: number;
    /** Hash of the entry that settled it, lower-case hex: receipts go on being found. */
    readonly settledHash: string;
  } | null;
}

/** Everything that stands in for entries which are gone, as found. */
export interface Compacted {
  readonly segments: readonly Segment[];
  /** By `toSeq` of their segment. */
  readonly kept: ReadonlyMap<number, readonly Kept[]>;
}

/** Each segment's sum stands on the one before, so the newest signed one covers them all. */
export function segmentSum(suite: Suite, before: string | undefined, segment: Omit<Segment, 'sum'>): string {
  const { fromSeq, toSeq, prev, hash, sig, counts } = segment;
  const text = canonicalText({ counts, fromSeq, hash, prev, sig, toSeq });
  return suite.hash(Buffer.from(before ?? GENESIS, 'hex'), Buffer.from(text)).toString('hex');
}

/** One line of canonical JSON for each, in the order of the invitations' ids. */
export function keptDigest(suite: Suite, kept: readonly Kept[]): string {
  const lines = [...kept]
    .sort((a, b) => (a.invitation < b.invitation ? -1 : 1))
    .map(({ invitation, serviceKey, outcome, rating }) =>
      canonicalText([
        invitation,
        serviceKey,
        outcome,
        rating ? [rating.level, rating.changes, rating.settledHash] : null,
      ]),
    );
  return suite.hash(Buffer.from(lines.join('\n'))).toString('hex');
}
