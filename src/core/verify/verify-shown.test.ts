import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mustOpen, newFolder, newSigner, rateOnce, storeParts } from '../../../test/support/store-parts.ts';
import type { StoredEntry } from '../../shared/journal/verify.ts';
import { runVerifyCommand } from './verify-command.ts';

/** What stands in a file is shown, and never works on the terminal of the one who checks it. */
let folder: string;
let remove: () => void;
let entries: readonly StoredEntry[];
let journal: string;
const signer = newSigner();
const verify = (...argv: string[]) =>
  runVerifyCommand([...argv, `--key=${Buffer.from(signer.publicKey).toString('base64')}`], 'en_GB.UTF-8');

beforeAll(() => {
  ({ folder, remove } = newFolder());
  const store = mustOpen(storeParts(join(folder, 'data'), { signer }));
  for (const name of ['s1', 's2', 's3']) rateOnce(store, name, 4);
  entries = [...store.entries()];
  store.close();
  journal = join(folder, 'data', 'journal.sqlite');
});
afterAll(() => remove());

/** An export in which one entry is of another kind. */
function kindOf7(kind: string): string {
  const file = join(folder, 'bent.ndjson');
  const lines = entries.map(({ prev: _, body, ...entry }) => ({
    ...entry,
    body: JSON.parse(body),
    ...(entry.seq === 7 ? { kind } : {}),
  }));
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return file;
}

function bentJournal(...sql: readonly string[]): string {
  const file = join(folder, 'bent.sqlite');
  copyFileSync(journal, file);
  const db = new Database(file);
  db.unsafeMode(true);
  for (const statement of sql) db.exec(statement);
  db.close();
  return file;
}

/** Everything that moves the cursor, turns the line round or cannot be seen; the end of a line excepted. */
const WORKS = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const wipe = (start: string) => `${start}[2K\rGood: 13 entries, none missing\n${start}[8m`;

describe('a sentence on the terminal', () => {
  it.each([
    ['an escape sequence', wipe('\u001b'), '\\u001b[2K\\rGood: 13 entries, none missing\\n\\u001b[8m'],
    ['the same in one character', wipe('\u009b'), '\\u009b[2K\\rGood: 13 entries, none missing\\n\\u009b[8m'],
    ['a backspace and a delete', 'a\b\u007fb', 'a\\b\\u007fb'],
    ['another end of the line', 'a\u0085b\u2028c\u2029d', 'a\\u0085b\\u2028c\\u2029d'],
    ['text that runs the other way', '\u202edooG\u2066x\u061c', '\\u202edooG\\u2066x\\u061c'],
    [
      'blanks and joiners that look like nothing',
      'a\u034f\u3164\u115f\ufe0f\u2800b',
      'a\\u034f\\u3164\\u115f\\ufe0f\\u2800b',
    ],
    ['what nobody sees', 'a\u200b\ufeff\u{e0041}b', 'a\\u200b\\ufeff\\u{e0041}b'],
  ])('shows %s for what it is', async (_name, kind, shown) => {
    const { code, out } = await verify(kindOf7(kind));
    expect(out).toBe(`Entry 7 (${shown}) was changed: its content does not give its hash.\n`);
    expect(code).toBe(1);
  });

  it('leaves what people write as it is', async () => {
    for (const kind of ['评价·已选（一）', 'é ñ 🙂', 'C:\\data\\"x"']) {
      const { out } = await verify(kindOf7(kind));
      expect(out).toBe(`Entry 7 (${kind}) was changed: its content does not give its hash.\n`);
    }
  });

  it('keeps both its ends, however long what stands in the file is', async () => {
    for (const piece of ['a', '🙂', '\u001b', ' ']) {
      const { out } = await verify(kindOf7(piece.repeat(100_000)));
      expect(out).toMatch(/^Entry 7 \([^()]*…[^()]*\) was changed: its content does not give its hash\.\n$/u);
      expect(out.length).toBeLessThan(700);
      expect(out.isWellFormed()).toBe(true);
    }
  });

  it('is one line also where a name or a message of the database is not', async () => {
    const name = `x${wipe('\u001b')}`;
    const table = await verify(bentJournal(`CREATE TABLE "${name}" (y)`));
    expect(table.out).toMatch(/^Every entry verifies, but "x\\u001b\[2K\\rGood.*worked on the file\.\n$/);
    const unreadable = await verify(
      bentJournal(
        'PRAGMA writable_schema = ON',
        `INSERT INTO sqlite_schema VALUES ('table', '${name}', '${name}', 0, 'CREATE TABLE nonsense (')`,
      ),
    );
    expect(unreadable.out).toMatch(/^The file is damaged \(.*x\\u001b\[2K\\rGood.*\n$/);
    const path = join(folder, `nothing${wipe('\u001b')}`);
    const { out } = await verify(path);
    for (const text of [table.out, unreadable.out, out]) {
      expect(text.split('\n')).toHaveLength(2);
      expect(text).not.toMatch(WORKS);
    }
    const long = await verify(bentJournal(`CREATE TABLE "${'y'.repeat(50_000)}" (y)`));
    expect(long.out).toMatch(/^Every entry verifies, but "y+…y+" of .*worked on the file\.\n$/);
    expect(long.out.length).toBeLessThan(1_500);
  });

  it('says what it cannot read of the command line in the same way', async () => {
    const { out } = await verify(folder, `--head=\u001b[2K\rGood`);
    expect(out).toMatch(/^--head \\u001b\[2K\\rGood is not/);
  });
});

it('a report for programs says the same values, and shows nothing that works on a terminal', async () => {
  const kind = `${wipe('\u009b')}\u2028\u202e\u{e0041}\u007f\ud83d\ude42`;
  const { out } = await verify(kindOf7(kind), '--json');
  expect(out).not.toMatch(WORKS);
  expect(JSON.parse(out)).toMatchObject({
    verdict: 'bad',
    seq: 7,
    sentence: { en: `Entry 7 (${kind}) was changed: its content does not give its hash.` },
  });
});
