/**
 * URL FOLDER DEVICE [FOLDER DEVICE …]: each device's whole journal, packed and signed before the clock starts, then sent
 * by all devices together, each in its order and one batch at a time.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Pool } from 'undici';
import { systemClock } from '../../src/shared/clock.ts';
import { ed25519Signer } from '../../src/shared/journal/suite.ts';
import { MAX_BATCH_BYTES, MAX_BATCH_ENTRIES } from '../../src/shared/protocol/batch.ts';
import { DeviceIdSchema } from '../../src/shared/words.ts';
import { pack } from '../../src/sync/parcel.ts';
import { mustOpen, storeParts } from '../support/store-parts.ts';

const [url = '', ...pairs] = process.argv.slice(2);

async function prepare(folder: string, device: string) {
  const deviceId = DeviceIdSchema.parse(device);
  const signer = ed25519Signer(readFileSync(join(folder, 'key.pem'), 'utf8'));
  const store = mustOpen(storeParts(folder, { signer, deviceId, clock: systemClock, boot: 'bench' }));
  const requests: Awaited<ReturnType<NonNullable<ReturnType<typeof pack>>['seal']>>[] = [];
  const limits = { deviceId, maxEntries: MAX_BATCH_ENTRIES, maxBytes: MAX_BATCH_BYTES };
  for (let afterSeq = 0; ; ) {
    const parcel = pack(store, { ...limits, afterSeq });
    if (!parcel) break;
    requests.push(await parcel.seal(signer, Date.now()));
    afterSeq = parcel.lastSeq;
  }
  store.close();
  return requests;
}

const devices: Awaited<ReturnType<typeof prepare>>[] = [];
for (let at = 0; at < pairs.length; at += 2)
  devices.push(await prepare(pairs[at] ?? '', pairs[at + 1] ?? ''));
const pool = new Pool(url, { connections: devices.length, pipelining: 1 });
const waits: number[] = [];
const startedAt = performance.now();
await Promise.all(
  devices.map(async (requests) => {
    for (const { path, headers, body } of requests) {
      const sentAt = performance.now();
      const reply = await pool.request({ method: 'POST', path, headers, body });
      const text = await reply.body.text();
      if (reply.statusCode !== 200) throw new Error(text);
      waits.push(performance.now() - sentAt);
    }
  }),
);
console.log(JSON.stringify({ ms: performance.now() - startedAt, waits }));
await pool.close();
