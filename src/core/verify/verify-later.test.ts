import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  drafts,
  mustOpen,
  newFolder,
  newService,
  newSigner,
  rateOnce,
  storeParts,
} from '../../../test/support/store-parts.ts';
import { canonicalText, entryHash } from '../../shared/journal/chain.ts';
import type { StoredEntry } from '../../shared/journal/verify.ts';
import { runVerifyCommand } from './verify-command.ts';

/** A later version annuls a rating, and the service is rated again: this version cannot know whether it may be. */
let folder: string;
let remove: () => void;
let data: string;
let entries: StoredEntry[];
/** The first entry of what the later version wrote, and the second choice. */
let [later, again] = [0, 0];
const signer = newSigner();
const verify = (...argv: string[]) =>
  runVerifyCommand([...argv, `--key=${Buffer.from(signer.publicKey).toString('base64')}`], 'en_GB.UTF-8');
const unjudged = () =>
  new RegExp(`^Entry ${later} is a rating\\.annulled, which this version does not know.* entry ${again} `);

beforeEach(() => {
  ({ folder, remove } = newFolder());
  data = join(folder, 'data');
  const store = mustOpen(storeParts(data, { signer }));
  const first = rateOnce(store, 's1', 5);
  entries = [...store.entries()];
  store.close();
  const second = newService('s1');
  const db = new Database(join(data, 'journal.sqlite'));
  later = entries.length + 1;
  for (const { kind, body } of [
    { kind: 'rating.annulled', body: { serviceKey: first.serviceKey, why: 'by order' } },
    drafts.opened(second),
    drafts.chosen(second, 3),
  ])
    append(db, kind, body);
  db.close();
  again = entries.length;
});
afterEach(() => remove());

function append(db: Database.Database, kind: string, body: unknown): void {
  const last = entries.at(-1);
  if (!last) throw new Error('the journal is empty');
  const seq = last.seq + 1;
  const place = { id: `id-${seq}`, kind, at: last.at + 1, boot: last.boot, mono: last.mono + 1 };
  const text = canonicalText(body);
  const hash = entryHash(signer.suite, last.hash, seq, place, text);
  const [bytes, prev] = [Buffer.from(hash, 'hex'), Buffer.from(last.hash, 'hex')];
  const sig = Buffer.from(signer.sign(bytes));
  db.prepare(
    'INSERT INTO journal (seq, id, kind, at, boot, mono, body, prev, hash, sig) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  ).run(seq, ...Object.values(place), text, prev, bytes, sig);
  entries.push({ seq, ...place, body: text, prev: last.hash, hash, sig: sig.toString('base64') });
}

function exported(list: readonly StoredEntry[]): string {
  const file = join(folder, 'later.ndjson');
  const lines = list.map(({ prev: _, body, ...entry }) =>
    JSON.stringify({ ...entry, body: JSON.parse(body) }),
  );
  writeFileSync(file, lines.join('\n'));
  return file;
}

it('nobody is accused of a second rating, in a journal or in an export', async () => {
  for (const path of [data, exported(entries)]) {
    const { code, out } = await verify(path);
    expect(out).toMatch(unjudged());
    expect(code).toBe(2);
  }
  const { out } = await verify(data, '--lang=zh-CN');
  expect(out).toMatch(new RegExp(`^第 ${later} 条记录（rating\\.annulled）.*第 ${again} 条`));
});

it('what is bad whatever that kind means stays bad', async () => {
  const db = new Database(join(data, 'journal.sqlite'));
  db.exec('DROP TRIGGER journal_never_changes');
  db.close();
  const file = await verify(data);
  expect(file.out).toMatch(/journal_never_changes/);
  expect(file.code).toBe(1);

  const bent = entries.map((entry) => (entry.seq === again ? { ...entry, at: 7 } : entry));
  const chain = await verify(exported(bent));
  expect(chain.out).toMatch(new RegExp(`^Entry ${again} .*was changed`));
  expect(chain.code).toBe(1);
});
