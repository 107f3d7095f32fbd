import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ed25519Sha256, ed25519Signer } from '../../src/shared/journal/suite.ts';
import type { TimedEntry } from '../../src/shared/journal/true-time.ts';
import { type StoredEntry, verifyEntries } from '../../src/shared/journal/verify.ts';
import { JOURNAL_FILE, openJournalReader } from '../../src/store/store.ts';
import { createQueueSim, type QueueSim } from '../../tools/queue-sim/queue-sim.ts';

const ADMIN = 'harness-admin-token-of-this-run';
export const DEVICE = 'harness-device-1';
export const COUNTER = '3';

/** What the province says it holds of an entry. */
export interface HeldEntry extends TimedEntry {
  /** Lower-case hex. */
  readonly hash: string;
}

/** A counter of a hall around a kiosk that is about to be hurt: real queue system's stand-in, real province. */
export interface HarnessSite {
  readonly sim: QueueSim;
  readonly config: string;
  readonly data: string;
  /** With it a start reads what an earlier one has compiled; a thousand starts are the most of a run. */
  readonly env: NodeJS.ProcessEnv;
  /** All entries, after their chain was verified; throws with the first bad one. */
  journal(): readonly StoredEntry[];
  held(): Promise<readonly HeldEntry[]>;
  close(): Promise<void>;
}

/**
 * @param parts.data an existing folder for the kiosk's data, for a disk of its own.
 * @param parts.queue settings of the link beside its address.
 */
export async function makeHarnessSite(
  parts: { readonly data?: string; readonly queue?: { readonly silenceLimitMs: number } } = {},
): Promise<HarnessSite> {
  const folder = mkdtempSync(join(tmpdir(), 'yiping-harness-'));
  const data = parts.data ?? join(folder, 'data');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  writeFileSync(join(data, 'device-key.pem'), pem, { mode: 0o600 });
  const { publicKey } = ed25519Signer(pem);
  const province = await startProvince();
  const headers = { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' };
  const registered = await fetch(`${province.url}/v1/devices`, {
    method: 'POST',
    headers,
    body: JSON.stringify({
      deviceId: DEVICE,
      publicKey: Buffer.from(publicKey).toString('base64'),
      suite: 'ed25519-sha256',
      hall: '云溪市政务服务中心',
      counter: COUNTER,
    }),
  });
  if (!registered.ok) throw new Error(`the province did not register the device: ${await registered.text()}`);
  const sim = await createQueueSim({});
  const config = join(folder, 'kiosk.json');
  writeFileSync(
    config,
    JSON.stringify({
      device: DEVICE,
      hall: { id: 'yunxi', name: { 'zh-CN': '云溪市政务服务中心' } },
      counter: { number: COUNTER },
      queue: [
        {
          kind: 'rate-service',
          url: sim.url,
          userCode: '1001',
          extensions: true,
          // One ticket follows the other faster than in any hall; the link would cut that off as a flood.
          maxMessagesPerSecond: 1_000,
          ...parts.queue,
        },
      ],
      province: { url: province.url },
      delays: { inviting: 60_000, chosen: 3_000, details: 3_000, thanks: 3_000 },
    }),
  );

  return {
    sim,
    config,
    data,
    env: { NODE_COMPILE_CACHE: join(folder, 'compiled') },
    journal() {
      const read = openJournalReader(join(data, JOURNAL_FILE));
      if (!read.ok) throw new Error(read.message);
      try {
        const checked = verifyEntries(ed25519Sha256, publicKey, read.reader.entries());
        if (!checked.ok) throw new Error(`entry ${checked.seq} does not verify: ${checked.problem}`);
        return [...read.reader.entries()];
      } finally {
        read.reader.close();
      }
    },
    async held() {
      const all: HeldEntry[] = [];
      for (;;) {
        const answer = await fetch(
          `${province.url}/v1/entries?device=${DEVICE}&afterSeq=${all.at(-1)?.seq ?? 0}`,
          { headers },
        );
        const { entries } = (await answer.json()) as { readonly entries: readonly HeldEntry[] };
        if (entries.length === 0) return all;
        all.push(...entries);
      }
    },
    async close() {
      await sim.stop();
      await province.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** In a process of its own, its database in memory: a kill of the kiosk is none of it. */
async function startProvince() {
  const { DATABASE_URL: _, ...env } = process.env;
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, '../../src/province/main.ts'), '--port', '0'],
    { env: { ...env, YIPING_ADMIN_TOKEN: ADMIN }, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const ended = once(child, 'exit');
  const said = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended]);
  const line = String(said[0]);
  const url = /at (http:\S+)/.exec(line)?.[1];
  if (!url) throw new Error(`the province did not start: ${line}`);
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
