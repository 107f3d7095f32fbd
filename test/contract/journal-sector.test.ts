import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ed25519Signer } from '../../src/shared/journal/suite.ts';
import { JOURNAL_FILE, markDamaged } from '../../src/store/store.ts';
import {
  backUp,
  cleanUp,
  expectWhole,
  names,
  open,
  pageOfEntry,
  rateAll,
  rootOf,
  type Site,
  site,
} from '../support/bent-journal.ts';
import { newKeyPem } from '../support/store-parts.ts';

/** A sector that the disk cannot read any more: the operating system itself answers EIO, to a real process. */
const CHILD = join(import.meta.dirname, 'journal-sector-child.ts');
const PAGE = 4096;
afterEach(cleanUp);

type WithKey = Site & { readonly key: string };
let folders: string;

/** A hundred and twenty services, the first forty of them in the backup. */
let master: WithKey;
beforeAll(async () => {
  const key = newKeyPem();
  const bare = site();
  master = { ...bare, key, parts: { ...bare.parts, signer: ed25519Signer(key) } };
  const store = open(master.parts);
  rateAll(store, names(1, 40));
  await backUp(master, store);
  rateAll(store, names(41, 120));
  store.close();
  folders = mkdtempSync(join(tmpdir(), 'yiping-sector-'));
  cpSync(master.folder, join(folders, 'master'), { recursive: true });
}, 60_000);
afterAll(() => rmSync(folders, { recursive: true, force: true }));

function siteWithKey(): WithKey {
  const bare = site();
  cpSync(join(folders, 'master'), bare.folder, { recursive: true });
  const { key, parts } = master;
  return { ...bare, key, parts: { ...parts, folder: bare.folder } };
}

/** @param when which reads of the file fail, as strace counts them; of several calls all, where they are not reads by place. */
function withUnreadable({ folder, key }: WithKey, file: string, when: string, mode: string): unknown {
  const trace = join(folder, 'trace');
  const reads = `inject=pread64:error=EIO:when=${when}`;
  const copies = 'inject=copy_file_range,sendfile:error=EIO';
  const calls = ['-e', 'trace=pread64,copy_file_range,sendfile', '-e', reads, '-e', copies];
  const child = spawnSync(
    'strace',
    [
      ...['-f', '-qq', '-e', 'signal=none', ...calls, '-P', file, '-o', trace],
      ...[process.execPath, CHILD, folder, Buffer.from(key).toString('base64'), mode],
    ],
    { encoding: 'utf8' },
  );
  expect(child.stdout, child.stderr).not.toBe('');
  expect(readFileSync(trace, 'utf8')).toMatch(/EIO .*INJECTED/);
  return JSON.parse(child.stdout);
}

/** The damaged journal is copied block by block, so the n-th read is that of the n-th block. */
function restoreWithout(here: WithKey, offset: number): unknown {
  const { name } = markDamaged(here.folder, 'badMiddle', here.clock.nowMs());
  const aside = join(here.folder, 'set-aside', name, JOURNAL_FILE);
  return withUnreadable(here, aside, String(offset / PAGE + 1), 'restore');
}

describe('one unreadable sector', { timeout: 60_000 }, () => {
  it('beside the entries of a damaged journal costs nothing', () => {
    const here = siteWithKey();
    expect(restoreWithout(here, rootOf(here.journal, 'rating'))).toMatchObject({
      ok: true,
      restored: { backupHead: { seq: 161 }, salvagedTo: 481, lostAfterSeq: 481 },
    });
    expectWhole(open(here.parts), here, names(1, 120));
  });

  it('among its entries costs those from there on, and none before', () => {
    const here = siteWithKey();
    const restored = restoreWithout(here, pageOfEntry(here.journal, 360));
    expect(restored).toMatchObject({ ok: true, restored: { backupHead: { seq: 161 }, knownHeadSeq: 481 } });
    const store = open(here.parts);
    const { seq } = store.head();
    expect(seq).toBeGreaterThan(300);
    expect(seq).toBeLessThan(362);
    expectWhole(store, here, names(1, Math.floor((seq - 2) / 4)));
  });

  it('that the start meets leads into a restore, and not to a kiosk that waits for a better disk', () => {
    const here = siteWithKey();
    // Set aside, the file is no longer the one whose reads fail.
    expect(withUnreadable(here, here.journal, '2+', 'restore')).toMatchObject({
      ok: true,
      restored: { reason: 'unreadable', salvagedTo: 481, lostAfterSeq: 481 },
    });
    expectWhole(open(here.parts), here, names(1, 120));
  });

  it.each(['backup', 'backup-unwalked'])(
    'that a backup meets is damage, and not a backup that fails again and again (%s)',
    (mode) => {
      const here = siteWithKey();
      const pages = readFileSync(here.journal).length / PAGE;
      // Opening reads fewer, copying reads them all.
      expect(pages).toBeGreaterThan(50);
      expect(withUnreadable(here, here.journal, '40+', mode)).toMatchObject({ kind: 'damaged' });
      expect(readdirSync(join(here.folder, 'backup'))).toHaveLength(1);
    },
  );
});
