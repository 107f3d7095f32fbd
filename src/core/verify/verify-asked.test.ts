import { copyFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mustOpen, newFolder, newSigner, rateOnce, storeParts } from '../../../test/support/store-parts.ts';
import type { Signer } from '../../shared/journal/suite.ts';
import type { StoredEntry } from '../../shared/journal/verify.ts';
import type { Store } from '../../store/store.ts';
import { runVerifyCommand } from './verify-command.ts';

/** "Good" is said only where everything that was asked has been looked at. */
let folder: string;
let remove: () => void;
let signer: Signer;
let store: Store;
let data: string;
const verify = (...argv: string[]) =>
  runVerifyCommand([...argv, `--key=${Buffer.from(signer.publicKey).toString('base64')}`], 'en_GB.UTF-8');
const NOBODYS = 'f'.repeat(64);

beforeEach(() => {
  ({ folder, remove } = newFolder());
  signer = newSigner();
  data = join(folder, 'data');
  store = mustOpen(storeParts(data, { signer }));
  for (const name of ['s1', 's2', 's3']) rateOnce(store, name, 4);
});
afterEach(() => {
  store.close();
  remove();
});

describe('--against', () => {
  const other = (header: object | undefined, entries: readonly StoredEntry[]): string => {
    const file = join(folder, 'other.ndjson');
    const lines = entries.map(({ prev: _, body, ...entry }) => ({ ...entry, body: JSON.parse(body) }));
    const all = header ? [header, ...lines] : lines;
    writeFileSync(file, all.map((line) => `${JSON.stringify(line)}\n`).join(''));
    return `--against=${file}`;
  };
  const headOf = (headSeq: number, headHash: string) => ({
    export: { format: 1, deviceId: 'x', headSeq, headHash },
  });

  it('an export that was cut still says by its first line how far the journal went', async () => {
    const entries = [...store.entries()].slice(0, 3);
    const { seq, hash } = store.head();
    expect(await verify(data, other(headOf(seq, hash), entries))).toMatchObject({ code: 0 });
    const further = await verify(data, other(headOf(seq + 100, NOBODYS), entries));
    expect(further.out).toMatch(
      new RegExp(`^Entry ${seq + 1} is missing: .*entry ${seq + 100} has been seen`),
    );
    expect(further.code).toBe(1);
    const otherwise = await verify(data, other(headOf(seq, NOBODYS), entries));
    expect(otherwise.out).toMatch(new RegExp(`^Entry ${seq} is another one`));
    expect(otherwise.code).toBe(1);
  });

  it.each([
    ['nothing but a first line', () => other(headOf(store.head().seq + 100, NOBODYS), [])],
    ['a first line of a device that has delivered nothing', () => other(headOf(0, '0'.repeat(64)), [])],
    ['an empty page', () => other({ entries: [] }, [])],
    [
      'a journal without entries',
      () => {
        const file = join(folder, 'emptied.sqlite');
        store.close();
        copyFileSync(join(data, 'journal.sqlite'), file);
        const db = new Database(file);
        db.exec('DROP TRIGGER journal_never_shrinks; DELETE FROM journal');
        db.close();
        return `--against=${file}`;
      },
    ],
  ])('%s is nothing to compare with', async (_name, against) => {
    const { code, out } = await verify(data, against());
    expect(out).toMatch(/^There is nothing to compare with in .* It holds no entry/);
    expect(code).toBe(2);
  });
});

describe('a folder of backups', () => {
  const backUp = async (into: string, stamp = '20260501T010203456Z') => {
    mkdirSync(into, { recursive: true });
    const file = join(into, `journal-${String(store.head().seq).padStart(12, '0')}-${stamp}.sqlite`);
    await store.copyTo(file, () => 100);
    return file;
  };
  const linesOf = (out: string) => out.trim().split('\n');

  it('has not been asked about a head that lies beyond every one of them', async () => {
    const backups = join(data, 'backup');
    await backUp(backups);
    rateOnce(store, 's4', 4);
    await backUp(backups);
    const { seq, hash } = store.head();
    expect(await verify(backups, `--head=${seq}:${hash}`)).toMatchObject({ code: 0 });
    expect(await verify(backups, `--head=${seq}:${NOBODYS}`)).toMatchObject({ code: 1 });

    const beyond = [`--head=${seq + 4}:${NOBODYS}`, `--head=${seq}:${hash}`, `--head=${seq + 9}:${NOBODYS}`];
    const { code, out } = await verify(backups, ...beyond);
    const [newest, older, ...rest] = linesOf(out);
    expect([newest, older]).toEqual([
      expect.stringMatching(/: Good: 17/),
      expect.stringMatching(/: Good: 13/),
    ]);
    expect(rest).toEqual([
      expect.stringMatching(new RegExp(`^backup: Entry ${seq + 4} .*no backup goes that far`)),
      expect.stringMatching(new RegExp(`^backup: Entry ${seq + 9} .*no backup goes that far`)),
    ]);
    expect(code).toBe(2);

    const json = await verify(backups, '--json', ...beyond.slice(0, 1));
    expect(linesOf(json.out).map((line) => JSON.parse(line))).toMatchObject([
      { verdict: 'good' },
      { verdict: 'good' },
      { file: 'backup', verdict: 'unusable' },
    ]);
    expect(json.code).toBe(2);
    // The journal beside them goes further, and is asked.
    expect(await verify(data, `--head=${seq}:${hash}`)).toMatchObject({ code: 0 });
    expect(await verify(data, `--head=${seq + 4}:${NOBODYS}`)).toMatchObject({ code: 1 });
  });

  it('is a data folder where a journal lies in it, whatever its name', async () => {
    await backUp(join(data, 'backup'));
    store.close();
    const named = join(folder, 'elsewhere', 'backup');
    cpSync(data, named, { recursive: true });
    const whole = /^journal\.sqlite: Good: 13 .*\nbackup\/journal-.*: Good: 13 .*\n$/;
    for (const path of [data, named, `${named}/`])
      expect(await verify(path)).toMatchObject({ code: 0, out: expect.stringMatching(whole) });

    const bent = new Database(join(named, 'backup', 'journal-000000000013-20260501T010203456Z.sqlite'));
    bent.exec('DROP TRIGGER journal_never_changes');
    bent.close();
    expect(await verify(named)).toMatchObject({ code: 1 });
  });

  it('is still one where it holds another of older copies', async () => {
    const backups = join(data, 'backup');
    await backUp(backups);
    await backUp(join(backups, 'backup'));
    store.close();
    const { code, out } = await verify(backups);
    expect(linesOf(out)).toEqual([
      expect.stringMatching(/^backup\/backup\/journal-.*: Good: 13/),
      expect.stringMatching(/^backup\/journal-.*: Good: 13/),
    ]);
    expect(code).toBe(0);
  });

  it('is checked whole also where somebody has laid a journal into it', async () => {
    const backups = join(data, 'backup');
    const file = await backUp(backups);
    store.close();
    const bent = new Database(file);
    bent.exec('DROP TRIGGER journal_never_changes');
    bent.close();
    copyFileSync(join(data, 'journal.sqlite'), join(backups, 'journal.sqlite'));
    const { code, out } = await verify(backups);
    expect(linesOf(out)).toEqual([
      expect.stringMatching(/^journal\.sqlite: Good: 13 /),
      expect.stringMatching(/^journal-000000000013-.*journal_never_changes/),
    ]);
    expect(code).toBe(1);
  });
});
