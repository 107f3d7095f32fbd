import fs, {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ed25519Sha256 } from '../../src/shared/journal/suite.ts';
import { createBackups, createRestorer, listBackups, markDamaged, openStore } from '../../src/store/store.ts';
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

/** What is named like a backup and cannot be read: somebody's hand, a stick that was pulled, a file of another user. */
afterEach(cleanUp);

const UNREADABLE: readonly (readonly [string, (file: string) => void])[] = [
  ['a folder', (file) => mkdirSync(join(file, 'with something in it'), { recursive: true })],
  ['a link to what is gone', (file) => symlinkSync('/nowhere/gone.sqlite', file)],
  ['a file that cannot be opened', (file) => symlinkSync(basename(file), file)],
];

/** Twenty services, the first ten of them in the backup, which is returned. */
async function siteWithBackup(): Promise<{ readonly here: Site; readonly backup: string }> {
  const here = site();
  const store = open(here.parts);
  rateAll(store, names(1, 10));
  expect(await backUp(here, store)).toMatchObject({ kind: 'made', headSeq: 41 });
  rateAll(store, names(11, 20));
  store.close();
  return { here, backup: listBackups(here.folder)[0]?.file ?? '' };
}

const named = (backup: string, headSeq: number) =>
  backup.replace('journal-000000000041-', `journal-${String(headSeq).padStart(12, '0')}-`);
const asideOf = (here: Site) =>
  readdirSync(join(here.folder, 'set-aside')).flatMap((name) =>
    readdirSync(join(here.folder, 'set-aside', name)),
  );

describe.each(UNREADABLE)('what is named like a backup and is %s', (_what, put) => {
  it('says nothing against a sound journal, however far its name goes', async () => {
    const { here, backup } = await siteWithBackup();
    put(named(backup, 999_999));
    expectWhole(open(here.parts), here, names(1, 20));
    expect(existsSync(join(here.folder, 'set-aside'))).toBe(false);
  });

  it('is set aside by a restore, which goes on with the next one', async () => {
    const { here, backup } = await siteWithBackup();
    put(named(backup, 999_999));
    bend(here.journal, 0, 4096);
    expect(await restore(here)).toMatchObject({ backupHead: { seq: 41 }, lostAfterSeq: 81 });
    expect(listBackups(here.folder)).toMatchObject([{ headSeq: 41 }]);
    expect(asideOf(here)).toContain(basename(named(backup, 999_999)));
    expectWhole(open(here.parts), here, names(1, 20));
  });

  it('is passed over by a restore where it cannot be moved', async () => {
    const { here, backup } = await siteWithBackup();
    const useless = named(backup, 999_999);
    put(useless);
    const { name } = markDamaged(here.folder, 'badMiddle', here.clock.nowMs());
    // Nothing takes the place of a folder that is not empty.
    mkdirSync(join(here.folder, 'set-aside', name, basename(useless), 'full'), { recursive: true });
    const result = await createRestorer({ ...here.parts, link: 'province' }).attempt('badMiddle');
    expect(result).toMatchObject({ ok: true, restored: { backupHead: { seq: 41 }, lostAfterSeq: 81 } });
    expectWhole(open(here.parts), here, names(1, 20));
  });

  it('alone, with the journal gone, leads into a restore and not to a journal that is begun anew', async () => {
    const { here, backup } = await siteWithBackup();
    put(named(backup, 999_999));
    rmSync(backup);
    rmSync(here.journal);
    expect(openStore(here.parts)).toMatchObject({ ok: false, damage: 'missing' });
    expect(await restore(here)).toMatchObject({ backupHead: null, setAside: null });
  });

  it('counts for nothing where copies are made, kept and thrown away', async () => {
    const { here, backup } = await siteWithBackup();
    const store = open(here.parts);
    const useless = [50, 60, 70].map((seq) => named(backup, seq));
    for (const file of useless) put(file);
    const backups = createBackups({
      folder: here.folder,
      store,
      suite: ed25519Sha256,
      clock: here.clock,
      onOutcome: () => {},
    });
    expect(backups.newestHeadSeq()).toBe(41);
    expect(await backups.make()).toMatchObject({ kind: 'made', headSeq: 81 });
    expect(backups.newestHeadSeq()).toBe(81);
    expect(readdirSync(join(here.folder, 'backup')).sort()).toEqual(
      [backup, ...useless, named(backup, 81)].map((file) => basename(file)),
    );
  });
});

it('a backup that can be read and is of no use stops a restore where it cannot be moved: it would begin one for ever', async () => {
  const { here, backup } = await siteWithBackup();
  const useless = named(backup, 999_999);
  writeFileSync(useless, 'something else\n'.repeat(1000));
  const { name } = markDamaged(here.folder, 'badMiddle', here.clock.nowMs());
  const inTheWay = join(here.folder, 'set-aside', name, basename(useless));
  mkdirSync(join(inTheWay, 'full'), { recursive: true });
  const restorer = createRestorer({ ...here.parts, link: 'province' });
  expect(await restorer.attempt('badMiddle')).toMatchObject({ ok: false, problem: 'notWritable' });
  renameSync(inTheWay, `${inTheWay}-moved`);
  expect(await restorer.attempt('badMiddle')).toMatchObject({ ok: true, restored: { lostAfterSeq: 81 } });
  expectWhole(open(here.parts), here, names(1, 20));
});

describe.each(['EBUSY', 'EIO'])('a backup that the system does not open for a moment (%s)', (code) => {
  const realOpen = fs.openSync;
  const letGo = () => {
    Object.assign(fs, { openSync: realOpen });
    syncBuiltinESMExports();
  };
  afterEach(letGo);

  /** As another program holds a file that looks into it, or a disk whose cable is loose answers. */
  function hold(file: string): void {
    const openSync = (path: fs.PathLike, ...more: [number | string, fs.Mode?]): number => {
      if (path !== file) return realOpen(path, ...more);
      throw Object.assign(new Error(`${code}: open '${file}'`), { code, syscall: 'open', path: file });
    };
    Object.assign(fs, { openSync });
    syncBuiltinESMExports();
  }

  it('is no reason to go on from a journal that ends before it: the start is tried again', async () => {
    const { here, backup } = await siteWithBackup();
    rmSync(here.journal);
    cpSync(backup, here.journal);
    const further = named(backup, 999_999);
    renameSync(backup, further);
    hold(further);
    expect(openStore(here.parts)).toMatchObject({ ok: false, problem: 'notWritable' });
    expect(existsSync(join(here.folder, 'set-aside'))).toBe(false);
    letGo();
    expect(openStore(here.parts)).toMatchObject({ ok: false, damage: 'badEnd' });
  });

  it('is waited for by a restore, which begins nothing without it', async () => {
    const { here, backup } = await siteWithBackup();
    bend(here.journal, 4096, 1 << 20);
    hold(backup);
    const restorer = createRestorer({ ...here.parts, link: 'province' });
    expect(await restorer.attempt('badMiddle')).toMatchObject({ ok: false, problem: 'notWritable' });
    expect(existsSync(here.journal)).toBe(false);
    expect(existsSync(backup)).toBe(true);
    letGo();
    expect(await restorer.attempt('badMiddle')).toMatchObject({
      ok: true,
      restored: { backupHead: { seq: 41 } },
    });
    expectWhole(open(here.parts), here, names(1, 10));
  });

  it('holds up no other backup, and counts for nothing until it is let go', async () => {
    const { here, backup } = await siteWithBackup();
    const store = open(here.parts);
    const { clock, folder } = here;
    const backups = createBackups({ folder, store, suite: ed25519Sha256, clock, onOutcome: () => {} });
    hold(backup);
    expect(backups.newestHeadSeq()).toBe(0);
    expect(await backups.make()).toMatchObject({ kind: 'made', headSeq: 81 });
    expect(listBackups(folder)).toMatchObject([{ headSeq: 81 }, { headSeq: 41 }]);
  });
});
