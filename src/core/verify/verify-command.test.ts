import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mustOpen, newFolder, newSigner, rateOnce, storeParts } from '../../../test/support/store-parts.ts';
import { receiptCode } from '../../shared/journal/receipt.ts';
import type { Signer } from '../../shared/journal/suite.ts';
import { loadSigner, makePrivateKey } from '../../shared/journal/suites.ts';
import type { Store } from '../../store/store.ts';
import { runVerifyCommand } from './verify-command.ts';

let folder: string;
let remove: () => void;
let signer: Signer;
let store: Store;
const file = () => join(folder, 'journal.sqlite');
const key = () => `--key=${Buffer.from(signer.publicKey).toString('base64')}`;
const verify = (...argv: string[]) => runVerifyCommand(argv, 'en_GB.UTF-8');
const headText = () => `${store.head().seq}:${store.head().hash}`;

beforeEach(() => {
  ({ folder, remove } = newFolder());
  signer = newSigner();
  store = mustOpen(storeParts(folder, { signer }));
  for (const name of ['s1', 's2', 's3']) rateOnce(store, name, 4);
});
afterEach(() => {
  store.close();
  remove();
});

/** As somebody would who owns the machine: the guards go and come back. */
function bend(sql: string): void {
  store.close();
  const db = new Database(file());
  const triggers = db
    .prepare<[], { name: string; sql: string }>("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
    .all();
  for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
  db.exec(sql);
  for (const trigger of triggers) db.exec(trigger.sql);
  db.close();
}

function exportFile(name: string, entries = [...store.entries()]): string {
  const path = join(folder, name);
  const lines = entries.map(({ prev: _, body, ...entry }) => ({ ...entry, body: JSON.parse(body) }));
  const { seq, hash } = store.head();
  const header = { export: { format: 1, deviceId: 'x', headSeq: seq, headHash: hash } };
  writeFileSync(path, [header, ...lines].map((line) => `${JSON.stringify(line)}\n`).join(''));
  return path;
}

describe('a journal under the national algorithms', () => {
  it('is checked by its own suite, which it names itself', async () => {
    store.close();
    remove();
    ({ folder, remove } = newFolder());
    signer = await loadSigner('sm2-sm3', await makePrivateKey('sm2-sm3'));
    store = mustOpen(storeParts(folder, { signer }));
    rateOnce(store, 's1', 4);
    expect(await verify(folder, key())).toMatchObject({ code: 0 });
    bend(
      "UPDATE journal SET body = replace(body, '\"level\":4', '\"level\":5') WHERE kind = 'rating.chosen'",
    );
    expect(await verify(folder, key())).toMatchObject({ code: 1, out: expect.stringContaining('ntry 3') });
  });
});

describe('a good journal', () => {
  it('is good as a folder, as a file, as an export, also while the kiosk holds it open', async () => {
    for (const path of [folder, file(), exportFile('a.ndjson')]) {
      const { code, out } = await verify(path, key(), `--head=${headText()}`);
      expect(out).toMatch(
        /^Good: 13 entries of .* 3 ratings, none missing, none changed; head 13:[0-9a-f]{64}\.\n$/,
      );
      expect(code).toBe(0);
    }
  });

  it('is left as it is, with nothing beside it', async () => {
    const names = readdirSync(folder);
    const bytes = names.map((name) => readFileSync(join(folder, name)).toString('hex'));
    expect((await verify(folder)).code).toBe(0);
    expect(readdirSync(folder)).toEqual(names);
    expect(names.map((name) => readFileSync(join(folder, name)).toString('hex'))).toEqual(bytes);
  });

  it('says that its key is its own word, unless the key is given', async () => {
    expect((await verify(folder)).out).toMatch(/own word.*--key/);
    expect((await verify(folder, key())).out).not.toMatch(/own word/);
  });

  it('speaks Chinese where people do, and JSON to programs', async () => {
    expect((await runVerifyCommand([folder], 'zh_CN.UTF-8')).out).toMatch(/^完好：/);
    expect((await verify(folder, '--lang=zh-CN')).out).toMatch(/^完好：/);
    expect(JSON.parse((await verify(folder, '--json')).out)).toMatchObject({
      verdict: 'good',
      entries: 13,
      ratings: 3,
    });
  });
});

describe('a folder with backups', () => {
  it('is checked with each of them, by name; older ones need not hold what was seen since', async () => {
    const backups = join(folder, 'backup');
    mkdirSync(backups);
    store.close();
    const [first, second] = [1, 2].map(
      (day) => `journal-${'13'.padStart(12, '0')}-2026050${day}T010203456Z.sqlite`,
    );
    for (const name of [first, second]) copyFileSync(file(), join(backups, name ?? ''));
    store = mustOpen(storeParts(folder, { signer }));
    rateOnce(store, 's4', 1);
    const { code, out } = await verify(folder, key(), `--head=${headText()}`);
    const lines = out.trim().split('\n');
    expect(lines.map((line) => line.slice(0, line.indexOf(' entries')))).toEqual([
      'journal.sqlite: Good: 17',
      `backup/${second}: Good: 13`,
      `backup/${first}: Good: 13`,
    ]);
    expect(code).toBe(0);

    const bent = new Database(join(backups, first ?? ''));
    bent.exec('DROP TRIGGER journal_never_changes');
    bent.close();
    const again = await verify(`${backups}/`, key(), '--json');
    expect(
      again.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { file: `backup/${second}`, verdict: 'good' },
      { file: `backup/${first}`, verdict: 'bad', problem: 'schema' },
    ]);
    expect(again.code).toBe(1);
    expect((await verify(backups, `--against=${file()}`)).code).toBe(2);
  });
});

describe('a bent journal: the first bad record is named', () => {
  it.each([
    [
      'a changed level',
      `UPDATE journal SET body = replace(body, '"level":4', '"level":5') WHERE seq = 7`,
      /Entry 7 .*changed/,
    ],
    ['an entry taken out', 'DELETE FROM journal WHERE seq = 6', /Entry 6 is missing/],
    [
      'a signature taken for another',
      'UPDATE journal SET sig = zeroblob(64) WHERE seq = 3',
      /signature on entry 3/,
    ],
    ['a column that keeps to no type', 'UPDATE journal SET boot = 7 WHERE seq = 5', /Entry 5 .*changed/],
    [
      'a rating added to what the journal says',
      `UPDATE rating SET level = 1 WHERE service_key = 's2'`,
      /table "rating"/,
    ],
    ['an invitation closed otherwise', `UPDATE invitation SET outcome = 'declined'`, /table "invitation"/],
    ['a table more', 'CREATE TABLE shadow (x)', /"shadow" of the database/],
    ['everything deleted', 'DELETE FROM journal', /Entry 1 is missing/],
  ])('%s', async (_name, sql, sentence) => {
    bend(sql);
    const { code, out } = await verify(folder, key());
    expect(out).toMatch(sentence);
    expect(code).toBe(1);
  });

  it('guards that were taken away', async () => {
    store.close();
    const db = new Database(file());
    db.exec('DROP TRIGGER journal_never_changes');
    db.close();
    expect(await verify(folder)).toMatchObject({
      code: 1,
      out: expect.stringContaining('"journal_never_changes"'),
    });
  });

  it('a journal of another key', async () => {
    const other = Buffer.from(newSigner().publicKey).toString('base64');
    expect(await verify(folder, `--key=${other}`)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/signature on entry 1 is not/),
    });
  });

  it('a database that is none any more', async () => {
    store.close();
    writeFileSync(file(), Buffer.alloc(8192, 7));
    expect(await verify(folder)).toMatchObject({ code: 1, out: expect.stringMatching(/file is damaged/) });
  });
});

describe('what only others can know', () => {
  it('a cut tail and an old copy put back, against the head, a receipt, or an export', async () => {
    const copy = join(folder, 'old.sqlite');
    store.close();
    store = mustOpen(storeParts(folder, { signer }));
    copyFileSync(file(), copy);
    const cutAt = store.head().seq + 1;
    rateOnce(store, 's4', 1);
    const settled = [...store.entries()].findLast(({ kind }) => kind === 'rating.settled');
    const receipt = receiptCode(settled?.hash ?? '');
    expect((await verify(folder, `--receipt=${receipt}`)).code).toBe(0);
    const whole = exportFile('whole.ndjson');

    expect((await verify(copy)).code).toBe(0);
    for (const seen of [`--head=${headText()}`, `--receipt=${receipt}`, `--against=${whole}`]) {
      const { code, out } = await verify(copy, seen);
      expect(out).toMatch(seen.startsWith('--receipt') ? receipt : `Entry ${cutAt} is missing`);
      expect(code).toBe(1);
    }
  });

  it('an export that was cut on its way knows it by its own first line', async () => {
    const cut = exportFile('cut.ndjson', [...store.entries()].slice(0, -3));
    expect(await verify(cut)).toMatchObject({ code: 1, out: expect.stringMatching(/Entry 11 is missing/) });
    writeFileSync(cut, readFileSync(cut).subarray(0, -20));
    expect(await verify(cut)).toMatchObject({ code: 1, out: expect.stringMatching(/Line 11 of the export/) });
  });
});

describe('nothing that can be checked', () => {
  it.each([
    ['no name', () => []],
    ['two names', () => [folder, folder]],
    ['an unknown option', () => [folder, '--frobnicate']],
    ['a head that is none', () => [folder, '--head=5']],
    ['two heads of one entry', () => [folder, `--head=5:${'a'.repeat(64)}`, `--head=5:${'b'.repeat(64)}`]],
    ['a receipt that is none', () => [folder, '--receipt=XYZ']],
    ['a key that is none', () => [folder, '--key=!!']],
    ['a key that was not copied whole', () => [folder, key().slice(0, -8)]],
    ['a file that is not there', () => [join(folder, 'nothing')]],
    ['a folder without a journal', () => ['/']],
    ['nothing to compare with', () => [folder, `--against=${join(folder, 'nothing')}`]],
    ['any other file', () => [join(import.meta.dirname, 'verify-command.ts')]],
  ])('%s', async (_name, argv) => {
    const { code, out } = await verify(...argv());
    expect(out).not.toBe('');
    expect(code).toBe(2);
  });
});
