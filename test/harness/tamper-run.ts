import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type VerifyReport, verifyPath } from '../../src/core/verify/verify-path.ts';
import { CHANGES, type Change, drawFrom } from './tamper-changes.ts';
import { SEGMENT_CHANGES } from './tamper-segments.ts';
import { type Content, contentOf, makeOriginal, type Original } from './tamper-store.ts';

/** What became of the changes of one kind. */
export interface Tally {
  readonly kind: string;
  tried: number;
  found: number;
  /** The first bad record, by its number. */
  exact: number;
  /** The unsigned stretch (one act) that holds the first bad record, where hashes were made right again. */
  stretch: number;
  /** The file, because no record was changed (or none can be read). */
  file: number;
  /** Drawn again: the byte is one that nobody reads. */
  meaningless: number;
}

export interface TamperResult {
  readonly tallies: readonly Tally[];
  /** A change that was not found, or where another record was named. */
  readonly missed: readonly string[];
}

/** Each change is drawn from `seed` and its own number alone, so that one can be repeated. */
export function tamper(options: { readonly changes: number; readonly seed: number }): TamperResult {
  const folder = mkdtempSync(join(tmpdir(), 'yiping-tamper-'));
  try {
    const [whole, compacted] = [false, true].map((compacted) => {
      const original = makeOriginal(folder, { compacted });
      const untouched = judge(original.file, original);
      if (untouched.verdict !== 'good' || untouched.compacted > 0 !== compacted)
        throw new Error(`the original is not as it should be: ${JSON.stringify(untouched)}`);
      return original;
    });
    if (!whole || !compacted) throw new Error('there is nothing to change');
    const file = join(folder, 'bent.sqlite');
    const kinds = [
      ...Object.entries(CHANGES).map(([kind, change]) => ({ kind, change, original: whole })),
      ...Object.entries({ ...CHANGES, ...SEGMENT_CHANGES }).map(([kind, change]) => ({
        kind: `${kind} (compacted)`,
        change,
        original: compacted,
      })),
    ].map((one) => ({
      ...one,
      tally: { kind: one.kind, tried: 0, found: 0, exact: 0, stretch: 0, file: 0, meaningless: 0 },
    }));
    const missed: string[] = [];
    for (let n = 0; n < options.changes; n++) {
      const kind = kinds[n % kinds.length];
      if (!kind) throw new Error('there is nothing to change');
      const { tally, original } = kind;
      const { wanted, tries } = bend(file, original, kind.change, options.seed, n);
      tally.meaningless += tries;
      tally.tried++;
      const report = judge(file, original);
      if (report.verdict === 'bad') tally.found++;
      const how = namedHow(report, wanted, original);
      if (how) tally[how]++;
      else missed.push(`change ${n}, ${tally.kind}: record ${wanted ?? '–'}; ${JSON.stringify(report)}`);
    }
    return { tallies: kinds.map(({ tally }) => tally), missed };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function judge(file: string, { signer, head }: Original): VerifyReport {
  return verifyPath({
    path: file,
    publicKey: signer.publicKey,
    seen: { hashes: new Map([[head.seq, head.hash]]) },
  });
}

/** @returns the first record that differs from the original's (null: none), and how often it had to be drawn again. */
function bend(file: string, original: Original, change: Change, seed: number, n: number) {
  for (let tries = 0; ; tries++) {
    for (const rest of ['', '-wal', '-shm']) rmSync(`${file}${rest}`, { force: true });
    copyFileSync(original.file, file);
    const wanted = change(file, original, drawFrom(seed * 1_000_003 + n * 101 + tries));
    if (wanted !== null) return { wanted, tries };
    const found = contentOf(file);
    if (found.text !== original.content.text) return { wanted: firstOther(original.content, found), tries };
  }
}

/** In the order of the entries; a stretch that was compacted begins with the first of its own. */
function firstOther(before: Content, after: Content): number | null {
  const row = before.rows.find((one, at) => JSON.stringify(one) !== JSON.stringify(after.rows[at]))?.seq;
  const segment = before.segments.find(
    (one, at) =>
      JSON.stringify(one) !== JSON.stringify(after.segments[at]) ||
      before.kept.get(one.to_seq) !== after.kept.get(one.to_seq),
  )?.from_seq;
  // Segments are read after the rows: where those broke off, nothing is known of these.
  const known = after.readable || after.rows.length === before.rows.length;
  const places = [row, known ? segment : undefined].filter((seq) => seq !== undefined);
  return places.length === 0 ? null : Math.min(...places);
}

function namedHow(
  report: VerifyReport,
  wanted: number | null,
  { head }: Original,
): 'exact' | 'stretch' | 'file' | undefined {
  if (report.verdict !== 'bad') return undefined;
  const { seq, unprovenFrom } = report;
  if (seq === null || unprovenFrom === null)
    return report.problem === 'damaged' || wanted === null ? 'file' : undefined;
  if (wanted === null) return seq > head.seq || report.problem === 'damaged' ? 'file' : undefined;
  if (seq === wanted) return 'exact';
  const ends = report.problem === 'unsignedTail' ? wanted : seq;
  return unprovenFrom <= wanted && wanted <= ends ? 'stretch' : undefined;
}
