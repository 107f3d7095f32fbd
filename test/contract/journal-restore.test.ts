import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ed25519Sha256 } from '../../src/shared/journal/suite.ts';
import { verifyEntries } from '../../src/shared/journal/verify.ts';
import {
  type AskForEntries,
  type BackupOutcome,
  createBackups,
  createRestorer,
  JOURNAL_FILE,
  openStore,
  type Restored,
  type Store,
  type StoredEntry,
  type StoreParts,
} from '../../src/store/store.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { drafts, mustOpen, newFolder, newSigner, rateOnce, storeParts } from '../support/store-parts.ts';

/** Real SQLite files, bent; and what is put together of them. */
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

function site() {
  const { folder, remove } = newFolder();
  cleanups.push(remove);
  const clock = createFakeClock();
  const parts = storeParts(folder, { signer: newSigner(), clock });
  return { folder, clock, parts, journal: join(folder, JOURNAL_FILE) };
}
type Site = ReturnType<typeof site>;

function open(parts: StoreParts): Store {
  const store = mustOpen(parts);
  cleanups.push(() => store.close());
  return store;
}

async function backUp({ folder, clock }: Site, store: Store): Promise<BackupOutcome> {
  const backups = createBackups({ folder, store, suite: ed25519Sha256, clock, onOutcome: () => {} });
  return await backups.make();
}

/** What a far end holds: the first entries of a journal. */
function farEnd(held: readonly StoredEntry[], reportedSeq = 0): AskForEntries {
  return async ({ seq }) => ({
    ok: true,
    entries: held.filter((entry) => entry.seq > seq).map(({ prev: _, hash: __, ...entry }) => entry),
    heldSeq: held.at(-1)?.seq ?? 0,
    reportedSeq,
  });
}

async function restore({ parts }: Site, ask?: AskForEntries): Promise<Restored> {
  const opened = openStore(parts);
  if (opened.ok) throw new Error('the damage was not noticed');
  if (!opened.damage) throw new Error(`not to be restored: ${opened.message}`);
  const restorer = createRestorer({ ...parts, link: 'province', ...(ask ? { ask } : {}) });
  const result = await restorer.attempt(opened.damage);
  if (!result.ok) throw new Error(result.message);
  if (!result.restored) throw new Error('there was nothing to restore');
  return result.restored;
}

function bend(file: string, at: number, bytes = 64): void {
  const opened = openSync(file, 'r+');
  writeSync(opened, Buffer.alloc(bytes, 0xa5), 0, bytes, at);
  closeSync(opened);
}

/** Closes the journal and makes the page that holds an entry unreadable. */
function bendPageOf({ journal }: Site, store: Store, seq: number): void {
  const [entry] = store.readBatch({ afterSeq: seq - 1, maxEntries: 1, maxBytes: 1 });
  store.close();
  const at = readFileSync(journal).indexOf(entry?.id ?? '');
  bend(journal, at - (at % 4096), 4096);
}

/** The chain holds from 1 to the end, and each service has its one rating still. */
function expectWhole(store: Store, { parts }: Site, rated: readonly string[]): readonly StoredEntry[] {
  const entries = [...store.entries()];
  expect(verifyEntries(ed25519Sha256, parts.signer.publicKey, entries)).toMatchObject({
    ok: true,
    entries: entries.length,
    ratings: rated.length,
  });
  for (const name of rated) expect(() => rateOnce(store, name)).toThrow(/has its rating/);
  return entries;
}

const names = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `s${from + i}`);
const rateAll = (store: Store, services: readonly string[]) => {
  for (const name of services) rateOnce(store, name);
};

describe('a backup', () => {
  it('is one whole file that verifies, of the user alone, and says how far it goes', async () => {
    const here = site();
    const store = open(here.parts);
    rateAll(store, names(1, 50));
    const backups = createBackups({
      folder: here.folder,
      store,
      suite: ed25519Sha256,
      clock: here.clock,
      onOutcome: () => {},
    });
    expect(backups.newestHeadSeq()).toBe(0);
    const making = backups.make();
    rateOnce(store, 'while it is made');
    expect(await making).toMatchObject({ kind: 'made' });
    const [file = '', ...others] = readdirSync(join(here.folder, 'backup'));
    expect(others).toEqual([]);
    expect(statSync(join(here.folder, 'backup')).mode & 0o777).toBe(0o700);
    expect(statSync(join(here.folder, 'backup', file)).mode & 0o777).toBe(0o600);
    expect(file).toMatch(/^journal-\d{12}-\d{8}T\d{9}Z\.sqlite$/);
    expect(backups.newestHeadSeq()).toBeGreaterThanOrEqual(201);
  });

  it('comes by itself when nobody is being asked, after many entries and after a day, and three are kept', async () => {
    const here = site();
    const store = open(here.parts);
    const made: BackupOutcome[] = [];
    let told = () => {};
    const backups = createBackups({
      folder: here.folder,
      store,
      suite: ed25519Sha256,
      clock: here.clock,
      onOutcome(outcome) {
        made.push(outcome);
        told();
      },
    });
    const next = async () => {
      const came = new Promise<void>((done) => {
        told = done;
      });
      for (let looks = 0; looks < 3; looks++) here.clock.advance(10_000);
      await came;
    };
    backups.start();
    await next();
    expect(made).toMatchObject([{ kind: 'made', headSeq: 1 }]);
    here.clock.advance(3_600_000);
    expect(made).toHaveLength(1);
    for (let i = 0; i < 2_000; i++) store.append([drafts.paused(i % 2 === 0)]);
    await next();
    expect(made.at(-1)).toMatchObject({ kind: 'made', headSeq: 2001 });
    for (let day = 1; day <= 3; day++) {
      store.append([drafts.paused(true)]);
      here.clock.jumpWall(24 * 3_600_000);
      await next();
      expect(made.at(-1)).toMatchObject({ kind: 'made', headSeq: 2001 + day });
    }
    expect(readdirSync(join(here.folder, 'backup'))).toHaveLength(3);
    await backups.stop();
  });

  it('that shows damage in the middle of the journal says so, and is not kept', async () => {
    const here = site();
    const store = open(here.parts);
    rateAll(store, names(1, 200));
    bendPageOf(here, store, 400);
    const again = open(here.parts);
    expect(await backUp(here, again)).toMatchObject({ kind: 'damaged' });
    expect(readdirSync(join(here.folder, 'backup'))).toEqual([]);
  });
});

describe('a damaged journal', () => {
  const damages: readonly (readonly [string, (here: Site) => void, string])[] = [
    ['a bent header', ({ journal }) => bend(journal, 0), 'unreadable'],
    ['a bent first page', ({ journal }) => bend(journal, 0, 4096), 'unreadable'],
    ['zero length', ({ journal }) => truncateSync(journal, 0), 'missing'],
    ['half of it', ({ journal }) => truncateSync(journal, statSync(journal).size >> 1), 'unreadable'],
    ['nothing at all', ({ journal }) => rmSync(journal), 'missing'],
    ['other bytes', ({ journal }) => writeFileSync(journal, Buffer.alloc(8192, 7)), 'unreadable'],
  ];

  it.each(damages)('of %s goes on where it stood: backup, file, province', async (_what, damage, reason) => {
    const here = site();
    const store = open(here.parts);
    rateAll(store, names(1, 60));
    expect(await backUp(here, store)).toMatchObject({ kind: 'made', headSeq: 241 });
    rateAll(store, names(61, 100));
    const before = [...store.entries()];
    store.advanceCursor('province', 281);
    store.close();
    damage(here);
    const there = existsSync(here.journal) ? readFileSync(here.journal) : undefined;

    const restored = await restore(here, farEnd(before.slice(0, 281), 401));
    expect(restored).toMatchObject({
      reason,
      backupHead: { seq: 241, hash: before[240]?.hash },
      knownHeadSeq: 401,
    });
    const again = open(here.parts);
    const entries = [...again.entries()];
    const { lostAfterSeq } = restored;
    expect(lostAfterSeq).toBeGreaterThanOrEqual(281);
    expect(entries.slice(0, lostAfterSeq)).toEqual(before.slice(0, lostAfterSeq));
    expect(entries[lostAfterSeq]).toMatchObject({ kind: 'journal.restored' });
    expect(again.cursorOf('province')).toBe(281);
    expectWhole(again, here, names(1, (lostAfterSeq - 1) / 4));
    const [aside = ''] = readdirSync(join(here.folder, 'set-aside'));
    if (there) {
      expect(restored.setAside).toBe(aside);
      expect(readFileSync(join(here.folder, 'set-aside', aside, JOURNAL_FILE)).equals(there)).toBe(true);
    } else expect(restored.setAside).toBe(null);
    expect(existsSync(join(here.folder, 'restoring'))).toBe(false);
    again.close();
    expect(openStore(here.parts)).toMatchObject({ ok: true });
  });

  it('with a sound body loses nothing, whatever happened to its first page', async () => {
    for (const bytes of [64, 4096]) {
      const here = site();
      const store = open(here.parts);
      rateAll(store, names(1, 60));
      await backUp(here, store);
      rateAll(store, names(61, 100));
      store.close();
      bend(here.journal, 0, bytes);
      expect(await restore(here)).toMatchObject({ salvagedTo: 401, lostAfterSeq: 401 });
      expectWhole(open(here.parts), here, names(1, 100));
    }
  });

  it('is not what a bent WAL leaves: a journal that ends earlier, whole, which a heartbeat tells the province', () => {
    const here = site();
    const store = open(here.parts);
    rateAll(store, names(1, 20));
    const wal = readFileSync(`${here.journal}-wal`);
    const db = readFileSync(here.journal);
    store.close();
    wal.fill(0xa5, wal.length >> 1);
    writeFileSync(here.journal, db);
    writeFileSync(`${here.journal}-wal`, wal);
    rmSync(`${here.journal}-shm`, { force: true });
    const again = open(here.parts);
    expect(again.head().seq).toBeLessThan(81);
    expect(verifyEntries(ed25519Sha256, here.parts.signer.publicKey, again.entries()).ok).toBe(true);
  });

  it('with an unreadable stretch goes on behind it, when the province has the stretch', async () => {
    const here = site();
    const store = open(here.parts);
    rateAll(store, names(1, 20));
    await backUp(here, store);
    rateAll(store, names(21, 200));
    const before = [...store.entries()];
    bendPageOf(here, store, 400);
    const again = open(here.parts);
    expect(await backUp(here, again)).toMatchObject({ kind: 'damaged' });
    again.close();
    const restorer = createRestorer({
      ...here.parts,
      link: 'province',
      ask: farEnd(before.slice(0, 701), 801),
    });
    const result = await restorer.attempt('badMiddle');
    expect(result).toMatchObject({
      ok: true,
      restored: {
        reason: 'badMiddle',
        fetchedTo: 701,
        salvagedTo: 801,
        lostAfterSeq: 801,
        knownHeadSeq: 801,
      },
    });
    expectWhole(open(here.parts), here, names(1, 200));
  });

  it('without a backup begins with the province’s entry 1', async () => {
    const here = site();
    const store = open(here.parts);
    rateAll(store, names(1, 10));
    const before = [...store.entries()];
    store.close();
    writeFileSync(here.journal, 'not a database at all\n'.repeat(500));
    expect(await restore(here, farEnd(before.slice(0, 21), 41))).toMatchObject({
      backupHead: null,
      fetchedTo: 21,
      lostAfterSeq: 21,
      knownHeadSeq: 41,
    });
    expectWhole(open(here.parts), here, names(1, 5));
  });

  it('of which nobody holds anything is begun anew, and says so in its second entry', async () => {
    const here = site();
    open(here.parts).close();
    writeFileSync(here.journal, 'not a database at all\n'.repeat(500));
    expect(await restore(here, farEnd([]))).toMatchObject({ lostAfterSeq: 0, knownHeadSeq: null });
    const kinds = expectWhole(open(here.parts), here, []).map(({ kind }) => kind);
    expect(kinds).toEqual(['journal.begun', 'journal.restored']);
  });

  it('waits for the province without beginning anything, and goes on when it answers', async () => {
    const here = site();
    const store = open(here.parts);
    rateAll(store, names(1, 10));
    await backUp(here, store);
    const before = [...store.entries()];
    store.close();
    bend(here.journal, 0, 8192);
    let online = false;
    const restorer = createRestorer({
      ...here.parts,
      link: 'province',
      ask: async (after) => (online ? await farEnd(before)(after) : { ok: false, message: 'no route' }),
    });
    for (let tries = 0; tries < 2; tries++) {
      const opened = openStore(here.parts);
      expect(opened).toMatchObject({ ok: false, damage: 'unreadable' });
      expect(await restorer.attempt('unreadable')).toEqual({
        ok: false,
        problem: 'unasked',
        message: 'no route',
      });
      expect(existsSync(here.journal)).toBe(false);
    }
    online = true;
    expect(await restorer.attempt('unreadable')).toMatchObject({ ok: true, restored: { lostAfterSeq: 41 } });
    expectWhole(open(here.parts), here, names(1, 10));
    expect(readdirSync(join(here.folder, 'set-aside'))).toHaveLength(1);
  });

  it('takes nothing from a far end that another key signed, or that does not continue it', async () => {
    const here = site();
    const stranger = site();
    const [store, theirs] = [open(here.parts), open(stranger.parts)];
    rateAll(store, names(1, 5));
    rateAll(theirs, names(1, 9));
    const foreign = [...theirs.entries()];
    await backUp(here, store);
    store.close();
    bend(here.journal, 0, 8192);
    const restorer = createRestorer({ ...here.parts, link: 'province', ask: farEnd(foreign) });
    expect(await restorer.attempt('unreadable')).toMatchObject({
      ok: false,
      problem: 'unasked',
      message: expect.stringMatching(/does not continue/),
    });
  });

  it('passes over a backup that does not verify, and keeps it beside the damaged file', async () => {
    const here = site();
    const store = open(here.parts);
    rateAll(store, names(1, 10));
    await backUp(here, store);
    rateAll(store, names(11, 20));
    await backUp(here, store);
    store.close();
    const [, newest = ''] = readdirSync(join(here.folder, 'backup')).sort();
    bend(join(here.folder, 'backup', newest), 4096 * 3, 4096);
    truncateSync(here.journal, 100);
    expect(await restore(here)).toMatchObject({
      backupHead: { seq: 41 },
      lostAfterSeq: 41,
      knownHeadSeq: null,
    });
    const [aside = ''] = readdirSync(join(here.folder, 'set-aside'));
    expect(readdirSync(join(here.folder, 'set-aside', aside))).toContain(newest);
    expectWhole(open(here.parts), here, names(1, 10));
  });
});

describe('what is not damage', () => {
  it.each([
    ['another key', (parts: StoreParts) => ({ ...parts, signer: newSigner() }), 'wrongKey'],
    [
      'another device',
      (parts: StoreParts) => ({ ...parts, deviceId: 'another-1' as StoreParts['deviceId'] }),
      'wrongKey',
    ],
  ])('is left alone: %s', async (_what, other, problem) => {
    const here = site();
    open(here.parts).close();
    const opened = openStore(other(here.parts));
    expect(opened).toMatchObject({ ok: false, problem });
    expect(opened).not.toHaveProperty('damage');
  });
});
