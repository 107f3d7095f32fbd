import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createOpener } from '../../src/core/restoring.ts';
import type { Db } from '../../src/province/db/db.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { GENESIS } from '../../src/shared/journal/chain.ts';
import { MAX_BATCH_BYTES, MAX_BATCH_ENTRIES } from '../../src/shared/protocol/batch.ts';
import { RECOVER_MEDIA_TYPE, RecoveredSchema, recoverPath } from '../../src/shared/protocol/recover.ts';
import { signRequest } from '../../src/shared/protocol/signature.ts';
import type { Store, StoreParts } from '../../src/store/store.ts';
import { createHttpPost } from '../../src/sync/http-post.ts';
import { pack } from '../../src/sync/parcel.ts';
import { createUploader, type UploadState } from '../../src/sync/uploader.ts';
import { cleanUp, names, open, rateAll } from '../support/bent-journal.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { openTestDb, startTestProvince, type TestProvince } from '../support/province.ts';
import { registeredSite } from '../support/registered-site.ts';

/**
 * A real store and uploader on the real province, over a line on which a full batch takes longer than the kiosk waits.
 * As 42 kB on a line of 24 kbit/s at 10 s, with everything shorter in proportion.
 */
let database: { readonly db: Db; close(): Promise<void> };
let far: TestProvince;
let baseUrl: string;
const lines: FaultProxy[] = [];

beforeAll(async () => {
  database = await openTestDb('pglite');
  far = await startTestProvince(database.db);
  baseUrl = await far.province.app.listen({ host: '127.0.0.1', port: 0 });
}, 60_000);
afterAll(async () => {
  await far.stop();
  await database.close();
});
afterEach(async () => {
  for (const line of lines.splice(0)) await line.close();
  cleanUp();
});

const registered = (deviceId: string) => registeredSite(baseUrl, deviceId);

async function lineOf(bytesPerSecond: number): Promise<FaultProxy> {
  const { hostname, port } = new URL(baseUrl);
  const line = await startFaultProxy({
    target: () => ({ host: hostname, port: Number(port) }),
    seed: 1,
    share: 0,
    bytesPerSecond,
  });
  lines.push(line);
  return line;
}

/** Delivers everything. @returns every state on the way. */
async function delivered(
  parts: StoreParts,
  store: Store,
  line: { readonly url: string; readonly timeoutMs: number },
): Promise<readonly UploadState[]> {
  const post = createHttpPost({ baseUrl: line.url, timeoutMs: line.timeoutMs });
  const states: UploadState[] = [];
  let look = () => {};
  const uploader = createUploader({
    ...parts,
    store,
    post,
    link: 'province',
    random: () => 0.1,
    heartbeat: { everyMs: 300, boot: parts.boot },
    onState(state) {
      states.push(state);
      if (state.state === 'idle' && state.unsent === 0) look();
    },
  });
  await new Promise<void>((done) => {
    look = done;
    uploader.start();
  });
  await uploader.stop();
  await post.close();
  return states;
}

it('a backlog comes through, and heartbeats meanwhile', async () => {
  const { parts } = await registered('thin-1');
  const store = open(parts);
  rateAll(store, names(1, 130));
  const { deviceId, signer } = parts;
  const limits = { deviceId, afterSeq: 0, maxEntries: MAX_BATCH_ENTRIES, maxBytes: MAX_BATCH_BYTES };
  const full = await pack(store, limits)?.seal(signer, 0);
  const timeoutMs = 1_500;
  const { url } = await lineOf((full?.body.length ?? 0) / (1.4 * (timeoutMs / 1000)));
  const states = await delivered(parts, store, { url, timeoutMs });

  expect(states.filter(({ state }) => state === 'offline')[0]).toMatchObject({
    ackedSeq: 0,
    lastError: expect.stringMatching(/did not answer in time/),
  });
  expect(states.some(({ provinceHolds, unsent }) => provinceHolds && unsent > 0)).toBe(true);
  const head = store.head();
  const [held] = await database.db.query(
    `SELECT count(*)::int AS n, max(seq)::int AS seq FROM ledger WHERE device_id = $1`,
    [deviceId],
  );
  expect(held).toEqual({ n: head.seq, seq: head.seq });
});

it('a piece that is asked back is never less than a commit, and more than a batch is a batch', async () => {
  const { parts } = await registered('thin-3');
  const { deviceId, signer } = parts;
  const store = open(parts);
  rateAll(store, names(1, 2));
  await delivered(parts, store, { url: baseUrl, timeoutMs: 20_000 });
  const all = [...store.entries()];
  const path = recoverPath(deviceId);
  async function piece(after: number, maxEntries?: number): Promise<readonly unknown[]> {
    const afterHash = all[after - 1]?.hash ?? GENESIS;
    const body = Buffer.from(JSON.stringify({ afterSeq: after, afterHash, maxEntries }));
    const proof = signRequest(signer, { method: 'POST', path, body, keyId: deviceId, nowMs: Date.now() });
    const headers = { 'content-type': RECOVER_MEDIA_TYPE, ...proof };
    const reply = await fetch(`${baseUrl}${path}`, { method: 'POST', headers, body });
    const { entries } = RecoveredSchema.parse(await reply.json());
    return entries.map(({ data }) => data.seq);
  }
  let longest = 0;
  for (let after = 0; after < all.length; ) {
    const commit = all.findIndex(({ seq, sig }) => seq > after && sig !== null) + 1;
    const seqs = all.slice(after, commit).map(({ seq }) => seq);
    expect(await piece(after, 1)).toEqual(seqs);
    longest = Math.max(longest, seqs.length);
    after = commit;
  }
  expect(longest).toBeGreaterThan(1);
  const whole = all.map(({ seq }) => seq);
  expect(await piece(0)).toEqual(whole);
  expect(await piece(0, 10_000_000)).toEqual(whole);
});

it('a damaged journal comes back whole', async () => {
  const { parts, journal } = await registered('thin-2');
  const store = open(parts);
  rateAll(store, names(1, 60));
  await delivered(parts, store, { url: baseUrl, timeoutMs: 20_000 });
  const before = [...store.entries()];
  store.close();
  writeFileSync(journal, 'not a database at all\n'.repeat(500));

  const timeoutMs = 1_000;
  // Not compressed, an entry is some 400 bytes: all of it takes thrice as long as is waited.
  const { url } = await lineOf((before.length * 400) / (3 * (timeoutMs / 1000)));
  const opener = createOpener({ clock: systemClock });
  const site = { province: { url, timeoutMs } };
  let opened = await opener.open(parts, site);
  expect(opened).toMatchObject({
    ok: false,
    lines: [expect.anything(), expect.stringMatching(/did not answer in time/)],
  });
  for (let again = 0; again < 30 && !opened.ok; again++) opened = await opener.open(parts, site);
  if (!opened.ok) throw new Error(opened.lines.join('\n'));
  expect(opened.restored).toMatchObject({ fetchedTo: before.length, lostAfterSeq: before.length });
  expect([...opened.store.entries()].slice(0, before.length)).toEqual(before);
  opened.store.close();
});
