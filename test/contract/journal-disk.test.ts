import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ed25519Sha256 } from '../../src/shared/journal/suite.ts';
import { verifyEntries } from '../../src/shared/journal/verify.ts';
import { type Connection, connect, JOURNAL_FILE } from '../../src/store/connection.ts';
import { openFolder } from '../../src/store/opening.ts';
import type { Store } from '../../src/store/store.ts';
import { drafts, newFolder, newService, rateOnce, storeParts } from '../support/store-parts.ts';

/**
 * A disk without room. Where the test may mount, it is a real one (tmpfs); elsewhere SQLite is told that its
 * file may not grow, which takes the same way through the store.
 */
interface SmallDisk {
  /** A real one, which the reserve is on as well. */
  readonly mounted: boolean;
  readonly folder: string;
  readonly connectTo: typeof connect;
  fill(): void;
  free(): void;
}

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

function smallDisk(): SmallDisk {
  const { folder, remove } = newFolder();
  cleanups.push(remove);
  return mountedDisk(folder) ?? boundedDisk(folder);
}

function mountedDisk(folder: string): SmallDisk | undefined {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]).status !== 0) return undefined;
  cleanups.push(() => spawnSync('umount', ['-l', disk]));
  const ballast = join(disk, 'ballast');
  return {
    mounted: true,
    folder: join(disk, 'data'),
    connectTo: connect,
    fill() {
      const { bavail, bsize } = statfsSync(disk);
      writeFileSync(ballast, Buffer.alloc(bavail * bsize, 1));
    },
    free: () => rmSync(ballast),
  };
}

function boundedDisk(folder: string): SmallDisk {
  let last: Connection | undefined;
  const bound = (pages: number) => last?.pragma(`max_page_count = ${pages}`);
  return {
    mounted: false,
    folder,
    connectTo(file, options) {
      last = connect(file, options);
      return last;
    },
    fill: () => bound(1),
    free: () => bound(1_000_000),
  };
}

function open(disk: SmallDisk) {
  const parts = storeParts(disk.folder);
  const opened = openFolder(parts, disk.connectTo);
  if (!opened.ok) throw new Error(opened.message);
  cleanups.push(() => opened.store.close());
  return { parts, store: opened.store };
}

/** Acts until the disk says no. @returns how many it confirmed. */
function untilFull(store: Store): number {
  for (let acts = 0; acts < 5_000; acts++) {
    const result = store.append([drafts.paused(acts % 2 === 0)]);
    if (result.ok) continue;
    expect(result.reason).toBe('diskFull');
    expect(result.message).toMatch(/is full.*Free space/);
    return acts;
  }
  throw new Error('the disk never filled');
}

describe('a full disk', () => {
  it('is answered, loses nothing that was confirmed, and is forgotten when there is room again', () => {
    const disk = smallDisk();
    const { store, parts } = open(disk);
    rateOnce(store, 'before');
    for (let round = 0; round < 5; round++) {
      const before = store.head().seq;
      disk.fill();
      const confirmed = untilFull(store);
      expect(store.head().seq).toBe(before + confirmed);
      store.advanceCursor('province', store.head().seq);
      expect(store.unsent('province')).toBe(0);
      disk.free();
      rateOnce(store, `after ${round}`);
      expect(verifyEntries(ed25519Sha256, parts.signer.publicKey, store.entries())).toMatchObject({
        ok: true,
        entries: store.head().seq,
        ratings: round + 2,
      });
    }
  });

  it('refuses the choice and takes the same one later', () => {
    const disk = smallDisk();
    const { store } = open(disk);
    const service = newService('s1');
    store.append([drafts.opened(service)]);
    disk.fill();
    untilFull(store);
    expect(store.append([drafts.chosen(service, 1)])).toMatchObject({ ok: false, reason: 'diskFull' });
    expect(store.ratingOf(service.serviceKey)).toBeUndefined();
    disk.free();
    expect(store.append([drafts.chosen(service, 1)]).ok).toBe(true);
  });
});

describe('the reserve', () => {
  it('takes the citizen who is being asked through to the end, and nobody after', () => {
    const disk = smallDisk();
    const { store } = open(disk);
    const service = newService('s1');
    expect(store.append([drafts.opened(service)]).ok).toBe(true);
    if (!disk.mounted) expect(store.append([drafts.chosen(service, 2)]).ok).toBe(true);
    disk.fill();
    // A real disk first uses up what its last block still holds, then the reserve.
    const reserve = join(disk.folder, 'journal.reserve');
    for (let acts = 0; existsSync(reserve) && acts < 2_000; acts++) store.append([drafts.paused(true)]);
    expect(existsSync(reserve)).toBe(false);
    if (disk.mounted) {
      expect(store.append([drafts.chosen(service, 2)]).ok).toBe(true);
      expect(store.append([drafts.settled(service, 2), drafts.closed(service)]).ok).toBe(true);
      expect(store.append([])).toMatchObject({ ok: false, reason: 'diskFull' });
    }
    expect(store.append([drafts.opened(newService('s2'))])).toMatchObject({ ok: false, reason: 'diskFull' });
    disk.free();
    const { seq } = store.head();
    expect(store.append([])).toEqual({ ok: true, entries: [] });
    expect(store.head().seq).toBe(seq);
    expect(store.append([drafts.opened(newService('s3'))]).ok).toBe(true);
  });
});

describe('a connection that the disk broke', () => {
  it('and that cannot be replaced either answers every read with "unreadable", and reads again when the file is back', () => {
    const { folder, remove } = newFolder();
    cleanups.push(remove);
    let first: Connection | undefined;
    const opened = openFolder(storeParts(folder), (file, options) => {
      const db = connect(file, options);
      first ??= db;
      return db;
    });
    if (!opened.ok) throw new Error(opened.message);
    const { store } = opened;
    cleanups.push(() => store.close());
    const { serviceKey } = rateOnce(store, 's1');
    first?.pragma('query_only = ON');
    for (let failures = 0; failures < 2; failures++) store.append([drafts.paused(true)]);
    renameSync(join(folder, JOURNAL_FILE), join(folder, 'away'));
    expect(store.append([drafts.paused(true)])).toMatchObject({ ok: false, reason: 'ioError' });
    expect(store.ratingOf(serviceKey)).toBe('unreadable');
    expect(store.unfinished()).toBe('unreadable');
    expect(store.seqsOf('rating.settled', 0, 10)).toBe('unreadable');
    expect([...store.entries()]).toEqual([]);
    expect(store.ledger({ afterSeq: 0 })).toEqual([]);
    store.advanceCursor('province', 2);
    expect(store.cursorOf('province')).toBe(2);
    expect(store.isDamaged()).toBe(false);
    renameSync(join(folder, 'away'), join(folder, JOURNAL_FILE));
    expect(store.append([]).ok).toBe(true);
    expect(store.ratingOf(serviceKey)).toMatchObject({ level: 5, settled: true });
    expect(store.unfinished()).toEqual({ ratings: [], invitations: [] });
  });

  it('is given up after the second failure, and the store goes on with a new one', () => {
    const { folder, remove } = newFolder();
    cleanups.push(remove);
    const connections: Connection[] = [];
    const parts = storeParts(folder);
    const opened = openFolder(parts, (file, options) => {
      const db = connect(file, options);
      connections.push(db);
      return db;
    });
    if (!opened.ok) throw new Error(opened.message);
    const { store } = opened;
    cleanups.push(() => store.close());
    rateOnce(store, 's1');
    // From here this connection answers every write with an error, as on a disk remounted read-only.
    connections[0]?.pragma('query_only = ON');
    const failures = [store.append([drafts.paused(true)]), store.append([drafts.paused(true)])];
    expect(failures).toMatchObject([
      { ok: false, reason: 'ioError' },
      { ok: false, reason: 'ioError' },
    ]);
    expect(store.append([drafts.paused(true)]).ok).toBe(true);
    expect(connections).toHaveLength(2);
    rateOnce(store, 's2');
    expect(verifyEntries(ed25519Sha256, parts.signer.publicKey, store.entries())).toMatchObject({
      ok: true,
      ratings: 2,
    });
  });
});
