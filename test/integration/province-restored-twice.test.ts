import { describe, expect, it } from 'vitest';
import type { Db } from '../../src/province/db/db.ts';
import { sealHeartbeat } from '../../src/sync/heartbeat.ts';
import { createRecoverer } from '../../src/sync/recover.ts';
import type { DeviceJournal } from '../support/device-journal.ts';
import { ADMIN, type TestProvince } from '../support/province.ts';
import { provinceForEachTest } from '../support/province-suite.ts';
import { askForHelp, notify, stretchesOf } from '../support/urgent-notices.ts';

/** What a damaged tablet is told of entries that somebody knows of: none that it gave up already the last time. */
let db: Db;
let p: TestProvince;

provinceForEachTest({ readingThreads: 0 }, (parts) => {
  ({ db, p } = parts);
});

const inject = (request: { path: string; headers: Record<string, string>; body: Uint8Array }) =>
  p.province.app.inject({
    method: 'POST',
    url: request.path,
    headers: request.headers,
    payload: Buffer.from(request.body),
  });

/** As the tablet says it when its journal ends with this entry. */
async function beat(journal: DeviceJournal): Promise<void> {
  const { seq: headSeq, hash: headHash, boot, mono } = end(journal);
  const { signer, deviceId } = journal;
  const said = sealHeartbeat(
    { headSeq, headHash, ackedSeq: 0, boot, mono },
    { signer, deviceId, nowMs: Date.now() },
  );
  expect((await inject(said)).statusCode).toBe(200);
}

function end(journal: DeviceJournal) {
  const last = journal.entries.at(-1);
  if (!last) throw new Error('the journal is empty');
  return last;
}

function goOn(journal: DeviceJournal, toSeq: number): void {
  while (journal.entries.length < toSeq)
    journal.append([{ kind: 'pause.changed', body: { paused: true, by: 'queue' } }]);
}

/** The furthest entry that the province knows of, as a tablet asks for it that has its journal up to here. */
async function knownAt(journal: DeviceJournal): Promise<number> {
  const ask = createRecoverer({
    post: async (request) => {
      const { statusCode, body } = await inject(request);
      return { kind: 'reply', status: statusCode, body };
    },
    signer: journal.signer,
    deviceId: journal.deviceId,
    clock: { nowMs: Date.now, monoMs: () => 0 },
  });
  const answer = await ask(end(journal));
  if (!answer.ok) throw new Error(answer.message);
  return Math.max(answer.heldSeq, answer.reportedSeq);
}

/** Damaged, and put together again with all that is held. */
async function restored(journal: DeviceJournal): Promise<number> {
  const knownHeadSeq = await knownAt(journal);
  const lostAfterSeq = journal.entries.length;
  const rest = {
    setAside: null,
    reason: 'unreadable',
    backupHead: null,
    salvagedTo: null,
    fetchedTo: null,
  } as const;
  journal.append([{ kind: 'journal.restored', body: { ...rest, lostAfterSeq, knownHeadSeq } }]);
  return knownHeadSeq;
}

const upload = async (journal: DeviceJournal) => (await p.upload(journal, journal.entries)).status;

/** What the province waits for. */
const missingTo = async ({ deviceId }: DeviceJournal) =>
  (await db.query('SELECT missing_to_seq AS seq FROM device WHERE id = $1', [deviceId]))[0];

const announced = async ({ deviceId }: DeviceJournal) =>
  (
    await db.query('SELECT announced_seq AS seq, announced_boot AS boot FROM device WHERE id = $1', [
      deviceId,
    ])
  )[0];

async function reported(journal: DeviceJournal): Promise<string> {
  const reply = await p.province.app.inject({ method: 'GET', url: '/v1/devices', headers: ADMIN });
  const { devices } = reply.json() as { devices: { deviceId: string; report: string }[] };
  return devices.find(({ deviceId }) => deviceId === journal.deviceId)?.report ?? '';
}

/** Held up to 50, named up to 80, restored and held up to 51. */
async function damagedOnce() {
  const journal = await p.device({ counter: '3' });
  goOn(journal, 50);
  expect(await upload(journal)).toBe(200);
  const again = journal.copy('boot-2');
  goOn(journal, 80);
  await beat(journal);
  expect(await restored(again)).toBe(80);
  return { journal, again };
}

describe('a journal that is damaged a second time', () => {
  it('has lost nothing that it gave up the first time', async () => {
    const { again } = await damagedOnce();
    goOn(again, 60);
    expect(await upload(again)).toBe(200);
    expect(await restored(again)).toBe(60);
    expect(await upload(again)).toBe(200);
    expect(await reported(again)).toBe('3号窗口：1–61 完整，已恢复 2 次，原第 51–80 条遗失');
  });

  it('before the first loss has come is told of it again', async () => {
    const { journal, again } = await damagedOnce();
    expect(await knownAt(journal.copy())).toBe(80);
    expect(await upload(again)).toBe(200);
    expect(await knownAt(again)).toBe(51);
  });

  it('is told of what the restored journal named itself, though that came before its first entry', async () => {
    const { again } = await damagedOnce();
    const first = again.entries.slice(50);
    goOn(again, 80);
    await beat(again);
    expect((await p.upload(again, first)).status).toBe(200);
    expect(await knownAt(again.copy('boot-3'))).toBe(80);
    expect(await missingTo(again)).toEqual({ seq: 80 });
  });

  it('is waited for no further than it goes where it was damaged again before the first loss came', async () => {
    const { again } = await damagedOnce();
    goOn(again, 59);
    const twice = again.copy('boot-3');
    goOn(again, 80);
    await beat(again);
    expect(await restored(twice)).toBe(80);
    expect(await upload(twice)).toBe(200);
    expect(await announced(twice)).toEqual({ seq: 60, boot: 'boot-3' });
    expect(await missingTo(twice)).toEqual({ seq: null });
  });

  it('that a later start goes on with has its head again with the next heartbeat, and none below what is held', async () => {
    const { again } = await damagedOnce();
    goOn(again, 60);
    const first = again.entries.slice(50);
    const later = again.copy('boot-3');
    goOn(later, 70);
    await beat(later);
    expect((await p.upload(later, first)).status).toBe(200);
    expect(await announced(later)).toEqual({ seq: 60, boot: 'boot-2' });
    expect(await missingTo(later)).toEqual({ seq: null });
    await beat(later);
    expect(await announced(later)).toEqual({ seq: 70, boot: 'boot-3' });
    expect(await missingTo(later)).toEqual({ seq: 70 });
  });

  it('is told of what was named beyond all that it knew of', async () => {
    const { journal, again } = await damagedOnce();
    goOn(journal, 90);
    await beat(journal);
    expect(await upload(again)).toBe(200);
    expect(await knownAt(again)).toBe(90);
  });

  it('is told of nothing that had come ahead of its journal and was given up', async () => {
    const journal = await p.device({ counter: '3' });
    goOn(journal, 50);
    expect(await upload(journal)).toBe(200);
    const again = journal.copy('boot-2');
    goOn(journal, 75);
    const asked = askForHelp(journal, 'lost');
    expect((await notify(p, journal, { stretches: stretchesOf(journal, asked) })).status).toBe(200);
    expect(await restored(again)).toBe(80);
    expect(await upload(again)).toBe(200);
    expect(await knownAt(again)).toBe(51);
  });
});
