import { canonicalText } from './chain.ts';
import type { EntryBody } from './entry.ts';
import { type Compacted, type Kept, keptDigest, type Segment, segmentSum } from './segment.ts';
import type { Suite } from './suite.ts';
import type { Sentence } from './verify-words.ts';

export interface SegmentObjection {
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly objection: Sentence;
  /** Where it may begin, if that is before `fromSeq`. */
  readonly unprovenFrom?: number;
}

/** What stands in for entries that are gone, as rules: first the rows by themselves, then what the journal says of them. */
export function createSegmentRules(
  suite: Suite,
  publicKey: Uint8Array,
  { segments, kept }: Compacted,
): {
  /** Entry 1 is an act of its own, unless the journal was begun anew: then its second entry says so in the same act. */
  wantSignedBeginning(): boolean;
  /** From the entry before the first segment on. @returns what is wrong, or the place the journal goes on from. */
  walk(head: {
    readonly seq: number;
    readonly hash: string;
  }): SegmentObjection | { readonly seq: number; readonly hash: string };
  /**
   * A `journal.compacted` that is still there. It need not have a segment: a journal that was restored from a
   * backup may hold the entries that were compacted after the backup was made, and compact them otherwise.
   */
  hear(body: EntryBody<'journal.compacted'>): void;
  /** Entries that are not there, and whose ratings say that they were compacted: their totals are gone as well. */
  lost(fromSeq: number, toSeq: number): SegmentObjection | undefined;
  /** A segment whose totals such an entry gives otherwise, and no later one as they are. */
  contradicted(): SegmentObjection | undefined;
  /** The newest segment needs such an entry that says what it says; by its sum that covers the older ones. */
  unvouched(): SegmentObjection | undefined;
} {
  const byEnd = new Map(segments.map((segment) => [segment.toSeq, segment]));
  const last = segments.at(-1);
  let vouched = false;
  let contradicted: Segment | undefined;

  function wrongWith(segment: Segment, head: { seq: number; hash: string }, before?: Segment) {
    const { fromSeq, toSeq, prev, hash, sig } = segment;
    if (sumOf(suite, before, segment) !== segment.sum) return SAY.changed;
    if (fromSeq !== head.seq + 1 || toSeq < fromSeq) return SAY.place(head.seq);
    if (prev !== head.hash) return SAY.prev(head.seq);
    if (!suite.verify(publicKey, Buffer.from(hash, 'hex'), Buffer.from(sig, 'base64'))) return SAY.signature;
    const staying = kept.get(toSeq) ?? [];
    return standsFor(suite, segment, staying) ? undefined : SAY.kept;
  }

  /** A sum stands on all before it: one whose own word is gone may be the one that was changed. */
  function objectTo({ fromSeq, toSeq }: Segment, objection: Sentence): SegmentObjection {
    return { fromSeq, toSeq, objection, unprovenFrom: segments[0]?.fromSeq ?? fromSeq };
  }

  return {
    wantSignedBeginning() {
      const [first] = segments;
      return first !== undefined && !((said(first)?.kinds?.['journal.restored'] ?? 0) > 0);
    },
    walk(from) {
      let head = from;
      let before: Segment | undefined;
      for (const segment of segments) {
        const objection = wrongWith(segment, head, before);
        // Its end may be bent to something that is no number.
        const toSeq = Number.isSafeInteger(segment.toSeq) ? segment.toSeq : head.seq + 1;
        if (objection) return { fromSeq: head.seq + 1, toSeq, objection };
        head = { seq: segment.toSeq, hash: segment.hash };
        before = segment;
      }
      return head;
    },
    hear({ fromSeq, toSeq, hash, counts, sum }) {
      const segment = byEnd.get(toSeq);
      if (segment?.fromSeq !== fromSeq || segment.hash !== hash) return;
      const same = segment.sum === sum && segment.counts === canonicalText(counts);
      if (!same) contradicted ??= segment;
      else if (segment === last) vouched = true;
    },
    lost(fromSeq, toSeq) {
      const ends = [...kept.keys()].some((end) => fromSeq <= end && end <= toSeq && !byEnd.has(end));
      return ends ? { fromSeq, toSeq, objection: SAY.missing } : undefined;
    },
    contradicted: () => (contradicted && !vouched ? objectTo(contradicted, SAY.notAsSigned) : undefined),
    unvouched: () => (last && !vouched ? objectTo(last, SAY.unsigned) : undefined),
  };
}

interface Said {
  readonly kinds?: Readonly<Record<string, number>>;
  readonly ratings?: Readonly<Record<string, unknown>>;
  readonly kept?: unknown;
}

/** Nobody has checked it yet. */
function said({ counts }: Segment): Said | undefined {
  try {
    return (JSON.parse(counts) ?? undefined) as Said | undefined;
  } catch {
    return undefined;
  }
}

/** Columns come as they are found: what has no canonical form has no sum, and no digest. */
function sumOf(suite: Suite, before: Segment | undefined, segment: Segment): string | undefined {
  try {
    return segmentSum(suite, before?.sum, segment);
  } catch {
    return undefined;
  }
}

function digestOf(suite: Suite, kept: readonly Kept[]): string | undefined {
  try {
    return keptDigest(suite, kept);
  } catch {
    return undefined;
  }
}

/** Whether the ratings that stayed are those of the stretch, and as many as it counts. */
function standsFor(suite: Suite, segment: Segment, kept: readonly Kept[]): boolean {
  const counts = said(segment);
  const levels = [1, 2, 3, 4, 5].map((level) => kept.filter(({ rating }) => rating?.level === level).length);
  const digest = digestOf(suite, kept);
  return (
    digest !== undefined &&
    counts?.kept === digest &&
    levels.every((count, index) => counts.ratings?.[String(index + 1)] === count)
  );
}

const SAY = {
  missing: { en: 'its totals are gone.', 'zh-CN': '其汇总缺失。' },
  changed: { en: 'its totals were changed.', 'zh-CN': '其汇总被改动。' },
  place: (seq: number) => ({
    en: `it does not follow on entry ${seq}; a stretch was taken out or changed.`,
    'zh-CN': `它没有接在第 ${seq} 条之后；有一段被取走或改动。`,
  }),
  prev: (seq: number) => ({
    en: `it names another hash for entry ${seq}.`,
    'zh-CN': `它写明的第 ${seq} 条哈希不同。`,
  }),
  signature: { en: "its signature is not this device's.", 'zh-CN': '其签名不是本设备的。' },
  kept: {
    en: 'the ratings that stayed behind are not those that were signed.',
    'zh-CN': '留存的评价与已签名的不一致。',
  },
  notAsSigned: {
    en: 'its totals are not those that the journal signed.',
    'zh-CN': '其汇总与日志中签名的不一致。',
  },
  unsigned: {
    en: 'no entry of the journal vouches for its totals.',
    'zh-CN': '日志中没有记录为其汇总作证。',
  },
} as const;
