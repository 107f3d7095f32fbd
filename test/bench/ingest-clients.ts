/**
 * UNDER-WAY URL FOLDER DEVICE [FOLDER DEVICE …]: each device's whole journal, packed and signed before the clock starts, then
 * sent by all devices together, each in its order and with so many batches under way.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Pool } from 'undici';
import { systemClock } from '../../src/shared/clock.ts';
import { ed25519Signer } from '../../src/shared/journal/suite.ts';
import { MAX_BATCH_BYTES, MAX_BATCH_ENTRIES } from '../../src/shared/protocol/batch.ts';
import { DeviceIdSchema } from '../../src/shared/words.ts';
import { pack, type SealedParcel } from '../../src/sync/parcel.ts';
import { mustOpen, storeParts } from '../support/store-parts.ts';
import { inOrder } from './under-way.ts';

const [underWay = '', url = '', ...pairs] = process.argv.slice(2);

async function prepare(folder: string, device: string) {
  const deviceId = DeviceIdSchema.parse(device);
  const signer = ed25519Signer(readFileSync(join(folder, 'key.pem'), 'utf8'));
  const store = mustOpen(storeParts(folder, { signer, deviceId, clock: systemClock, boot: 'bench' }));
  const requests: SealedParcel[] = [];
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
const pool = new Pool(url, { connections: devices.length * Number(underWay), pipelining: 1 });
const waits: number[] = [];

/** @returns false for a batch that overtook the one before it. */
async function taken({ path, headers, body }: SealedParcel): Promise<boolean> {
  const sentAt = performance.now();
  const reply = await pool.request({ method: 'POST', path, headers, body });
  const text = await reply.body.text();
  if (reply.statusCode === 409 && text.includes('"gap"')) return false;
  if (reply.statusCode !== 200) throw new Error(text);
  waits.push(performance.now() - sentAt);
  return true;
}

const startedAt = performance.now();
await Promise.all(devices.map((requests) => inOrder(requests, Number(underWay), taken)));
console.log(JSON.stringify({ ms: performance.now() - startedAt, waits }));
await pool.close();
