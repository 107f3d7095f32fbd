import { copyFileSync, cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ed25519Sha256 } from '../../src/shared/journal/suite.ts';
import { type BackupOutcome, createBackups, listBackups, openStore } from '../../src/store/store.ts';
import {
  backUp,
  bend,
  cleanUp,
  expectWhole,
  names,
  open,
  rateAll,
  restore,
  type Site,
  site,
} from '../support/bent-journal.ts';
import { drafts } from '../support/store-parts.ts';

/** A journal that ends before the backup beside it has lost what was thanked for, however sound its end is. */
afterEach(cleanUp);

const BEHIND = { ok: false, problem: 'corrupt', damage: 'badEnd' };

/** Forty services in the WAL of the journal, all of them in the backup. */
async function siteWithWal() {
  const here = site();
  let store = open(here.parts);
  rateAll(store, names(1, 30));
  store.close();
  store = open(here.parts);
  rateAll(store, names(31, 42));
  expect(await backUp(here, store)).toMatchObject({ kind: 'made', headSeq: 169 });
  const file = readFileSync(here.journal);
  const wal = readFileSync(`${here.journal}-wal`);
  store.close();
  return { here, file, wal };
}

/** A journal of ten services in the place of one of twenty, whose backups stay. */
async function siteWithOldCopy(): Promise<Site> {
  const here = site();
  let store = open(here.parts);
  rateAll(store, names(1, 10));
  store.close();
  copyFileSync(here.journal, `${here.journal}.old`);
  store = open(here.parts);
  rateAll(store, names(11, 20));
  await backUp(here, store);
  store.close();
  renameSync(`${here.journal}.old`, here.journal);
  for (const end of ['-wal', '-shm']) rmSync(`${here.journal}${end}`, { force: true });
  return here;
}

describe('a journal that ends before its newest backup', () => {
  it.each([
    ['bent', (wal: Buffer) => wal.fill(0xa5, 32 + 200, 32 + 300)],
    ['cut', (wal: Buffer) => wal.subarray(0, 32)],
    ['gone', () => undefined],
  ])('because its WAL is %s, is not opened but put together again', async (_what, damage) => {
    const { here, file, wal } = await siteWithWal();
    writeFileSync(here.journal, file);
    const left = damage(wal);
    if (left) writeFileSync(`${here.journal}-wal`, left);
    rmSync(`${here.journal}-shm`, { force: true });

    expect(openStore(here.parts)).toMatchObject(BEHIND);
    expect(await restore(here)).toMatchObject({
      reason: 'badEnd',
      backupHead: { seq: 169 },
      lostAfterSeq: 169,
    });
    expectWhole(open(here.parts), here, names(1, 42));
  });

  it('because an old copy was put in its place, goes on where the backup ends', async () => {
    const here = await siteWithOldCopy();
    expect(openStore(here.parts)).toMatchObject(BEHIND);
    expect(await restore(here)).toMatchObject({ backupHead: { seq: 81 }, lostAfterSeq: 81 });
    expectWhole(open(here.parts), here, names(1, 20));
    expect(readdirSync(join(here.folder, 'set-aside'))).toHaveLength(1);
  });
});

describe('a backup that goes further than the journal and is of no use', () => {
  const useless: readonly (readonly [string, (here: Site, backup: string) => Promise<void> | void])[] = [
    ['bent', (_here, backup) => bend(backup, 4096 * 3, 4096)],
    [
      'of another device',
      async (_here, backup) => {
        const other = site();
        const store = open(other.parts);
        rateAll(store, names(1, 20));
        await backUp(other, store);
        copyFileSync(listBackups(other.folder)[0]?.file ?? '', backup);
      },
    ],
    ['no database', (_here, backup) => writeFileSync(backup, 'something else\n'.repeat(1000))],
  ];

  it.each(useless)('(%s) is set aside once; then the journal opens with all it had', async (_what, spoil) => {
    const here = await siteWithOldCopy();
    for (const { file } of listBackups(here.folder)) await spoil(here, file);
    expect(await restore(here)).toMatchObject({ backupHead: null, salvagedTo: 41, lostAfterSeq: 41 });
    expect(listBackups(here.folder)).toEqual([]);
    expectWhole(open(here.parts), here, names(1, 10));
  });

  it('because its name says more than it holds, gets its right name and is used', async () => {
    const here = site();
    const store = open(here.parts);
    rateAll(store, names(1, 10));
    await backUp(here, store);
    rateAll(store, names(11, 20));
    store.close();
    const [{ file = '' } = {}] = listBackups(here.folder);
    renameSync(file, file.replace('journal-000000000041-', 'journal-000000000999-'));
    expect(openStore(here.parts)).toMatchObject(BEHIND);
    expect(await restore(here)).toMatchObject({ backupHead: { seq: 41 }, lostAfterSeq: 81 });
    expect(listBackups(here.folder)).toMatchObject([{ headSeq: 41 }]);
    expectWhole(open(here.parts), here, names(1, 20));
  });

  it('and was laid there while the kiosk runs, makes no backup after backup, and none of them goes for it', async () => {
    const here = site();
    const store = open(here.parts);
    rateAll(store, names(1, 10));
    await backUp(here, store);
    for (const { file } of listBackups(here.folder))
      for (const seq of ['500', '501', '502'])
        cpSync(file, file.replace('journal-000000000041-', `journal-000000000${seq}-`));
    store.append([drafts.paused(true)]);

    const made: BackupOutcome[] = [];
    const backups = createBackups({
      folder: here.folder,
      store,
      suite: ed25519Sha256,
      clock: here.clock,
      onOutcome: (outcome) => made.push(outcome),
    });
    backups.start();
    expect(backups.newestHeadSeq()).toBe(41);
    here.clock.advance(80_000);
    // Asked for here, it waits for one that was begun by itself.
    expect(await backups.make()).toMatchObject({ kind: 'made', headSeq: 42 });
    expect(made).toHaveLength(1);
    expect(backups.newestHeadSeq()).toBe(42);
    here.clock.advance(80_000);
    await backups.stop();
    expect(made).toHaveLength(1);
    expect(listBackups(here.folder).map(({ headSeq }) => headSeq)).toEqual([502, 501, 500, 42, 41]);
  });
});
