import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../../test/support/fake-clock.ts';
import { ALL_OLD, fillForDays } from '../../../test/support/old-journal.ts';
import { mustOpen, newFolder, newSigner, rateOnce, storeParts } from '../../../test/support/store-parts.ts';
import { canonicalText, entryHash } from '../../shared/journal/chain.ts';
import type { StoredEntry } from '../../shared/journal/verify.ts';
import { openEvidence } from '../../store/store.ts';
import { runVerifyCommand } from './verify-command.ts';
import { type VerifyReport, verifyPath } from './verify-path.ts';

/** What somebody may hand to the verifier: whatever it holds, the answer is a sentence. */
let folder: string;
let remove: () => void;
const signer = newSigner();
const key = `--key=${Buffer.from(signer.publicKey).toString('base64')}`;
const verify = (...argv: string[]) => runVerifyCommand([...argv, key], 'en_GB.UTF-8');

beforeAll(() => {
  ({ folder, remove } = newFolder());
});
afterAll(() => remove());

const sentenceOf = (report: VerifyReport) => ('sentence' in report ? report.sentence.en : 'Good');

describe('an export', () => {
  let entries: readonly StoredEntry[];
  const file = () => join(folder, 'export.ndjson');
  const textOf = (list: readonly object[]) => list.map((line) => `${JSON.stringify(line)}\n`).join('');
  const head = () => ({ seq: entries.at(-1)?.seq ?? 0, hash: entries.at(-1)?.hash ?? '' });
  const lines = () => [
    { export: { format: 1, deviceId: 'x', headSeq: head().seq, headHash: head().hash } },
    ...entries.map(({ prev: _, body, ...entry }) => ({ ...entry, body: JSON.parse(body) })),
  ];
  const verifyText = (text: string) => {
    writeFileSync(file(), text);
    return verify(file());
  };

  beforeAll(() => {
    const store = mustOpen(storeParts(join(folder, 'exported'), { signer }));
    for (const name of ['s1', 's2', 's3']) rateOnce(store, name, 5);
    entries = [...store.entries()];
    store.close();
  });

  it.each([
    ['text that is no Unicode', '"source":"touch"', '"source":"\\ud800"', /Entry 3 .*canonical form/],
    ['a number that is none', '"level":5', '"level":1e400', /Line 4 /],
    [
      'a body without bottom',
      '"level":5',
      `"level":${'['.repeat(20_000)}${']'.repeat(20_000)}`,
      /Line 4 |Entry 3 /,
    ],
    ['a name that stands twice', '"level":5', '"level":1,"level":5', /Line 4 .*twice/],
    ['a number in other words', '"level":5', '"level":5.0', /Line 4 /],
    ['a space', '"level":5', '"level": 5', /Line 4 /],
  ])('%s is named with its number', async (_name, from, to, sentence) => {
    const text = textOf(lines());
    expect(text).toContain(from);
    const { code, out } = await verifyText(text.replace(from, to));
    expect(out).toMatch(sentence);
    expect(code).toBe(1);
  });

  it('a head that its first line names twice is named', async () => {
    const text = textOf(lines());
    const { code, out } = await verifyText(text.replace('"headSeq":', '"headSeq":4,"headSeq":'));
    expect(out).toMatch(/^Line 1 .*twice/);
    expect(code).toBe(1);
  });

  it('is good with the line ends of another system', async () => {
    expect(await verifyText(textOf(lines()).replaceAll('\n', '\r\n'))).toMatchObject({ code: 0 });
  });

  it('with any JSON value in the place of any other is a sentence', () => {
    const names = ['seq', 'id', 'kind', 'at', 'boot', 'mono', 'body', 'hash', 'sig'] as const;
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.string({ unit: 'binary' }),
      fc.double(),
      fc.integer().map((code) => String.fromCharCode(0xd800 + (Math.abs(code) % 0x800))),
    );
    fc.assert(
      fc.property(
        fc.nat(entries.length),
        fc.constantFrom(...names),
        fc.option(fc.constantFrom('publicKey', 'level', 'service', 'serviceKey', 'suite', '__proto__')),
        anything,
        (at, name, inner, value) => {
          const bent = lines().map((line, index) => {
            if (index !== at) return line;
            if (!('body' in line)) return { export: { ...line.export, headSeq: value } };
            const given = { ...line.body };
            if (inner !== null) Object.defineProperty(given, inner, { value, enumerable: true });
            return inner === null ? { ...line, [name]: value } : { ...line, body: given };
          });
          writeFileSync(file(), textOf(bent));
          expect(sentenceOf(verifyPath({ path: file(), publicKey: signer.publicKey }))).not.toBe('');
          expect(sentenceOf(verifyPath({ path: file() }))).not.toBe('');
        },
      ),
      { numRuns: 40 },
    );
  }, 60_000);
});

describe('a journal that was compacted', () => {
  let journal: string;
  let bytes: Buffer;
  let all: readonly StoredEntry[];
  /** Where in the file the rows lie that stand in for entries which are gone. */
  let places: readonly number[];
  let ends: readonly number[];
  const bent = () => join(folder, 'bent.sqlite');

  beforeAll(() => {
    const clock = createFakeClock();
    const parts = storeParts(join(folder, 'compacted'), { signer, clock });
    const store = mustOpen(parts);
    fillForDays(store, clock, { days: 10 });
    all = [...store.entries()];
    store.advanceCursor('province', store.head().seq);
    expect(store.compact({ ...ALL_OLD, maxEntries: 60 }).kind).toBe('compacted');
    expect(store.compact({ ...ALL_OLD, maxEntries: 60 }).kind).toBe('compacted');
    store.close();
    journal = join(parts.folder, 'journal.sqlite');
    expect(existsSync(`${journal}-wal`)).toBe(false);
    bytes = readFileSync(journal);
    const db = new Database(journal, { readonly: true });
    ends = db.prepare<[], number>('SELECT to_seq FROM segment ORDER BY to_seq').pluck().all();
    const texts = db
      .prepare<[], string>(
        'SELECT service_key || invitation FROM rating UNION ALL SELECT invitation || service_key FROM invitation',
      )
      .pluck()
      .all();
    const counts = db.prepare<[], string>('SELECT counts FROM segment').pluck().all();
    db.close();
    // The numbers and hashes of a segment stand before its counts.
    const before = counts.flatMap((text) => [0, -60, -120, -170].map((back) => bytes.indexOf(text) + back));
    places = [...texts.map((text) => bytes.indexOf(text)), ...before].filter((at) => at > 0);
    expect(places.length).toBeGreaterThan(20);
  });

  function judge(at: number, value: number): VerifyReport {
    const changed = Buffer.from(bytes);
    changed[at] = value;
    writeFileSync(bent(), changed);
    return verifyPath({ path: bent(), publicKey: signer.publicKey });
  }

  it('with any byte changed in what stands in for the rest is a sentence', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        fc.oneof(
          // The header of a row, which says of what kind each column is.
          {
            weight: 3,
            arbitrary: fc.tuple(fc.integer({ min: -12, max: -1 }), fc.integer({ min: 0, max: 15 })),
          },
          {
            weight: 1,
            arbitrary: fc.tuple(fc.integer({ min: -12, max: 200 }), fc.integer({ min: 0, max: 255 })),
          },
        ),
        (place, [offset, value]) => {
          const report = judge(place + offset, value);
          expect(sentenceOf(report)).not.toBe('');
          expect(sentenceOf(report)).not.toMatch(/NaN|undefined/);
        },
      ),
      { numRuns: 120 },
    );
  }, 60_000);

  it('with a level that has become text is bad', () => {
    const found = places.flatMap((place) =>
      [-8, -7, -6, -5, -4].filter((offset) => bytes[place + offset] === 1).map((offset) => place + offset),
    );
    const reports = found.slice(0, 8).map((at) => judge(at, 0x0f));
    expect(reports.map(({ verdict }) => verdict)).not.toContain('good');
  });

  it.each(['level', 'from_seq'])(
    'with another name where its tables are described (%s) is a damaged file, and no entry is blamed',
    (name) => {
      const at = bytes.toString('latin1').search(new RegExp(`\\b${name} +INTEGER`));
      expect(at).toBeGreaterThan(0);
      const report = judge(at, 'x'.charCodeAt(0));
      expect(report).toMatchObject({ verdict: 'bad', problem: 'damaged', seq: null });
      expect(sentenceOf(report)).toMatch(/^The file is damaged .*no such column/);
    },
  );

  it('with another name beside the description of its totals is a bent table, and no entry is missing', () => {
    writeFileSync(bent(), bytes);
    const db = new Database(bent());
    db.unsafeMode();
    db.pragma('writable_schema = ON');
    db.exec("UPDATE sqlite_schema SET name = 'segmenT' WHERE type = 'table' AND name = 'segment'");
    db.close();
    const report = verifyPath({ path: bent(), publicKey: signer.publicKey });
    expect(report).toMatchObject({ verdict: 'bad', problem: 'schema', seq: null });
    expect(sentenceOf(report)).toMatch(/segment/);
  });

  it('is not called good where what somebody has seen is gone and cannot be compared', async () => {
    const [end = 0] = ends;
    const hashOf = (seq: number) => all.find((entry) => entry.seq === seq)?.hash ?? '';
    expect(await verify(journal, `--head=${end}:${hashOf(end)}`)).toMatchObject({ code: 0 });
    expect(await verify(journal, `--head=${end}:${'f'.repeat(64)}`)).toMatchObject({ code: 1 });
    for (const hash of [hashOf(50), 'f'.repeat(64)]) {
      const { code, out } = await verify(journal, `--head=50:${hash}`);
      expect(out).toMatch(/^Entry 50 .*compacted.*cannot be compared/);
      expect(code).toBe(2);
    }
    const { code, out } = await verify(journal, `--head=50:${hashOf(50)}`, `--head=9999:${'f'.repeat(64)}`);
    expect(out).toMatch(/missing/);
    expect(code).toBe(1);
  });

  it('against another journal: what was compacted later is covered by the end of its segment, and by nothing else', async () => {
    const against = join(folder, 'against.ndjson');
    const write = (upTo: number) =>
      writeFileSync(
        against,
        all
          .filter(({ seq }) => seq <= upTo)
          .map(({ prev: _, body, ...entry }) => `${JSON.stringify({ ...entry, body: JSON.parse(body) })}\n`)
          .join(''),
      );
    const [end = 0, last = 0] = ends;
    for (const upTo of [all.length, last, end]) {
      write(upTo);
      expect(await verify(journal, `--against=${against}`)).toMatchObject({ code: 0 });
      // What two have seen is asked of both.
      const other = await verify(journal, `--head=1:${'f'.repeat(64)}`, `--against=${against}`);
      expect(other).toMatchObject({ code: 1, out: expect.stringMatching(/^Entry 1 is another/) });
    }
    for (const upTo of [end + 3, end - 3]) {
      write(upTo);
      const { code, out } = await verify(journal, `--against=${against}`);
      expect(out).toMatch(new RegExp(`^Entry ${upTo} .*cannot be compared`));
      expect(code).toBe(2);
    }
  });
});

describe('a journal with an entry of a kind that only a later version knows', () => {
  it('is not called bad: its chain is checked, and what was not is said', async () => {
    const data = join(folder, 'later');
    const store = mustOpen(storeParts(data, { signer }));
    rateOnce(store, 's1', 5);
    const { seq, hash: prev } = store.head();
    const last = [...store.entries()].at(-1);
    store.close();
    const next = { id: 'a', kind: 'rating.corrected', at: last?.at ?? 0, boot: last?.boot ?? '', mono: 1e9 };
    const body = canonicalText({ later: true });
    const hash = Buffer.from(entryHash(signer.suite, prev, seq + 1, next, body), 'hex');
    const db = new Database(join(data, 'journal.sqlite'));
    db.prepare(
      'INSERT INTO journal (seq, id, kind, at, boot, mono, body, prev, hash, sig) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ).run(seq + 1, ...Object.values(next), body, Buffer.from(prev, 'hex'), hash, signer.sign(hash));
    db.close();

    const { code, out } = await verify(data);
    expect(out).toMatch(
      new RegExp(`^Entry ${seq + 1} is a rating.corrected, which this version does not know`),
    );
    expect(out).not.toMatch(/worked on the file/);
    expect(code).toBe(2);

    const evidence = openEvidence(join(data, 'journal.sqlite'));
    if (!evidence.ok) throw new Error(evidence.detail);
    const file = join(folder, 'later.ndjson');
    const lines = [...evidence.evidence.entries()].map(({ prev: _, body, ...entry }) =>
      JSON.stringify({ ...entry, body: JSON.parse(body) }),
    );
    evidence.evidence.close();
    writeFileSync(file, lines.join('\n'));
    expect(await verify(file)).toMatchObject({
      code: 0,
      out: expect.stringMatching(new RegExp(`^Good.*\nEntry ${seq + 1} is a rating.corrected, .*meaning`)),
    });

    const bent = new Database(join(data, 'journal.sqlite'));
    bent.exec('DROP TRIGGER journal_never_changes');
    bent.close();
    expect(await verify(data)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/journal_never_changes/),
    });
  });
});

it('a backup that was replaced by an older one under its own name is found, in its folder and alone', async () => {
  const data = join(folder, 'backed-up');
  const store = mustOpen(storeParts(data, { signer }));
  rateOnce(store, 's1', 5);
  const old = store.head().seq;
  const older = join(folder, 'older.sqlite');
  await store.copyTo(older, () => 100);
  rateOnce(store, 's2', 5);
  const { seq } = store.head();
  mkdirSync(join(data, 'backup'));
  const backup = join(data, 'backup', `journal-${String(seq).padStart(12, '0')}-20260501T010203456Z.sqlite`);
  await store.copyTo(backup, () => 100);
  store.close();
  expect(await verify(backup)).toMatchObject({ code: 0 });
  copyFileSync(older, backup);
  for (const path of [backup, data]) {
    const { code, out } = await verify(path);
    expect(out).toMatch(
      new RegExp(`Entry ${old + 1} is missing: .*ends at entry ${old}, .*name says ${seq}`),
    );
    expect(code).toBe(1);
  }
});
