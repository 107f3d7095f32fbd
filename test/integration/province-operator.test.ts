import { connect } from 'node:net';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Db } from '../../src/province/db/db.ts';
import { liveState } from '../../src/province/live/view.ts';
import type { Draft } from '../../src/shared/journal/entry.ts';
import { resetSocket } from '../../tools/servers/reset-socket.ts';
import { type DeviceJournal, rateOnce, uploadRequest } from '../support/device-journal.ts';
import { ADMIN, type TestProvince } from '../support/province.ts';
import { provinceForEachTest } from '../support/province-suite.ts';
import { until } from '../support/until.ts';

let db: Db;
let p: TestProvince;
let url: URL;

provinceForEachTest({ readingThreads: 0 }, (parts) => {
  ({ db, p } = parts);
});
beforeEach(async () => {
  url = new URL(await p.province.start({ host: '127.0.0.1', port: 0 }));
});

it.each(['end', 'reset'] as const)(
  'an upload that the tablet breaks off (%s) is no fault of the database',
  async (how) => {
    const journal = await p.device();
    rateOnce(journal, { serviceKey: `${journal.deviceId}/a`, level: 4 });
    const { url: path, headers, payload } = uploadRequest(journal, journal.entries);
    const begun = new Promise((resolve) => p.province.app.server.once('request', resolve));
    const socket = connect(Number(url.port), url.hostname);
    socket.on('error', () => {});
    const lines = Object.entries({ ...headers, host: url.host, 'content-length': payload.length });
    socket.write(`POST ${path} HTTP/1.1\r\n${lines.map((line) => line.join(': ')).join('\r\n')}\r\n\r\n`);
    socket.write(payload.subarray(0, 50));
    await begun;
    if (how === 'end') socket.end();
    else resetSocket(socket);
    await until(() => expect(p.logged.join('\n')).toContain('broken off'));
    expect(p.logged.join('\n')).not.toMatch(/database is not there|a request failed/);
    expect((await p.upload(journal, journal.entries)).status).toBe(200);
  },
);

const rated = (journal: DeviceJournal, name: string) =>
  rateOnce(journal, { serviceKey: name.includes('/') ? name : `${journal.deviceId}/${name}`, level: 4 });
const shown = () => liveState(db, { nowMs: Date.now(), smallestGroup: 5 });
const ask = async (path: string) => {
  const reply = await p.province.app.inject({ method: 'GET', url: path, headers: ADMIN });
  return { status: reply.statusCode, body: reply.json() };
};
async function listed(journal: DeviceJournal) {
  const { devices } = (await ask('/v1/devices')).body as { devices: { deviceId: string }[] };
  return devices.find(({ deviceId }) => deviceId === journal.deviceId);
}

describe('alarms', () => {
  it('one that needs somebody stays, whatever comes after it, until the device is revoked', async () => {
    const forked = await p.device({ hall: '东厅', counter: '7' });
    rated(forked, 'a');
    const old = forked.copy();
    rated(forked, 'b');
    await p.upload(forked, forked.entries);
    rated(old, 'c');
    for (let i = 0; i < 2; i++) expect((await p.upload(old, old.entries)).status).toBe(409);
    const devices = [await p.device(), await p.device()];
    for (const journal of devices) for (let i = 0; i < 25; i++) rated(journal, `contested/${i}`);
    for (const journal of devices) expect((await p.upload(journal, journal.entries)).status).toBe(200);

    const { alarms, alarmsLeft } = await shown();
    const fork = {
      deviceId: forked.deviceId,
      hall: '东厅',
      counter: '7',
      kind: 'fork',
      seq: 6,
      entries: 1,
      times: 2,
      open: true,
    };
    expect(alarms[0]).toMatchObject(fork);
    // Twenty-five second ratings of one device are one line.
    expect(alarms.filter(({ kind }) => kind === 'secondRating')).toMatchObject([
      { deviceId: devices[1]?.deviceId, entries: 25, times: 25, open: false },
    ]);
    expect(alarmsLeft).toEqual({ open: 0, other: 0 });
    expect(await listed(forked)).toMatchObject({
      openAlarms: [{ kind: 'fork', seq: 6, entries: 1, times: 2 }],
    });
    expect(await listed(devices[1] ?? forked)).toMatchObject({ openAlarms: [] });

    const revoked = await p.province.app.inject({
      method: 'POST',
      url: `/v1/devices/${forked.deviceId}/revoke`,
      headers: ADMIN,
    });
    expect(revoked.statusCode).toBe(200);
    expect((await shown()).alarms.find(({ kind }) => kind === 'fork')).toMatchObject({
      ...fork,
      open: false,
    });
    expect(await listed(forked)).toMatchObject({ openAlarms: [] });
  });

  it('an entry that was refused is done with once it has come', async () => {
    const journal = await p.device();
    rated(journal, 'a');
    const raise = (seq: number) =>
      db.query(
        `INSERT INTO alarm (device_id, kind, seq, text, raised_at_ms, last_at_ms) VALUES ($1, 'parked', $2, '', 1, 1)`,
        [journal.deviceId, seq],
      );
    await raise(3);
    expect(await listed(journal)).toMatchObject({ openAlarms: [{ kind: 'parked', seq: 3 }] });
    await p.upload(journal, journal.entries);
    expect(await listed(journal)).toMatchObject({ openAlarms: [] });
  });

  it('says how many are not shown, and shows the gravest of them', async () => {
    await db.query(
      `INSERT INTO device (id, public_key, suite, hall, counter, registered_at_ms)
       SELECT 'many-' || n, 'key', 'ed25519-sha256', '西厅', n::text, 1 FROM generate_series(1, 510) n`,
    );
    await db.query(
      `INSERT INTO alarm (device_id, kind, seq, text, raised_at_ms, last_at_ms)
       SELECT 'many-' || n, kind, 9, '', 1, 9000000000000 + n
       FROM generate_series(1, 230) n, (VALUES ('parked'), ('ticketToken')) k (kind)
       UNION ALL SELECT 'many-1', 'fork', 2, '', 1, 1`,
    );
    const { alarms, alarmsLeft, devices, devicesLeft } = await shown();
    const open = alarms.filter((alarm) => alarm.open);
    expect(open[0]).toMatchObject({ deviceId: 'many-1', kind: 'fork' });
    expect(open).toHaveLength(200);
    expect(alarmsLeft.open).toBe(31);
    expect(alarms).toHaveLength(220);
    expect(alarmsLeft.other).toBeGreaterThanOrEqual(210);
    const [all] = await db.query<{ n: number }>('SELECT count(*) AS n FROM device');
    expect(devices.length + devicesLeft).toBe(all?.n);
    expect(devicesLeft).toBeGreaterThan(0);
  });
});

it('the list of devices comes in pages and says what is left', async () => {
  for (let i = 0; i < 3; i++) await p.device({ hall: '南厅', counter: String(i) });
  const whole = (await ask('/v1/devices')).body;
  const ids: string[] = whole.devices.map(({ deviceId }: { deviceId: string }) => deviceId);
  expect(whole.left).toBe(0);
  const paged: string[] = [];
  for (let left = 1, after = ''; left > 0; ) {
    const { body } = await ask(`/v1/devices?limit=${Math.ceil(ids.length / 3)}${after && `&after=${after}`}`);
    paged.push(...body.devices.map(({ deviceId }: { deviceId: string }) => deviceId));
    left = body.left;
    expect(left).toBe(ids.length - paged.length);
    after = paged.at(-1) ?? '';
  }
  expect(paged).toEqual(ids);
  expect((await ask('/v1/devices?limit=0')).status).toBe(422);
  expect((await ask('/v1/devices?after=nobody')).status).toBe(404);
});

it('a journal that was put together again twice has lost what it lost the first time', async () => {
  const journal = await p.device({ counter: '9' });
  rated(journal, 'a');
  const lost = restored(journal, 20);
  await p.upload(journal, journal.entries);
  const told = `原第 ${lost}–${lost + 19} 条遗失`;
  expect(await listed(journal)).toMatchObject({ report: `9号窗口：1–${lost} 完整，已恢复，${told}` });
  rated(journal, 'b');
  const again = restored(journal, 0);
  await p.upload(journal, journal.entries);
  const record = `1–${again} 完整，已恢复 2 次，${told}`;
  expect(await listed(journal)).toMatchObject({ report: `9号窗口：${record}` });
  const { devices } = await shown();
  const view = devices.find(({ deviceId }) => deviceId === journal.deviceId);
  if (view) expect(view).toMatchObject({ record });
});

/** @returns the seq of the entry that says so. */
function restored(journal: DeviceJournal, lost: number): number {
  const lostAfterSeq = journal.entries.length;
  const draft: Draft = {
    kind: 'journal.restored',
    body: {
      setAside: null,
      reason: 'missing',
      backupHead: null,
      salvagedTo: null,
      fetchedTo: null,
      lostAfterSeq,
      knownHeadSeq: lostAfterSeq + lost,
    },
  };
  journal.append([draft]);
  return lostAfterSeq + 1;
}
