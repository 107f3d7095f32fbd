import { describe, expect, it } from 'vitest';
import type { Db } from '../../src/province/db/db.ts';
import type { Entry } from '../../src/shared/journal/entry.ts';
import { type DeviceJournal, rateOnce } from '../support/device-journal.ts';
import { alarmsOf, type TestProvince } from '../support/province.ts';
import { provinceForEachTest } from '../support/province-suite.ts';
import { askForHelp, notify, stretchesOf } from '../support/urgent-notices.ts';

/** A tablet that announced entries and lost them: what it announces and sends afterwards is no second history. */
let db: Db;
let p: TestProvince;

provinceForEachTest({ readingThreads: 0 }, (parts) => {
  ({ db, p } = parts);
});

const rated = (journal: DeviceJournal, name: string) =>
  rateOnce(journal, { serviceKey: `${journal.deviceId}/${name}`, level: 4 });
const tell = async (journal: DeviceJournal, asked: readonly Entry[]) =>
  (await notify(p, journal, { stretches: stretchesOf(journal, asked) })).status;
const upload = async (journal: DeviceJournal) => (await p.upload(journal, journal.entries)).status;
const kindsOf = async (journal: DeviceJournal) => (await alarmsOf(db, journal)).map(({ kind }) => kind);
const helpOf = async (journal: DeviceJournal) =>
  (
    await db.query<{ seq: number }>('SELECT seq FROM help_request WHERE device_id = $1 ORDER BY seq', [
      journal.deviceId,
    ])
  ).map(({ seq }) => seq);
const openOf = async (journal: DeviceJournal) =>
  (
    await db.query<{ open: number | null }>('SELECT announced_open_seq AS open FROM device WHERE id = $1', [
      journal.deviceId,
    ])
  )[0]?.open;

/** Held up to 5; announced behind a backlog were entries up to 14, when the database broke. */
async function damaged() {
  const journal = await p.device();
  rated(journal, 'a');
  expect(await upload(journal)).toBe(200);
  const heldTo = journal.entries.length;
  const again = journal.copy('boot-2');
  rated(journal, 'lost');
  const lost = askForHelp(journal, 'lost-2');
  expect(await tell(journal, lost)).toBe(200);
  return { journal, again, heldTo, knownTo: journal.entries.length };
}

function putTogether(again: DeviceJournal, lostAfterSeq: number, knownHeadSeq: number | null): void {
  const rest = { setAside: null, reason: 'badMiddle', backupHead: null, salvagedTo: null, fetchedTo: null };
  again.append([{ kind: 'journal.restored', body: { ...rest, lostAfterSeq, knownHeadSeq } }]);
}

describe('announced entries that the tablet then lost', () => {
  it('a request for help before the journal that says so is shown, and is no fork', async () => {
    const { journal, again, heldTo, knownTo } = await damaged();
    putTogether(again, heldTo, knownTo);
    const asked = askForHelp(again, 'now');
    expect(await tell(again, asked)).toBe(200);
    expect(await tell(again, asked)).toBe(200);
    expect(await helpOf(journal)).toContain(asked.at(-1)?.seq);
    expect(await upload(again)).toBe(200);
    expect(await tell(again, asked)).toBe(200);
    for (let i = 0; i < 4; i++) rated(again, `z${i}`);
    expect(await upload(again)).toBe(200);
    expect(await kindsOf(journal)).toEqual(['restored']);
    expect(await openOf(journal)).toBeNull();
  });

  it('are settled with the entry that says so, though the journal has not come as far', async () => {
    const { journal, again, heldTo, knownTo } = await damaged();
    putTogether(again, heldTo, knownTo);
    expect(await upload(again)).toBe(200);
    expect(await openOf(journal)).toBeNull();
    const asked = askForHelp(again, 'now');
    expect(await tell(again, asked)).toBe(200);
    const later = askForHelp(again, 'later');
    expect(await tell(again, later)).toBe(200);
    expect(await helpOf(journal)).toEqual(
      expect.arrayContaining([asked.at(-1)?.seq ?? 0, later.at(-1)?.seq ?? 0]),
    );
    for (let i = 0; i < 4; i++) rated(again, `z${i}`);
    expect(await upload(again)).toBe(200);
    expect(await kindsOf(journal)).toEqual(['restored']);
  });

  it('what was announced is kept as it came: it is the only copy', async () => {
    const { journal, again, heldTo, knownTo } = await damaged();
    const announced = () =>
      db.query<{ seq: number; id: string }>(
        'SELECT seq, id FROM announced WHERE device_id = $1 ORDER BY seq',
        [journal.deviceId],
      );
    const before = await announced();
    putTogether(again, heldTo, knownTo);
    await tell(again, askForHelp(again, 'now'));
    expect(await upload(again)).toBe(200);
    expect((await announced()).filter(({ seq }) => seq <= knownTo)).toEqual(before);
  });
});

describe('what the restored journal itself announced', () => {
  it.each([30, null])('is compared, though the lost entries are said to go to %s', async (knownHeadSeq) => {
    const { journal, again, heldTo, knownTo } = await damaged();
    putTogether(again, heldTo, knownHeadSeq);
    const copied = again.copy('boot-3');
    while (again.entries.length <= knownTo) rated(again, `z${again.entries.length}`);
    const asked = askForHelp(again, 'now');
    expect(await tell(again, asked)).toBe(200);
    while (copied.entries.length < again.entries.length) rated(copied, `y${copied.entries.length}`);
    expect(await upload(copied)).toBe(200);
    expect((await alarmsOf(db, journal)).filter(({ kind }) => kind === 'fork')).toMatchObject(
      asked.filter((_, index) => index !== 1).map(({ seq }) => ({ seq })),
    );
    expect(await openOf(journal)).toBeNull();
  });

  it.each([30, null])(
    'is confirmed by its own journal in one batch or several (%s)',
    async (knownHeadSeq) => {
      const { journal, again, heldTo, knownTo } = await damaged();
      putTogether(again, heldTo, knownHeadSeq);
      while (again.entries.length <= knownTo) rated(again, `z${again.entries.length}`);
      const asked = askForHelp(again, 'now');
      expect(await tell(again, asked)).toBe(200);
      expect((await p.upload(again, again.entries.slice(heldTo, heldTo + 1))).status).toBe(200);
      expect(await openOf(journal)).toBe(asked[0]?.seq);
      expect(await upload(again)).toBe(200);
      expect(await kindsOf(journal)).toEqual(['restored']);
      expect(await openOf(journal)).toBeNull();
    },
  );
});

describe('a device that runs twice', () => {
  it('is found by the journal that comes: another entry than was announced, and nothing was restored', async () => {
    const { journal, again } = await damaged();
    const asked = askForHelp(again, 'now');
    expect(await tell(again, asked)).toBe(200);
    rated(again, 'more');
    expect(await upload(again)).toBe(200);
    expect(await kindsOf(journal)).toContain('fork');
    expect(await upload(journal)).toBe(409);
  });

  it('is found by a notice that the ledger contradicts', async () => {
    const { journal, again } = await damaged();
    expect(await upload(journal)).toBe(200);
    expect(await tell(again, askForHelp(again, 'now'))).toBe(409);
    expect(await kindsOf(journal)).toEqual(['fork']);
  });

  it('is found outside of what was restored', async () => {
    const { journal, again, heldTo } = await damaged();
    putTogether(again, heldTo, heldTo + 4);
    for (let i = 0; i < 4; i++) rated(again, `z${i}`);
    expect(await upload(again)).toBe(200);
    expect(await kindsOf(journal)).toContain('fork');
  });
});
