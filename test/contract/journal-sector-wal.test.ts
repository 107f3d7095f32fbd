import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { JOURNAL_FILE, type StoredEntry } from '../../src/store/store.ts';
import { backUp, bend, cleanUp, expectWhole, names, open, rateAll, rootOf } from '../support/bent-journal.ts';
import {
  BLOCK,
  restoreWithout,
  siteOf,
  siteWithKey,
  type WithKey,
  withUnreadable,
} from './journal-sector-rig.ts';

/**
 * An unreadable sector in the WAL: what SQLite makes of a copy with zeros there is a shorter journal that looks whole.
 * Forty services are in the file, eighty in the WAL behind it.
 */
afterEach(cleanUp);

let folders: string;
let master: WithKey;
let entries: readonly StoredEntry[];
/** A page of the file that the WAL has anew: where it begins. */
let superseded: number;
const WAL = `${JOURNAL_FILE}-wal`;

beforeAll(async () => {
  folders = mkdtempSync(join(tmpdir(), 'yiping-sector-wal-'));
  master = siteWithKey();
  const first = open(master.parts);
  rateAll(first, names(1, 40));
  // All that it holds is in the WAL still.
  mkdirSync(join(folders, 'new'));
  for (const file of [JOURNAL_FILE, WAL]) cpSync(join(master.folder, file), join(folders, 'new', file));
  first.close();
  superseded = rootOf(master.journal, 'rating');
  const store = open(master.parts);
  rateAll(store, names(41, 120));
  entries = [...store.entries()];
  // As a kill leaves them: nothing was moved out of the WAL.
  mkdirSync(join(folders, 'bare'));
  for (const file of [JOURNAL_FILE, WAL]) cpSync(join(master.folder, file), join(folders, 'bare', file));
  expect(await backUp(master, store)).toMatchObject({ kind: 'made', headSeq: 481 });
  cpSync(join(folders, 'bare'), join(folders, 'backed-up'), { recursive: true });
  cpSync(join(master.folder, 'backup'), join(folders, 'backed-up', 'backup'), { recursive: true });
  store.close();
}, 60_000);
afterAll(() => rmSync(folders, { recursive: true, force: true }));

const copyOf = (name: 'new' | 'bare' | 'backed-up') => siteOf(master, join(folders, name));
const middleOfWal = (here: WithKey) => statSync(join(here.folder, WAL)).size >> 1;
const BEFORE_ANY = 0;

function provinceHolds(here: WithKey, lastSeq: number, reportedSeq: number): void {
  const held = entries.slice(0, lastSeq).map(({ prev: _, hash: __, ...entry }) => entry);
  writeFileSync(join(here.folder, 'held.json'), JSON.stringify({ entries: held, reportedSeq }));
}

describe('a restore from a WAL with an unreadable sector', { timeout: 60_000 }, () => {
  it.each([
    ['in its middle', middleOfWal],
    ['at its beginning', () => BEFORE_ANY],
    ['at its end', (here: WithKey) => statSync(join(here.folder, WAL)).size - 1],
  ])('(%s) waits for a province that is away, and begins nothing', (_where, place) => {
    const here = copyOf('bare');
    expect(restoreWithout(here, place(here), { end: '-wal', mode: 'restore-away' })).toMatchObject({
      ok: false,
      problem: 'unasked',
    });
    expect(existsSync(here.journal)).toBe(false);
  });

  it('waits also where a backup goes beyond what could be read', () => {
    const here = copyOf('backed-up');
    expect(restoreWithout(here, middleOfWal(here), { end: '-wal', mode: 'restore-away' })).toMatchObject({
      ok: false,
      problem: 'unasked',
    });
  });

  it('goes on behind what the province holds, and does not say that nothing is lost', () => {
    const here = copyOf('bare');
    provinceHolds(here, 481, 481);
    expect(restoreWithout(here, middleOfWal(here), { end: '-wal', mode: 'restore-held' })).toMatchObject({
      ok: true,
      restored: { fetchedTo: 481, lostAfterSeq: 481, knownHeadSeq: null },
    });
    const store = open(here.parts);
    expect([...store.entries()].slice(0, 481)).toEqual(entries);
    expectWhole(store, here, names(1, 120));
  });

  it('names what the province knows to have been and nobody has any more', () => {
    const here = copyOf('bare');
    provinceHolds(here, 401, 481);
    expect(restoreWithout(here, middleOfWal(here), { end: '-wal', mode: 'restore-held' })).toMatchObject({
      ok: true,
      restored: { fetchedTo: 401, lostAfterSeq: 401, knownHeadSeq: 481 },
    });
    expectWhole(open(here.parts), here, names(1, 100));
  });

  it('without a province goes on from what there is, and does not say that nothing is lost', () => {
    const here = copyOf('bare');
    const result = restoreWithout(here, middleOfWal(here), { end: '-wal' });
    expect(result).toMatchObject({ ok: true, restored: { reason: 'badMiddle', knownHeadSeq: null } });
    const store = open(here.parts);
    const { seq } = store.head();
    expect(seq).toBeGreaterThan(162);
    expect(seq).toBeLessThan(481);
    expect([...store.entries()].slice(0, seq - 1)).toEqual(entries.slice(0, seq - 1));
  });

  it('without a province goes on from a backup that goes further, and does not say that nothing is lost', () => {
    const here = copyOf('backed-up');
    expect(restoreWithout(here, middleOfWal(here), { end: '-wal' })).toMatchObject({
      ok: true,
      restored: { backupHead: { seq: 481 }, lostAfterSeq: 481, knownHeadSeq: null },
    });
    expectWhole(open(here.parts), here, names(1, 120));
  });

  it.each([
    ['the file behind it is empty of tables', 'new'],
    ['the first page of the file is bent', 'bare'],
  ] as const)(
    'in its first block, where %s and nothing can be read, does not say that nothing is lost',
    (_how, from) => {
      const here = copyOf(from);
      if (from === 'bare') bend(here.journal, 0, BLOCK);
      provinceHolds(here, 101, 101);
      expect(restoreWithout(here, BEFORE_ANY, { end: '-wal', mode: 'restore-held' })).toMatchObject({
        ok: true,
        restored: { salvagedTo: null, fetchedTo: 101, lostAfterSeq: 101, knownHeadSeq: null },
      });
    },
  );

  it('that is in the file, beside the entries, and not in the WAL waits for nobody', () => {
    const here = copyOf('bare');
    expect(restoreWithout(here, superseded, { mode: 'restore-away' })).toMatchObject({
      ok: true,
      restored: { salvagedTo: 481, lostAfterSeq: 481, knownHeadSeq: 481 },
    });
    expectWhole(open(here.parts), here, names(1, 120));
  });
});

describe('the verifier, of a journal with an unreadable sector', { timeout: 60_000 }, () => {
  it.each([
    ['the middle', middleOfWal],
    ['the beginning', () => BEFORE_ANY],
  ])('in %s of its WAL, says so and not that none is missing', (_where, place) => {
    const here = copyOf('bare');
    const read = String(Math.floor(place(here) / BLOCK) + 1);
    const report = withUnreadable(here, join(here.folder, WAL), read, 'verify');
    expect(report).toMatchObject({ verdict: 'bad', problem: 'damaged', seq: null });
    expect(JSON.stringify(report)).toContain('1 block of journal.sqlite-wal');
  });

  it('in the file where the WAL has that page anew, finds every entry and says what the disk does not read', () => {
    const here = copyOf('bare');
    expect(withUnreadable(here, here.journal, String(superseded / BLOCK + 1), 'evidence')).toEqual({
      entries: 481,
      damage: expect.stringMatching(/ 1 block of journal.sqlite$/),
    });
  });

  it('in its first page, says which file the disk does not read', () => {
    const here = copyOf('bare');
    rmSync(join(here.folder, WAL));
    expect(withUnreadable(here, here.journal, '1', 'evidence')).toMatchObject({
      ok: false,
      problem: 'damaged',
      detail: expect.stringMatching(/ 1 block of journal.sqlite$/),
    });
  });
});
