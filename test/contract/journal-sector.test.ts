import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  backUp,
  cleanUp,
  expectWhole,
  names,
  open,
  pageOfEntry,
  rateAll,
  rootOf,
} from '../support/bent-journal.ts';
import {
  BLOCK,
  restoreWithout,
  siteOf,
  siteWithKey,
  type WithKey,
  withUnreadable,
} from './journal-sector-rig.ts';

afterEach(cleanUp);

let folders: string;

/** A hundred and twenty services, the first forty of them in the backup. */
let master: WithKey;
beforeAll(async () => {
  master = siteWithKey();
  const store = open(master.parts);
  rateAll(store, names(1, 40));
  await backUp(master, store);
  rateAll(store, names(41, 120));
  store.close();
  folders = mkdtempSync(join(tmpdir(), 'yiping-sector-'));
  cpSync(master.folder, join(folders, 'master'), { recursive: true });
}, 60_000);
afterAll(() => rmSync(folders, { recursive: true, force: true }));

const copyOfMaster = () => siteOf(master, join(folders, 'master'));

describe('one unreadable sector', { timeout: 60_000 }, () => {
  it('beside the entries of a damaged journal costs nothing', () => {
    const here = copyOfMaster();
    expect(restoreWithout(here, rootOf(here.journal, 'rating'))).toMatchObject({
      ok: true,
      restored: { backupHead: { seq: 161 }, salvagedTo: 481, lostAfterSeq: 481 },
    });
    expectWhole(open(here.parts), here, names(1, 120));
  });

  it('among its entries costs those from there on, and none before', () => {
    const here = copyOfMaster();
    const restored = restoreWithout(here, pageOfEntry(here.journal, 360));
    expect(restored).toMatchObject({ ok: true, restored: { backupHead: { seq: 161 }, knownHeadSeq: 481 } });
    const store = open(here.parts);
    const { seq } = store.head();
    expect(seq).toBeGreaterThan(300);
    expect(seq).toBeLessThan(362);
    expectWhole(store, here, names(1, Math.floor((seq - 2) / 4)));
  });

  it('that the start meets leads into a restore, and not to a kiosk that waits for a better disk', () => {
    const here = copyOfMaster();
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
      const here = copyOfMaster();
      const pages = readFileSync(here.journal).length / BLOCK;
      // Opening reads fewer, copying reads them all.
      expect(pages).toBeGreaterThan(50);
      expect(withUnreadable(here, here.journal, '40+', mode)).toMatchObject({ kind: 'damaged' });
      expect(readdirSync(join(here.folder, 'backup'))).toHaveLength(1);
    },
  );
});
