import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { type Connection, connect } from '../../src/store/connection.ts';
import { openFolder } from '../../src/store/opening.ts';
import { createRestorer, markDamaged, type Store } from '../../src/store/store.ts';
import {
  backUp,
  cleanUp,
  expectWhole,
  names,
  open,
  rateAll,
  type Site,
  site,
} from '../support/bent-journal.ts';
import { drafts } from '../support/store-parts.ts';

/** A disk that goes on losing sectors while the kiosk runs, and takes its time to say so for each. */
const BLOCK = 4096;
const realRead = fs.readSync;
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
  Object.assign(fs, { readSync: realRead });
  syncBuiltinESMExports();
  cleanUp();
});

/** Blocks of these files fail from now on, whatever they are called by then. @returns those that were asked for in vain. */
function loseBlocks(files: readonly string[], lost: (block: number) => boolean): readonly string[] {
  const named = new Map(files.map((file) => [fs.statSync(file).ino, basename(file)]));
  const inVain: string[] = [];
  const read = (fd: number, buffer: Buffer, offset: number, length: number, position: number): number => {
    const block = Math.floor(position / BLOCK);
    const name = named.get(fs.fstatSync(fd).ino);
    if (!name || !lost(block)) return realRead(fd, buffer, offset, length, position);
    inVain.push(`${name} ${block}`);
    throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' });
  };
  Object.assign(fs, { readSync: read });
  syncBuiltinESMExports();
  return inVain;
}

it('a damaged journal is asked once for each of its bad sectors, however often it is copied', async () => {
  const here = site();
  const store = open(here.parts);
  rateAll(store, names(1, 40));
  await backUp(here, store);
  rateAll(store, names(41, 60));
  store.close();
  const wal = `${here.journal}-wal`;
  fs.writeFileSync(wal, Buffer.alloc(40 * BLOCK, 7));
  // Its first page is read anew from a backup's, after two other ways were tried on copies of their own.
  const inVain = loseBlocks([here.journal, wal], (block) => block === 0 || block > 15);
  const { reason } = markDamaged(here.folder, 'unreadable', here.clock.nowMs());
  const result = await createRestorer({ ...here.parts, link: 'province' }).attempt(reason);
  expect(result).toMatchObject({ ok: true, restored: { backupHead: { seq: 161 } } });
  expect(inVain).toContain('journal.sqlite 0');
  expect(inVain).toContain('journal.sqlite-wal 39');
  expect(inVain).toHaveLength(new Set(inVain).size);
});

describe('a connection that the disk broke and does not let be made anew', () => {
  const ioError = () => new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_CORRUPTFS');

  /** Twenty services; the connection takes no more writes, and each new one fails as long as `isBroken`. */
  function brokenStore(isBroken: () => boolean): { readonly here: Site; readonly store: Store } {
    const here = site();
    let first: Connection | undefined;
    const opened = openFolder(here.parts, (file, options) => {
      if (first && isBroken()) throw ioError();
      const db = connect(file, options);
      first ??= db;
      return db;
    });
    if (!opened.ok) throw new Error(opened.message);
    const { store } = opened;
    rateAll(store, names(1, 20));
    // Who reads beside keeps the WAL where it is when a connection goes.
    const beside = connect(here.journal, { mustExist: true });
    cleanups.push(() => beside.close());
    beside.prepare('SELECT max(seq) FROM journal').get();
    first?.pragma('query_only = ON');
    for (let failures = 0; failures < 2; failures++)
      expect(store.append([drafts.paused(true)])).toMatchObject({ ok: false, reason: 'ioError' });
    return { here, store };
  }

  it.each(['', '-wal'])('for a bad sector (journal.sqlite%s) is damage, told at once', async (end) => {
    const { here, store } = brokenStore(() => true);
    const told: string[] = [];
    store.onDamaged((message) => told.push(message));
    loseBlocks([`${here.journal}${end}`], (block) => block === 0);
    expect(store.append([drafts.paused(true)])).toMatchObject({ ok: false, reason: 'ioError' });
    expect(store.isDamaged()).toBe(true);
    await Promise.resolve();
    expect(told).toEqual([expect.stringContaining('does not read any more')]);
    expect(store.append([drafts.paused(true)])).toMatchObject({ ok: false, reason: 'ioError' });
    store.close();
  });

  it('for an error that passes is none: the next one goes on', () => {
    let broken = true;
    const { here, store } = brokenStore(() => broken);
    expect(store.append([drafts.paused(true)])).toMatchObject({ ok: false, reason: 'ioError' });
    expect(store.isDamaged()).toBe(false);
    broken = false;
    expect(store.append([]).ok).toBe(true);
    expectWhole(store, here, names(1, 20));
    store.close();
  });
});
