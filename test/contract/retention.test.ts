import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { runVerifyCommand } from '../../src/core/verify/verify-command.ts';
import { verifyPath } from '../../src/core/verify/verify-path.ts';
import { receiptCode } from '../../src/shared/journal/receipt.ts';
import { segmentSum } from '../../src/shared/journal/segment.ts';
import { loadSigner, makePrivateKey } from '../../src/shared/journal/suites.ts';
import { JOURNAL_FILE, type Store, type StoreParts } from '../../src/store/store.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { ALL_OLD, fillForDays, observe } from '../support/old-journal.ts';
import { drafts, mustOpen, newFolder, newService, rateOnce, storeParts } from '../support/store-parts.ts';

/** What a compacted journal still proves. */
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

function begin(overrides: Partial<StoreParts> = {}) {
  const { folder, remove } = newFolder();
  cleanups.push(remove);
  const parts = storeParts(folder, { clock: createFakeClock(), ...overrides });
  const store = mustOpen(parts);
  cleanups.push(() => store.close());
  const { publicKey, suite } = parts.signer;
  return { parts, store, file: join(folder, JOURNAL_FILE), ask: { publicKey, suites: [suite] } };
}

function compactAll(store: Store, maxEntries = 24): number {
  store.advanceCursor('province', store.head().seq);
  for (let segments = 0; ; segments++) {
    const done = store.compact({ ...ALL_OLD, maxEntries });
    if (done.kind === 'failed') throw new Error(done.message);
    if (done.kind === 'nothing') return segments;
  }
}

/** As somebody would who owns the machine: the guards go and come back. */
function bend(file: string, sql: string, ...values: unknown[]): void {
  const db = new Database(file);
  const triggers = db
    .prepare<[], { name: string; sql: string }>("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
    .all();
  for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
  db.pragma('ignore_check_constraints = ON');
  db.prepare(sql).run(...values);
  for (const trigger of triggers) db.exec(trigger.sql);
  db.close();
}

describe('the verifier on a compacted journal', () => {
  it.each(['ed25519-sha256', 'sm2-sm3'] as const)('under %s: good, and says what is gone', async (suite) => {
    const signer = await loadSigner(suite, await makePrivateKey(suite));
    const { store, parts } = begin({ signer });
    fillForDays(store, parts.clock, { days: 3 });
    compactAll(store);
    rateOnce(store, 'after');
    const key = `--key=${Buffer.from(signer.publicKey).toString('base64')}`;
    const { out, code } = await runVerifyCommand([parts.folder, key], 'en');
    expect(out).toMatch(/^Good: .*\(2 to \d+ compacted to signed totals\), 13 ratings, none missing/);
    expect(code).toBe(0);
  });

  it('finds the receipts of ratings that are gone, and no others', () => {
    const { store, parts, file, ask } = begin();
    fillForDays(store, parts.clock, { days: 1 });
    const settled = [...store.entries()].find(({ kind }) => kind === 'rating.settled');
    const receipt = receiptCode(settled?.hash ?? '');
    compactAll(store);
    const held = (code: string) => verifyPath({ path: file, ...ask, seen: { receipts: [code] } });
    expect(held(receipt)).toMatchObject({ verdict: 'good', ratings: 4 });
    expect(held(receiptCode('00'.repeat(32)))).toMatchObject({ problem: 'receiptMissing' });
  });

  it('compares what others have seen at the end of a segment', () => {
    const { store, parts, file, ask } = begin();
    fillForDays(store, parts.clock, { days: 1 });
    const { seq, hash } = store.head();
    compactAll(store, 2_000);
    const seen = (value: string) =>
      verifyPath({ path: file, ...ask, seen: { hashes: new Map([[seq, value]]) } });
    expect(seen(hash)).toMatchObject({ verdict: 'good' });
    expect(seen('00'.repeat(32))).toMatchObject({ problem: 'fork', seq });
  });

  it.each([
    ['a rating that stayed', "UPDATE rating SET level = 6 - level WHERE service_key = 'day-0/1'"],
    [
      'two ratings exchanged',
      'UPDATE rating SET level = CASE level WHEN 1 THEN 5 ELSE 1 END WHERE level IN (1, 5)',
    ],
    ['a rating taken out', "DELETE FROM rating WHERE service_key = 'day-0/1'"],
    [
      'an invitation closed otherwise',
      "UPDATE invitation SET outcome = 'timedOut' WHERE outcome = 'declined'",
    ],
    [
      'an invitation out of its segment',
      "UPDATE invitation SET segment = NULL WHERE service_key = 'day-0/1'",
    ],
    ['an invitation of no segment', "UPDATE invitation SET segment = 3 WHERE service_key = 'day-0/1'"],
    ['all segments taken out', 'DELETE FROM segment'],
    ['the newest segment taken out', 'DELETE FROM segment WHERE to_seq = (SELECT max(to_seq) FROM segment)'],
    ['the oldest segment taken out', 'DELETE FROM segment WHERE from_seq = 2'],
  ])('names %s', (_name, sql) => {
    const { store, parts, file, ask } = begin();
    fillForDays(store, parts.clock, { days: 3 });
    compactAll(store);
    store.close();
    bend(file, sql);
    const report = verifyPath({ path: file, ...ask });
    expect(report).toMatchObject({ verdict: 'bad', problem: 'badSegment' });
    expect(report.verdict === 'bad' && report.sentence.en).toMatch(
      /^The entries from \d+ to \d+ were compacted/,
    );
  });

  it('names entry 1 without its signature, although entry 2 is gone', () => {
    const { store, parts, file, ask } = begin();
    fillForDays(store, parts.clock, { days: 3 });
    compactAll(store);
    store.close();
    bend(file, 'UPDATE journal SET sig = NULL WHERE seq = 1');
    expect(verifyPath({ path: file, ...ask })).toMatchObject({ problem: 'missingSignature', seq: 1 });
  });

  it('takes a journal restored from a backup of before: the entries are there, and are compacted otherwise', () => {
    const { store, parts, file, ask } = begin();
    fillForDays(store, parts.clock, { days: 3 });
    const lost = [...store.entries()].at(-1);
    // The totals that were signed after the backup come back from the province, the segment does not.
    const counts = {
      kinds: { 'pause.changed': 1 },
      ratings: { '1': 0, '2': 0, '3': 0, '4': 0, '5': 0 },
      kept: 'ab'.repeat(32),
    };
    store.append([
      {
        kind: 'journal.compacted',
        body: { fromSeq: 2, toSeq: lost?.seq ?? 0, hash: lost?.hash ?? '', counts, sum: 'cd'.repeat(32) },
      },
    ]);
    expect(verifyPath({ path: file, ...ask })).toMatchObject({ verdict: 'good', compacted: 0 });
    observe(store, parts.clock);
    compactAll(store, 33);
    expect(verifyPath({ path: file, ...ask })).toMatchObject({ verdict: 'good', ratings: 12 });
  });

  it('names totals that were made anew by somebody without the key', () => {
    const { store, parts, file, ask } = begin();
    fillForDays(store, parts.clock, { days: 3 });
    compactAll(store, 2_000);
    store.close();
    const [row] = readSegments(file);
    const counts = String(row?.counts).replace('"clock.observed":3', '"clock.observed":4');
    const hex = (value: unknown) => (value as Buffer).toString('hex');
    const sum = segmentSum(parts.signer.suite, undefined, {
      fromSeq: Number(row?.from_seq),
      toSeq: Number(row?.to_seq),
      prev: hex(row?.prev),
      hash: hex(row?.hash),
      sig: Buffer.from(hex(row?.sig), 'hex').toString('base64'),
      counts,
    });
    bend(file, 'UPDATE segment SET counts = ?, sum = ?', counts, Buffer.from(sum, 'hex'));
    const report = verifyPath({ path: file, ...ask });
    expect(report).toMatchObject({ verdict: 'bad', problem: 'badSegment', seq: 2 });
    expect(report.verdict === 'bad' && report.sentence.en).toMatch(/not those that the journal signed/);
  });

  it('finds a rating put in for a service that nobody rated', () => {
    const { store, parts, file, ask } = begin();
    fillForDays(store, parts.clock, { days: 3 });
    compactAll(store);
    store.close();
    bend(
      file,
      "INSERT INTO rating (service_key, invitation, level, changes, settled_hash) SELECT 'forged', invitation, 5, 0, zeroblob(32) FROM invitation WHERE outcome = 'rated' LIMIT 1",
    );
    expect(verifyPath({ path: file, ...ask })).toMatchObject({ problem: 'projection' });
  });
});

const COLUMNS = ['from_seq', 'to_seq', 'prev', 'hash', 'sig', 'counts', 'sum'] as const;

it('whatever was written and whenever it was compacted: it verifies, and any change to a segment is found', () => {
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('rate' as const), n: fc.integer({ min: 1, max: 6 }) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('decline' as const), n: fc.constant(1) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('observe' as const), n: fc.constant(1) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('deliver' as const), n: fc.nat(20) }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('compact' as const), n: fc.integer({ min: 5, max: 60 }) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const), n: fc.constant(1) }) },
  );
  const change = fc.record({
    column: fc.constantFrom(...COLUMNS),
    row: fc.nat(),
    at: fc.nat(),
    by: fc.integer({ min: 1, max: 255 }),
  });
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 5, maxLength: 40 }),
      fc.array(change, { minLength: 3, maxLength: 8 }),
      (steps, changes) => {
        const { folder, remove } = newFolder();
        const parts = storeParts(folder, { clock: createFakeClock() });
        let store = mustOpen(parts);
        const { publicKey, suite } = parts.signer;
        const file = join(folder, JOURNAL_FILE);
        const judge = (path: string) => verifyPath({ path, publicKey, suites: [suite] });
        let rated = 0;
        try {
          for (const { do: what, n } of [
            ...steps,
            { do: 'observe' as const, n: 1 },
            { do: 'deliver' as const, n: 0 },
            { do: 'compact' as const, n: 40 },
          ]) {
            if (what === 'rate')
              for (let i = 0; i < n; i++)
                rateOnce(store, `service-${rated++}`, ([1, 2, 3, 4, 5] as const)[rated % 5] ?? 5);
            if (what === 'decline') {
              const service = newService(`declined-${rated++}`);
              store.append([drafts.opened(service)]);
              store.append([drafts.closed(service, 'declined')]);
              rated--;
            }
            if (what === 'observe') observe(store, parts.clock);
            if (what === 'deliver') store.advanceCursor('province', Math.max(0, store.head().seq - n));
            if (what === 'compact') {
              const done = store.compact({ ...ALL_OLD, maxEntries: n });
              expect(done.kind).not.toBe('failed');
              expect(judge(file)).toMatchObject({
                verdict: 'good',
                ratings: rated,
                entries: store.head().seq,
              });
            }
            if (what === 'reopen') {
              store.close();
              store = mustOpen(parts);
            }
          }
          store.close();
          const rows = readSegments(file);
          if (rows.length === 0) return;
          for (const { column, row, at, by } of changes) {
            const bent = join(folder, 'bent.sqlite');
            rmSync(bent, { force: true });
            copyFileSync(file, bent);
            const segment = rows[row % rows.length];
            if (!segment) continue;
            bend(
              bent,
              `UPDATE segment SET ${column} = ? WHERE to_seq = ?`,
              changed(segment[column], at, by),
              segment.to_seq,
            );
            const report = judge(bent);
            expect(report, column).toMatchObject({ verdict: 'bad', problem: 'badSegment' });
          }
        } finally {
          store.close();
          remove();
        }
      },
    ),
    { numRuns: 12 },
  );
});

type Row = Readonly<Record<(typeof COLUMNS)[number], unknown>>;

function readSegments(file: string): readonly Row[] {
  const db = new Database(file);
  db.pragma('wal_checkpoint(TRUNCATE)');
  const rows = db.prepare<[], Row>('SELECT * FROM segment').all();
  db.close();
  return rows;
}

function changed(value: unknown, at: number, by: number): unknown {
  if (typeof value === 'number') return value + by;
  const bytes = Buffer.from(value as Buffer | string);
  const place = at % bytes.length;
  // Text stays text, whatever it says.
  bytes[place] =
    typeof value === 'string' ? 0x21 + (((bytes[place] ?? 0) + by) % 90) : (bytes[place] ?? 0) ^ by;
  if (typeof value !== 'string') return bytes;
  return bytes.toString() === value ? `${value} ` : bytes.toString();
}
