import { describe, expect, it } from 'vitest';
import type { Db, Queryable } from '../../src/province/db/db.ts';
import { shownAlarms } from '../../src/province/live/alarms.ts';
import { sealHeartbeat } from '../../src/sync/heartbeat.ts';
import type { DeviceJournal } from '../support/device-journal.ts';
import { ADMIN, type TestProvince } from '../support/province.ts';
import { provinceForEachTest } from '../support/province-suite.ts';

/** Ends that were cut off, and journals that were put together again and say which of them they know of. */
let db: Db;
let p: TestProvince;

provinceForEachTest({ readingThreads: 0 }, (parts) => {
  ({ db, p } = parts);
});

let mono = 1000;

/** The tablet says that its journal ends here; each is later than the one before. */
async function beat({ signer, deviceId }: DeviceJournal, headSeq: number): Promise<void> {
  mono += 1;
  const { path, headers, body } = sealHeartbeat(
    { headSeq, headHash: 'ab'.repeat(32), ackedSeq: 0, boot: 'boot-9', mono },
    { signer, deviceId, nowMs: Date.now() },
  );
  const reply = await p.province.app.inject({
    method: 'POST',
    url: path,
    headers,
    payload: Buffer.from(body),
  });
  expect(reply.statusCode).toBe(200);
}

/** Named up to 1000, and then an end before each of these. */
async function cutAt(journal: DeviceJournal, seqs: readonly number[]): Promise<void> {
  await beat(journal, 1000);
  for (const seq of seqs) await beat(journal, seq - 1);
}

async function restored(
  journal: DeviceJournal,
  ...known: readonly (number | null)[]
): Promise<{ readonly seq: number }> {
  const before = journal.entries.length;
  journal.append(
    known.map((knownHeadSeq, index) => ({
      kind: 'journal.restored',
      body: {
        setAside: null,
        reason: 'unreadable',
        backupHead: null,
        salvagedTo: null,
        fetchedTo: null,
        lostAfterSeq: before + index,
        knownHeadSeq,
      },
    })),
  );
  expect(
    (await p.upload(journal, before === 1 ? journal.entries : journal.entries.slice(before))).status,
  ).toBe(200);
  return { seq: before + 1 };
}

/** What stands on the live page, and the same in the list of devices. */
async function cutEndsOf({ deviceId }: DeviceJournal) {
  const { alarms } = await shownAlarms(db);
  const onPage = alarms.find((alarm) => alarm.deviceId === deviceId && alarm.kind === 'cutTail');
  const reply = await p.province.app.inject({ method: 'GET', url: '/v1/devices', headers: ADMIN });
  const { devices } = reply.json() as {
    devices: {
      deviceId: string;
      openAlarms: { kind: string; seq: number; entries: number; times: number }[];
    }[];
  };
  const listed = devices
    .find((device) => device.deviceId === deviceId)
    ?.openAlarms.find(({ kind }) => kind === 'cutTail');
  expect(listed?.entries).toBe(onPage?.entries);
  return listed && { seq: listed.seq, entries: listed.entries, times: listed.times };
}

describe('ends that were cut off', () => {
  it('are done with when a restored journal knows of them, the others stay', async () => {
    const journal = await p.device();
    await cutAt(journal, [20, 40, 40, 60, 50]);
    expect(await cutEndsOf(journal)).toEqual({ seq: 50, entries: 4, times: 5 });
    await restored(journal, 50);
    expect(await cutEndsOf(journal)).toEqual({ seq: 60, entries: 1, times: 1 });
    await restored(journal, 60);
    expect(await cutEndsOf(journal)).toBeUndefined();
  });

  it('that are named later are judged then, by every restored journal before them', async () => {
    const journal = await p.device();
    await restored(journal, 100, 10, null);
    await cutAt(journal, [100, 30, 30]);
    expect(await cutEndsOf(journal)).toBeUndefined();
    await beat(journal, 100);
    expect(await cutEndsOf(journal)).toEqual({ seq: 101, entries: 1, times: 1 });
    await beat(journal, 29);
    await beat(journal, 100);
    expect(await cutEndsOf(journal)).toEqual({ seq: 101, entries: 1, times: 2 });
  });

  it('are not explained by a journal that knows nothing, nor by what was written after them', async () => {
    const journal = await p.device();
    await cutAt(journal, [3]);
    await restored(journal, null, null, 50);
    expect(await cutEndsOf(journal)).toEqual({ seq: 3, entries: 1, times: 1 });
  });

  it('of other devices are none of its business', async () => {
    const [journal, other] = [await p.device(), await p.device()];
    await cutAt(journal, [20]);
    await cutAt(other, [20]);
    await restored(journal, 50);
    expect(await cutEndsOf(journal)).toBeUndefined();
    expect(await cutEndsOf(other)).toEqual({ seq: 20, entries: 1, times: 1 });
  });

  it('stay in the table', async () => {
    const journal = await p.device();
    await cutAt(journal, [20, 30]);
    await restored(journal, 50);
    await beat(journal, 30);
    const rows = await db.query(
      `SELECT seq, times FROM alarm WHERE device_id = $1 AND kind = 'cutTail' ORDER BY seq`,
      [journal.deviceId],
    );
    expect(rows).toEqual([
      { seq: 20, times: 1 },
      { seq: 30, times: 1 },
      { seq: 31, times: 1 },
    ]);
  });
});

it('what is shown of the alarms does not grow with them: they are counted, and never looked through', async () => {
  let read = '';
  const watched: Queryable = {
    ...db,
    async query(sql, params) {
      read += JSON.stringify(await db.query(`EXPLAIN (FORMAT JSON) ${sql}`, params));
      return await db.query(sql, params);
    },
  };
  await shownAlarms(watched);
  const tables = [...read.matchAll(/"Relation Name": ?"(\w+)"/g)].map(([, name]) => name);
  expect([...new Set(tables)].sort()).toEqual(['alarm_by_kind', 'device']);
});
