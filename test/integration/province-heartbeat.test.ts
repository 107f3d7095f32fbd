import { describe, expect, it } from 'vitest';
import type { Db } from '../../src/province/db/db.ts';
import type { Entry } from '../../src/shared/journal/entry.ts';
import type { Heartbeat } from '../../src/shared/protocol/heartbeat.ts';
import { sealHeartbeat } from '../../src/sync/heartbeat.ts';
import { type DeviceJournal, newSigner, rateOnce } from '../support/device-journal.ts';
import { ADMIN, alarmsOf, type TestProvince } from '../support/province.ts';
import { provinceForEachTest } from '../support/province-suite.ts';

let db: Db;
let p: TestProvince;

provinceForEachTest({}, (parts) => {
  ({ db, p } = parts);
});

const rated = (journal: DeviceJournal, name: string) =>
  rateOnce(journal, { serviceKey: `${journal.deviceId}/${name}`, level: 4 });

/** What a device with this journal would say; its own time stands `afterMs` behind its last entry. */
function heartbeatOf(entries: readonly Entry[], afterMs = 5, more: Partial<Heartbeat> = {}): Heartbeat {
  const head = entries.at(-1);
  if (!head) throw new Error('a journal without entries says nothing');
  const { seq, hash, boot, mono } = head;
  return { headSeq: seq, headHash: hash, ackedSeq: 0, boot, mono: mono + afterMs, ...more };
}

async function say(journal: DeviceJournal, heartbeat: Heartbeat, signer = journal.signer) {
  const { deviceId } = journal;
  const { path, headers, body } = sealHeartbeat(heartbeat, { signer, deviceId, nowMs: Date.now() });
  const reply = await p.province.app.inject({
    method: 'POST',
    url: path,
    headers: { ...headers },
    payload: Buffer.from(body),
  });
  return { status: reply.statusCode, body: reply.json() };
}

async function listed(journal: DeviceJournal) {
  const reply = await p.province.app.inject({ method: 'GET', url: '/v1/devices', headers: ADMIN });
  const { devices } = reply.json() as { devices: readonly { readonly deviceId: string }[] };
  return devices.find((device) => device.deviceId === journal.deviceId);
}

describe('the gap report', () => {
  it('says that a counter is complete', async () => {
    const journal = await p.device({ counter: '3' });
    rated(journal, 'a');
    await p.upload(journal, journal.entries);
    const head = journal.entries.at(-1);
    expect(await say(journal, heartbeatOf(journal.entries))).toMatchObject({
      status: 200,
      body: { ackedSeq: head?.seq, ackedHash: head?.hash },
    });
    expect(await listed(journal)).toMatchObject({ report: '3号窗口：1–5 完整', silentSinceMs: null });
  });

  it('names what is missing within one heartbeat, and is content when it has come', async () => {
    const journal = await p.device({ counter: '3' });
    const first = [...journal.entries, ...rated(journal, 'a')];
    await p.upload(journal, first);
    const second = rated(journal, 'b');
    const told = await say(journal, heartbeatOf(journal.entries));
    expect(told).toMatchObject({ status: 200, body: { ackedSeq: 5 } });
    expect(await listed(journal)).toMatchObject({ report: '3号窗口：1–5 完整，缺 6–9' });
    await p.upload(journal, second);
    expect(await listed(journal)).toMatchObject({ report: '3号窗口：1–9 完整', announcedSeq: 9 });
    expect(await alarmsOf(db, journal)).toEqual([]);
  });

  it('keeps the further of two gaps: a batch that comes ahead does not hide what was announced', async () => {
    const journal = await p.device({ counter: '3' });
    await p.upload(journal, [...journal.entries, ...rated(journal, 'a')]);
    rated(journal, 'b');
    const ahead = rated(journal, 'c');
    rated(journal, 'd');
    await say(journal, heartbeatOf(journal.entries));
    const missing = `3号窗口：1–5 完整，缺 6–${journal.entries.at(-1)?.seq}`;
    expect(await listed(journal)).toMatchObject({ report: missing });
    expect((await p.upload(journal, ahead)).status).toBe(409);
    expect(await listed(journal)).toMatchObject({ report: missing });
  });

  it('names the entry at which a device is held', async () => {
    const journal = await p.device();
    rated(journal, 'a');
    await say(journal, heartbeatOf(journal.entries, 5, { parkedSeq: 1 }));
    expect(await alarmsOf(db, journal)).toEqual([{ kind: 'parked', seq: 1, times: 1 }]);
  });
});

describe('a journal that is not what it was', () => {
  it('an old copy put back is an alarm, and the device is told', async () => {
    const journal = await p.device();
    rated(journal, 'a');
    await p.upload(journal, journal.entries);
    const old = journal.entries.slice(0, 2);
    const answer = await say(journal, heartbeatOf(old, 60_000));
    expect(answer).toMatchObject({ status: 409, body: { error: 'gap', expectedSeq: 6 } });
    expect(await alarmsOf(db, journal)).toEqual([{ kind: 'oldCopy', seq: 2, times: 1 }]);
    const rebooted = await say(journal, heartbeatOf(old, 5, { boot: 'boot-2' }));
    expect(rebooted.status).toBe(409);
  });

  it('a heartbeat that the network held back is not', async () => {
    const journal = await p.device();
    const early = heartbeatOf(journal.entries, 0);
    rated(journal, 'a');
    await p.upload(journal, journal.entries);
    expect(await say(journal, early)).toMatchObject({ status: 200, body: { ackedSeq: 5 } });
    await say(journal, heartbeatOf(journal.entries));
    expect(await say(journal, early)).toMatchObject({ status: 200 });
    expect(await alarmsOf(db, journal)).toEqual([]);
  });

  it('a cut end is named, whether the head went back or other entries come in its place', async () => {
    const journal = await p.device();
    await p.upload(journal, journal.entries);
    const cut = journal.copy();
    rated(journal, 'lost');
    await say(journal, heartbeatOf(journal.entries));
    rated(cut, 'other');
    expect((await say(cut, heartbeatOf(cut.entries.slice(0, 3), 60_000))).status).toBe(200);
    expect(await alarmsOf(db, journal)).toEqual([{ kind: 'cutTail', seq: 4, times: 1 }]);
    expect((await p.upload(cut, cut.entries)).status).toBe(200);
    expect(await alarmsOf(db, journal)).toEqual([
      { kind: 'cutTail', seq: 4, times: 1 },
      { kind: 'cutTail', seq: 5, times: 1 },
    ]);
  });

  it('another entry at the head is a fork', async () => {
    const journal = await p.device();
    await p.upload(journal, journal.entries);
    const other = heartbeatOf(journal.entries, 5, { headHash: 'ab'.repeat(32) });
    expect(await say(journal, other)).toMatchObject({ status: 409, body: { error: 'fork', seq: 1 } });
  });
});

it('a heartbeat of somebody else, of nobody, or of no meaning changes nothing', async () => {
  const journal = await p.device();
  const heartbeat = heartbeatOf(journal.entries);
  expect(await say(journal, heartbeat, newSigner())).toMatchObject({
    status: 401,
    body: { error: 'badSignature' },
  });
  expect(await say(journal, { ...heartbeat, headSeq: -1 })).toMatchObject({
    status: 422,
    body: { error: 'malformed' },
  });
  expect(await listed(journal)).toMatchObject({ heartbeatAtMs: null, announcedSeq: 0 });
  await p.province.app.inject({
    method: 'POST',
    url: `/v1/devices/${journal.deviceId}/revoke`,
    headers: ADMIN,
  });
  expect(await say(journal, heartbeat)).toMatchObject({ status: 403, body: { error: 'revoked' } });
});
