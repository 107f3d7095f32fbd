import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock } from '../../src/shared/clock.ts';
import { DeviceIdSchema, LEVELS } from '../../src/shared/words.ts';
import { createHttpPost } from '../../src/sync/http-post.ts';
import { createUploader } from '../../src/sync/uploader.ts';
import { mustOpen, newFolder, newSigner, rateOnce, storeParts } from '../support/store-parts.ts';
import { type Figure, figure } from './figures.ts';

const TOKEN = 'bench-admin-token-of-this-run';

interface ProvinceProcess {
  readonly url: string;
  stop(): Promise<void>;
}

/** The province in a process of its own, as in a hall it is on a machine of its own. */
async function startProvince(databaseUrl: string | undefined): Promise<ProvinceProcess> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, '../../src/province/main.ts'), '--port', '0'],
    {
      env: {
        ...process.env,
        YIPING_ADMIN_TOKEN: TOKEN,
        ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const url = /at (http:\S+)/.exec(line)?.[1];
  if (!url) throw new Error(`the province did not start: ${line}`);
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** Ratings that piled up while the network was away, to the province and acknowledged. */
export async function benchDrain(ratings: number, runs: number): Promise<readonly Figure[]> {
  const rates: number[] = [];
  const entryRates: number[] = [];
  for (let run = 0; run < runs; run++) {
    const { folder, remove } = newFolder();
    const signer = newSigner();
    const deviceId = DeviceIdSchema.parse('bench-device');
    const store = mustOpen(storeParts(folder, { signer, deviceId, clock: systemClock }));
    for (let n = 0; n < ratings; n++) rateOnce(store, `bench/${run}/${n}`, LEVELS[n % 5] ?? 5);
    const province = await startProvince(process.env['DATABASE_URL']);
    await register(province.url, signer.publicKey, deviceId);
    const post = createHttpPost({ baseUrl: province.url, timeoutMs: 30_000 });
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
        onState: (state) => {
          if (state.state === 'idle' && state.unsent === 0) uploader.stop().then(resolve, resolve);
        },
      });
      uploader.start();
    });
    const seconds = (performance.now() - startedAt) / 1000;
    rates.push(ratings / seconds);
    entryRates.push(store.head().seq / seconds);
    await post.close();
    store.close();
    await province.stop();
    remove();
  }
  const where = process.env['DATABASE_URL'] ? 'PostgreSQL' : 'PGlite in memory';
  return [
    figure(`${ratings} queued ratings → province (${where})`, 'ratings/s', rates),
    figure('the same, in journal entries', 'entries/s', entryRates),
  ];
}

async function register(url: string, publicKey: Uint8Array, deviceId: string): Promise<void> {
  const answer = await fetch(`${url}/v1/devices`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      deviceId,
      publicKey: Buffer.from(publicKey).toString('base64'),
      suite: 'ed25519-sha256',
      hall: 'bench',
      counter: '3',
    }),
  });
  if (!answer.ok) throw new Error(`the province did not register the device: ${await answer.text()}`);
}
