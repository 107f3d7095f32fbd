import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../../test/support/fake-clock.ts';
import { ALL_OLD, fillForDays } from '../../../test/support/old-journal.ts';
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
import type { Store } from '../../store/store.ts';
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

describe('where the entry of that kind was compacted', () => {
  const clock = createFakeClock();
  let stretch: { readonly fromSeq: number; readonly toSeq: number };

  beforeEach(() => {
    data = join(folder, 'compacted');
    const parts = storeParts(data, { signer, clock });
    const first = rated(mustOpen(parts));
    withJournal((db) => append(db, 'rating.annulled', { serviceKey: first.serviceKey, why: 'by order' }));
    const store = mustOpen(parts);
    fillForDays(store, clock, { days: 2 });
    store.advanceCursor('province', store.head().seq);
    const done = store.compact(ALL_OLD);
    if (done.kind !== 'compacted') throw new Error(`nothing was compacted: ${done.kind}`);
    stretch = done;
    entries = [...store.entries()];
    store.close();
  });

  function rated(store: Store) {
    const service = rateOnce(store, 's1', 5);
    entries = [...store.entries()];
    store.close();
    return service;
  }

  function withJournal(act: (db: Database.Database) => void): void {
    const db = new Database(join(data, 'journal.sqlite'));
    act(db);
    db.close();
  }

  /** @returns the second choice. */
  function rateAgain(): number {
    const second = newService('s1');
    withJournal((db) => {
      for (const { kind, body } of [drafts.opened(second), drafts.chosen(second, 3)]) append(db, kind, body);
    });
    return entries.at(-1)?.seq ?? 0;
  }

  it('nobody is accused of a second rating: the stretch is named', async () => {
    const second = rateAgain();
    const { fromSeq, toSeq } = stretch;
    const { code, out } = await verify(data);
    expect(out).toMatch(
      new RegExp(
        `^Among the entries ${fromSeq} to ${toSeq}, .*is a rating\\.annulled, which this version does not know.* entry ${second} `,
      ),
    );
    expect(code).toBe(2);
    const chinese = await verify(data, '--lang=zh-CN');
    expect(chinese.out).toMatch(
      new RegExp(`^第 ${fromSeq} 至 ${toSeq} 条.*rating\\.annulled.*第 ${second} 条`),
    );
  });

  it('the tables cannot be compared, and that is said', async () => {
    const { code, out } = await verify(data);
    expect(out).toMatch(
      /^Among the entries 2 to \d+, .*rating\.annulled, .*tables "rating" and "invitation"/,
    );
    expect(code).toBe(2);
  });

  it('what is bad whatever that kind means stays bad, and the totals vouch for nothing that was put into them', async () => {
    rateAgain();
    withJournal((db) => {
      db.exec('DROP TRIGGER IF EXISTS segment_never_changes');
      db.exec(`UPDATE segment SET counts = replace(counts, 'rating.annulled', 'rating.pardoned')`);
    });
    const { code, out } = await verify(data);
    expect(out).toMatch(/were compacted, and what stands for them is not right/);
    expect(code).toBe(1);
  });
});
