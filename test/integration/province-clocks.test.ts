import { describe, expect, it } from 'vitest';
import type { Db } from '../../src/province/db/db.ts';
import { tallies } from '../../src/province/live/tally.ts';
import { openHelp } from '../../src/province/urgent/help-requests.ts';
import { type DeviceJournal, rateOnce } from '../support/device-journal.ts';
import type { TestProvince } from '../support/province.ts';
import { provinceForEachTest } from '../support/province-suite.ts';
import { askForHelp, notify, stretchesOf } from '../support/urgent-notices.ts';

/** A tablet whose clock was wrong when somebody was there, and right when it sent: NTP came between. */
let db: Db;
let p: TestProvince;

provinceForEachTest({ readingThreads: 0 }, (parts) => {
  ({ db, p } = parts);
});

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MINUTE_MS = 60_000;
let made = 0;

/** A device in a hall of its own, whose clock is off by `offMs`. */
async function tablet(offMs: number): Promise<{ readonly journal: DeviceJournal; readonly hall: string }> {
  made += 1;
  const hall = `大厅 ${made}`;
  const startMs = Date.now() + offMs;
  let ticks = 0;
  const journal = await p.device({ hall, nowMs: () => startMs + ++ticks });
  return { journal, hall };
}

const EPOCH = -Date.now() + 3 * MINUTE_MS;
const OFF: readonly (readonly [string, number])[] = [
  ['at 1970', EPOCH],
  ['two hours behind', -2 * HOUR_MS],
  ['a day ahead', DAY_MS],
];

/** Signed a while before it comes, as on a thin line. */
const onTheWay = () => ({ nowMs: Date.now() - 10_000 });
const shown = async (hall: string) => (await openHelp(db, Date.now())).filter((one) => one.hall === hall);

describe('a request for help from a tablet whose clock was wrong', () => {
  it.each(OFF)('%s and set since, in the same start: since is exact', async (_name, offMs) => {
    const { journal, hall } = await tablet(offMs);
    const asked = askForHelp(journal, 'a');
    const help = asked.at(-1);
    const sent = { boot: help?.boot, mono: (help?.mono ?? 0) + 5 * MINUTE_MS };
    const beforeMs = Date.now();
    expect((await notify(p, journal, { stretches: stretchesOf(journal, asked), sent })).status).toBe(200);
    const [one] = await shown(hall);
    expect(one?.sinceMs).toBeGreaterThanOrEqual(beforeMs - 5 * MINUTE_MS);
    expect(one?.sinceMs).toBeLessThanOrEqual(Date.now() - 5 * MINUTE_MS);
  });

  it.each(OFF)('%s and set since, before a start or from an older tablet', async (_name, offMs) => {
    for (const sent of [undefined, { boot: 'boot-2', mono: 9 }, { boot: '', mono: -1 }]) {
      const { journal, hall } = await tablet(offMs);
      const notice = { stretches: stretchesOf(journal, askForHelp(journal, 'a')), sent };
      expect((await notify(p, journal, notice)).status).toBe(200);
      const [one] = await shown(hall);
      expect(one?.sinceMs).toBeLessThanOrEqual(Date.now());
      if (offMs === EPOCH) expect(one?.sinceMs).toBeGreaterThan(Date.now() - HOUR_MS);
    }
  });

  it.each(OFF)('%s and set since, by the ordinary delivery', async (_name, offMs) => {
    const { journal, hall } = await tablet(offMs);
    askForHelp(journal, 'a');
    expect((await p.upload(journal, journal.entries)).status).toBe(200);
    const [one] = await shown(hall);
    expect(one?.sinceMs).toBeLessThanOrEqual(Date.now());
    if (offMs === EPOCH) expect(one?.sinceMs).toBeGreaterThan(Date.now() - HOUR_MS);
  });

  it('still wrong when it sends: by what the clock is off', async () => {
    for (const [, offMs] of OFF) {
      const { journal, hall } = await tablet(offMs);
      askForHelp(journal, 'a');
      const nowMs = Date.now() + offMs;
      expect((await p.upload(journal, journal.entries, { nowMs })).status).toBe(200);
      const [one] = await shown(hall);
      expect(Math.abs((one?.sinceMs ?? 0) - Date.now())).toBeLessThan(MINUTE_MS);
    }
  });

  it('on its way for some seconds: since what the tablet says, by notice and by delivery', async () => {
    const { journal, hall } = await tablet(-HOUR_MS / 2);
    const asked = askForHelp(journal, 'a');
    expect((await notify(p, journal, { stretches: stretchesOf(journal, asked) }, onTheWay())).status).toBe(
      200,
    );
    expect((await shown(hall)).map(({ sinceMs }) => sinceMs)).toEqual([asked.at(-1)?.at]);
    const other = await tablet(-HOUR_MS / 2);
    const delivered = askForHelp(other.journal, 'a');
    expect((await p.upload(other.journal, other.journal.entries, onTheWay())).status).toBe(200);
    expect((await shown(other.hall)).map(({ sinceMs }) => sinceMs)).toEqual([delivered.at(-1)?.at]);
  });

  it('twenty from a clock that was ahead hide none', async () => {
    const { journal: genuine, hall } = await tablet(0);
    const asked = askForHelp(genuine, 'a');
    expect((await notify(p, genuine, { stretches: stretchesOf(genuine, asked) })).status).toBe(200);
    const { journal } = await tablet(DAY_MS);
    for (let i = 0; i < 20; i++) askForHelp(journal, `p${i}`);
    expect((await p.upload(journal, journal.entries)).status).toBe(200);
    expect(await shown(hall)).toHaveLength(1);
  });

  it('one that its own start proves to be old is not shown', async () => {
    const { journal, hall } = await tablet(0);
    const asked = askForHelp(journal, 'a');
    const sent = { boot: asked.at(-1)?.boot, mono: (asked.at(-1)?.mono ?? 0) + 2 * HOUR_MS };
    expect((await notify(p, journal, { stretches: stretchesOf(journal, asked), sent })).status).toBe(200);
    expect(await shown(hall)).toEqual([]);
  });
});

describe('ratings of a tablet whose clock was wrong', () => {
  const today = async (hall: string) =>
    (await tallies(db, { nowMs: Date.now(), smallestGroup: 2 })).find((one) => one.hall === hall);
  const rateFive = (journal: DeviceJournal) => {
    for (let i = 0; i < 5; i++) rateOnce(journal, { serviceKey: `${journal.deviceId}/${i}`, level: 4 });
  };
  const settledAt = ({ entries }: DeviceJournal) =>
    entries.filter(({ kind }) => kind === 'rating.settled').map(({ at }) => at);
  const ratedAt = async ({ deviceId }: DeviceJournal) =>
    (
      await db.query<{ at: number }>(
        'SELECT settled_at_ms AS at FROM rating WHERE device_id = $1 ORDER BY seq',
        [deviceId],
      )
    ).map(({ at }) => at);

  it.each([
    ['at 1970', EPOCH],
    ['three days ahead', 3 * DAY_MS],
  ])('%s and set since count on the day they come', async (_name, offMs) => {
    const { journal, hall } = await tablet(offMs);
    rateFive(journal);
    expect((await p.upload(journal, journal.entries)).status).toBe(200);
    expect(await today(hall)).toMatchObject({ published: 5 });
  });

  it('still wrong when it sends count on the true day', async () => {
    const { journal, hall } = await tablet(-3 * DAY_MS);
    rateFive(journal);
    const nowMs = Date.now() - 3 * DAY_MS;
    expect((await p.upload(journal, journal.entries, { nowMs })).status).toBe(200);
    expect(await today(hall)).toMatchObject({ published: 5 });
  });

  it('behind by days, with what the province showed in the same start, count on the true day', async () => {
    const { journal, hall } = await tablet(-3 * DAY_MS);
    rateFive(journal);
    const mono = journal.entries.at(-1)?.mono ?? 0;
    const body = { link: 'province', mono, theirMs: Date.now(), errorMs: 20, offsetMs: 3 * DAY_MS };
    journal.append([{ kind: 'clock.observed', body }]);
    expect((await p.upload(journal, journal.entries)).status).toBe(200);
    expect(await today(hall)).toMatchObject({ published: 5 });
  });

  it('on their way for some seconds with a jump of the clock count at the time they name', async () => {
    const { journal } = await tablet(-HOUR_MS);
    journal.append([{ kind: 'clock.jumped', body: { byMs: 5_000 } }]);
    rateFive(journal);
    expect((await p.upload(journal, journal.entries, onTheWay())).status).toBe(200);
    expect(await ratedAt(journal)).toEqual(settledAt(journal));
  });

  it('of an honest backlog stay on their day', async () => {
    const { journal, hall } = await tablet(-3 * DAY_MS);
    rateFive(journal);
    expect((await p.upload(journal, journal.entries)).status).toBe(200);
    expect(await today(hall)).toBeUndefined();
    expect(await ratedAt(journal)).toEqual(settledAt(journal));
  });
});
