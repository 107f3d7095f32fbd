import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ed25519Sha256 } from '../../src/shared/journal/suite.ts';
import { verifyEntries } from '../../src/shared/journal/verify.ts';
import { createRestorer, JOURNAL_FILE, openStore, type StoreParts } from '../../src/store/store.ts';
import {
  backUp,
  bend,
  bendPageOf,
  cleanUp,
  expectWhole,
  farEnd,
  names,
  open,
  rateAll,
  restore,
  rootOf,
  type Site,
  site,
} from '../support/bent-journal.ts';
import { newSigner } from '../support/store-parts.ts';

/** Real SQLite files, bent; and what is put together of them. */
afterEach(cleanUp);

/** A hundred services, of which the first sixty are in the backup. */
async function siteOfHundred(): Promise<ReturnType<typeof site>> {
  const here = site();
  const store = open(here.parts);
  rateAll(store, names(1, 60));
  await backUp(here, store);
  rateAll(store, names(61, 100));
  store.close();
  return here;
}

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
      const here = await siteOfHundred();
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

  it.each([
    ['rating', true],
    ['invitation', true],
    ['journal', false],
  ])(
    'with its %s table unreadable: goes on without a province that cannot be asked: %s',
    async (table, goesOn) => {
      const here = await siteOfHundred();
      bend(here.journal, rootOf(here.journal, table), 4096);
      const restorer = createRestorer({
        ...here.parts,
        link: 'province',
        ask: async () => ({ ok: false, message: 'no route' }),
      });
      const result = await restorer.attempt('badMiddle');
      if (!goesOn) {
        expect(result).toMatchObject({ ok: false, problem: 'unasked' });
        return;
      }
      expect(result).toMatchObject({
        ok: true,
        restored: { salvagedTo: 401, lostAfterSeq: 401, knownHeadSeq: 401 },
      });
      expectWhole(open(here.parts), here, names(1, 100));
    },
  );

  it('with its tables unreadable waits all the same for a province that is known to hold more', async () => {
    const here = site();
    const store = open(here.parts);
    rateAll(store, names(1, 20));
    store.close();
    bend(here.journal, rootOf(here.journal, 'rating'), 4096);
    const restorer = createRestorer({
      ...here.parts,
      link: 'province',
      ask: async () => ({ ok: true, entries: [], heldSeq: 90, reportedSeq: 90 }),
    });
    expect(await restorer.attempt('badMiddle')).toMatchObject({ ok: false, problem: 'unasked' });
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
