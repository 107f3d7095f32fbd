import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Db } from '../../src/province/db/db.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { createHttpPost } from '../../src/sync/http-post.ts';
import { createUploader, type UploadState } from '../../src/sync/uploader.ts';
import { ADMIN, openTestDb, startTestProvince, type TestProvince } from '../support/province.ts';
import {
  drafts,
  mustOpen,
  newFolder,
  newService,
  newSigner,
  rateOnce,
  storeParts,
} from '../support/store-parts.ts';

/** The two ends that ship, on each other: store and uploader here, the reference province there. */
let database: { readonly db: Db; close(): Promise<void> };
let far: TestProvince;
let baseUrl: string;

beforeAll(async () => {
  database = await openTestDb('pglite');
  far = await startTestProvince(database.db);
  baseUrl = await far.province.app.listen({ host: '127.0.0.1', port: 0 });
}, 60_000);
afterAll(async () => {
  await far.stop();
  await database.close();
});

it('what the kiosk froze is what the province holds, hash by hash; a stranger is told to wait', async () => {
  const { folder, remove } = newFolder();
  const signer = newSigner();
  const parts = storeParts(folder, { signer, clock: systemClock });
  const { deviceId } = parts;
  const store = mustOpen(parts);
  const post = createHttpPost({ baseUrl, timeoutMs: 20_000 });
  let look: (state: UploadState) => void = () => {};
  const uploader = createUploader({
    ...parts,
    store,
    post,
    link: 'province',
    random: Math.random,
    onState: (state) => look(state),
  });
  const until = (holds: (state: UploadState) => boolean) =>
    new Promise<UploadState>((done) => {
      look = (state) => holds(state) && done(state);
      look(uploader.state());
    });
  try {
    for (let i = 0; i < 150; i++) rateOnce(store, `hall-01/20260506/A${i}`, i % 2 === 0 ? 5 : 1);
    const service = newService('大厅/"引号"\\/🏠');
    store.append([drafts.opened(service)]);
    uploader.start();
    const unknown = await until(({ state }) => state === 'waiting');
    expect(unknown.lastError).toMatch(/not registered/);

    const publicKey = Buffer.from(signer.publicKey).toString('base64');
    const registered = await fetch(`${baseUrl}/v1/devices`, {
      method: 'POST',
      headers: { ...ADMIN, 'content-type': 'application/json' },
      body: JSON.stringify({ deviceId, publicKey, suite: 'ed25519-sha256', hall: '大厅', counter: '12' }),
    });
    expect(registered.status).toBe(201);
    uploader.kick();
    await until(({ state, unsent }) => state === 'idle' && unsent === 0);

    const held = await database.db.query(
      `SELECT seq, encode(hash, 'hex') AS hash FROM ledger WHERE device_id = $1 ORDER BY seq`,
      [deviceId],
    );
    expect(held).toEqual([...store.entries()].map(({ seq, hash }) => ({ seq, hash })));
    const ratings = await database.db.query(
      'SELECT count(*)::int AS count FROM rating WHERE device_id = $1',
      [deviceId],
    );
    expect(ratings).toEqual([{ count: 150 }]);
    expect(await database.db.query('SELECT kind FROM alarm WHERE device_id = $1', [deviceId])).toEqual([]);
  } finally {
    await uploader.stop();
    await post.close();
    store.close();
    remove();
  }
});
