import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { entryHash } from '../../src/shared/journal/chain.ts';
import { createRestorer, listBackups, markDamaged, openStore } from '../../src/store/store.ts';
import {
  backUp,
  cleanUp,
  expectWhole,
  names,
  open,
  rateAll,
  rootOf,
  type Site,
  site,
} from '../support/bent-journal.ts';
import { seededRandom } from '../support/fault-proxy-draw.ts';
import { rateOnce, serviceKey } from '../support/store-parts.ts';

/** Single bits of a worn-out disk, mostly where SQLite checks nothing: in the header, the schema, a row. */
afterEach(cleanUp);

const PAGE = 4096;
const SEED = 20261122;

/** Copies of a database, each with one bit of its first page or of a page with its schema flipped. */
function* flipped(bytes: Buffer, count: number): Generator<readonly [string, Buffer]> {
  const random = seededRandom(SEED);
  const below = (end: number) => Math.floor(random() * end);
  const pages = Array.from({ length: bytes.length / PAGE }, (_, page) => page).filter(
    (page) => page === 0 || bytes.subarray(page * PAGE, (page + 1) * PAGE).includes('CREATE T'),
  );
  // Names of columns: SQLite reads a schema with a bent one, and does not know our statements any more.
  const columns = pages.flatMap((page) =>
    ['body', 'acked_seq', 'service_key', 'to_seq'].flatMap((name) => {
      const at = bytes.indexOf(name, page * PAGE);
      return at >= page * PAGE && at < (page + 1) * PAGE ? [at] : [];
    }),
  );
  for (let n = 0; n < count; n++) {
    const page = pages[below(pages.length)] ?? 0;
    const anywhere = page * PAGE + below(PAGE);
    // Half of them where every byte has a meaning: in the header, and in the names.
    const at = n % 4 === 0 ? below(100) : n % 4 === 1 ? (columns[below(columns.length)] ?? 0) : anywhere;
    const bit = below(8);
    const copy = Buffer.from(bytes);
    copy.writeUInt8(copy.readUInt8(at) ^ (1 << bit), at);
    yield [`bit ${bit} of byte ${at}`, copy];
  }
}

describe('a bit that flipped in the first pages', () => {
  it('of the journal gives a journal that opens or one to be put together again', {
    timeout: 60_000,
  }, () => {
    const here = site();
    const store = open(here.parts);
    rateAll(store, names(1, 12));
    store.close();
    const verdicts = new Map<string, number>();
    for (const [which, bytes] of flipped(readFileSync(here.journal), 200)) {
      for (const end of ['-wal', '-shm']) rmSync(`${here.journal}${end}`, { force: true });
      writeFileSync(here.journal, bytes);
      const opened = openStore(here.parts);
      if (opened.ok) opened.store.close();
      else expect(opened, which).toMatchObject({ problem: 'corrupt', damage: expect.any(String) });
      const verdict = opened.ok ? 'opens' : 'damaged';
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    }
    expect(verdicts.get('damaged')).toBeGreaterThan(40);
  });

  it('of the newest backup leaves a restore that ends, with that one or the one before', {
    timeout: 120_000,
  }, async () => {
    const here = site();
    const store = open(here.parts);
    rateAll(store, names(1, 5));
    await backUp(here, store);
    here.clock.advance(5_000);
    rateAll(store, names(6, 12));
    await backUp(here, store);
    store.close();
    const kept = listBackups(here.folder).map(({ file }) => ({ file, bytes: readFileSync(file) }));
    const [newest, older] = kept;
    if (!newest || !older) throw new Error('there are not two backups');
    const ends = new Map<number, number>();
    for (const [which, bytes] of flipped(newest.bytes, 24)) {
      for (const name of readdirSync(here.folder)) rmSync(join(here.folder, name), { recursive: true });
      mkdirSync(join(here.folder, 'backup'));
      writeFileSync(newest.file, bytes);
      writeFileSync(older.file, older.bytes);
      const result = await createRestorer({ ...here.parts, link: 'province' }).attempt('missing');
      expect(result, which).toMatchObject({ ok: true });
      const end = result.ok ? (result.restored?.backupHead?.seq ?? 0) : 0;
      ends.set(end, (ends.get(end) ?? 0) + 1);
      const opened = openStore(here.parts);
      expect(opened, which).toMatchObject({ ok: true });
      if (opened.ok) opened.store.close();
    }
    expect([...ends.keys()].sort((a, b) => a - b)).toEqual([21, 49]);
  });
});

/** One bit of a service's row beside the entries, in a journal that is closed: SQLite finds nothing wrong with it. */
function bendRow({ journal }: Site, invitation: string): void {
  const bytes = readFileSync(journal);
  const from = rootOf(journal, 'rating');
  const at = bytes.indexOf(invitation, from);
  expect(at).toBeLessThan(from + PAGE);
  bytes.writeUInt8(bytes.readUInt8(at + 8) ^ 0x02, at + 8);
  writeFileSync(journal, bytes);
}

it('a bent row that SQLite accepts does not come back with the backup that holds it', async () => {
  const here = site();
  const store = open(here.parts);
  const { invitation } = rateOnce(store, 's1');
  rateAll(store, names(2, 20));
  store.close();
  bendRow(here, invitation);
  const bent = open(here.parts);
  expect(await backUp(here, bent)).toMatchObject({ kind: 'made', headSeq: 81 });
  expect(bent.ratingOf(serviceKey('s1'))).toBe('unreadable');
  expect(bent.isDamaged()).toBe(true);
  markDamaged(here.folder, 'badMiddle', here.clock.nowMs());
  bent.close();

  const result = await createRestorer({ ...here.parts, link: 'province' }).attempt('badMiddle');
  expect(result).toMatchObject({ ok: true, restored: { backupHead: { seq: 81 }, lostAfterSeq: 81 } });
  const again = open(here.parts);
  expect(again.ratingOf(serviceKey('s1'))).toMatchObject({ invitation, settled: true });
  expect(again.isDamaged()).toBe(false);
  expectWhole(again, here, names(1, 20));
});

it('a backup with an entry of a later version’s kind is no bent one: it is used, and the entry stays', async () => {
  const here = site();
  const store = open(here.parts);
  rateAll(store, names(1, 5));
  const { seq, hash: prev } = store.head();
  store.close();
  const { signer } = here.parts;
  const entry = { id: 'later', kind: 'rating.corrected', at: here.clock.nowMs(), boot: 'b', mono: 1e9 };
  const hash = Buffer.from(entryHash(signer.suite, prev, seq + 1, entry, '{}'), 'hex');
  const db = new Database(here.journal);
  db.prepare(
    'INSERT INTO journal (seq, id, kind, at, boot, mono, body, prev, hash, sig) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  ).run(seq + 1, ...Object.values(entry), '{}', Buffer.from(prev, 'hex'), hash, signer.sign(hash));
  db.close();
  const later = open(here.parts);
  expect(await backUp(here, later)).toMatchObject({ kind: 'made', headSeq: seq + 1 });
  later.close();
  rmSync(here.journal);

  const result = await createRestorer({ ...here.parts, link: 'province' }).attempt('missing');
  expect(result).toMatchObject({ ok: true, restored: { backupHead: { seq: seq + 1 } } });
  expect([...open(here.parts).entries()].at(-2)).toMatchObject({ kind: 'rating.corrected' });
});
