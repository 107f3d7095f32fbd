import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type VerifyReport, verifyPath } from '../../src/core/verify/verify-path.ts';
import { CHANGES, drawFrom } from './tamper-changes.ts';
import { contentOf, makeOriginal, type Original } from './tamper-store.ts';

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
    const original = makeOriginal(folder);
    const file = join(folder, 'bent.sqlite');
    const untouched = judge(original.file, original);
    if (untouched.verdict !== 'good')
      throw new Error(`the original is not good: ${JSON.stringify(untouched)}`);
    const tallies = Object.keys(CHANGES).map(
      (kind): Tally => ({ kind, tried: 0, found: 0, exact: 0, stretch: 0, file: 0, meaningless: 0 }),
    );
    const missed: string[] = [];
    for (let n = 0; n < options.changes; n++) {
      const tally = tallies[n % tallies.length];
      if (!tally) throw new Error('there is nothing to change');
      const { wanted, tries } = bend(file, original, tally.kind, options.seed, n);
      tally.meaningless += tries;
      tally.tried++;
      const report = judge(file, original);
      if (report.verdict === 'bad') tally.found++;
      const how = namedHow(report, wanted, original);
      if (how) tally[how]++;
      else missed.push(`change ${n}, ${tally.kind}: record ${wanted ?? '–'}; ${JSON.stringify(report)}`);
    }
    return { tallies, missed };
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
function bend(file: string, original: Original, kind: string, seed: number, n: number) {
  const change = CHANGES[kind];
  if (!change) throw new Error(`there is no change "${kind}"`);
  for (let tries = 0; ; tries++) {
    for (const rest of ['', '-wal', '-shm']) rmSync(`${file}${rest}`, { force: true });
    copyFileSync(original.file, file);
    const wanted = change(file, original, drawFrom(seed * 1_000_003 + n * 101 + tries));
    if (wanted !== null) return { wanted, tries };
    const { text, rows } = contentOf(file);
    if (text === original.content) continue;
    const firstOther = original.rows.findIndex((row, at) => JSON.stringify(row) !== JSON.stringify(rows[at]));
    return { wanted: firstOther < 0 ? null : firstOther + 1, tries };
  }
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
