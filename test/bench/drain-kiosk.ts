/** FOLDER URL DEVICE: a kiosk's uploader drains the journal in FOLDER, then says how long that took. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/shared/clock.ts';
import { ed25519Signer } from '../../src/shared/journal/suite.ts';
import { DeviceIdSchema } from '../../src/shared/words.ts';
import { createHttpPost } from '../../src/sync/http-post.ts';
import { createUploader } from '../../src/sync/uploader.ts';
import { mustOpen, storeParts } from '../support/store-parts.ts';
import { countSent } from './wire-bytes.ts';

const [folder = '', url = '', device = ''] = process.argv.slice(2);
const sent = countSent();
const signer = ed25519Signer(readFileSync(join(folder, 'key.pem'), 'utf8'));
const deviceId = DeviceIdSchema.parse(device);
const boot = 'bench';
const store = mustOpen(storeParts(folder, { signer, deviceId, clock: systemClock, boot }));
const post = createHttpPost({ baseUrl: url, timeoutMs: 30_000 });
const startedAt = performance.now();
await new Promise<void>((resolve) => {
  const uploader = createUploader({
    store,
    link: 'province',
    post,
    signer,
    deviceId,
    clock: systemClock,
    random: Math.random,
    heartbeat: { everyMs: 60_000, boot },
    onState: ({ state, unsent }) => {
      if (state === 'idle' && unsent === 0) uploader.stop().then(resolve, resolve);
    },
  });
  uploader.start();
});
const ms = performance.now() - startedAt;
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ ms, bytes: sent(), cpuMs: (user + system) / 1000 }));
await post.close();
store.close();
