import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { KioskStatus } from '../../src/core/running-kiosk.ts';
import { createQueueSim } from '../../tools/queue-sim/queue-sim.ts';
import { type HeadlessKiosk, startHeadless } from '../support/headless-kiosk.ts';
import { DEVICE } from './drain.ts';

export const COUNTER = '3';

/** The core alone, in a process of its own, on a data folder that a bench has made. */
export interface HeadlessSite {
  readonly kiosk: HeadlessKiosk;
  /** From spawn to the first idle screen. */
  readonly startedMs: number;
  /** One citizen: called, served, a level pressed. @returns ms from the request to choose to its answer. */
  tap(): Promise<number>;
  /** Entries that the province has not acknowledged yet, as the kiosk says it. */
  unsent(): Promise<number>;
  close(): Promise<void>;
}

/** @param seed a folder of `makeBacklog`, or a copy. @param provinceUrl absent: nothing is sent anywhere. */
export async function startHeadlessSite(data: string, provinceUrl?: string): Promise<HeadlessSite> {
  const key = join(data, 'device-key.pem');
  copyFileSync(join(data, 'key.pem'), key);
  chmodSync(key, 0o600);
  const sim = await createQueueSim({});
  const config = join(data, 'kiosk.json');
  writeFileSync(
    config,
    JSON.stringify({
      device: DEVICE,
      hall: { id: 'bench', name: { 'zh-CN': '厅' } },
      counter: { number: COUNTER },
      queue: [
        {
          kind: 'rate-service',
          url: sim.url,
          userCode: '1001',
          extensions: true,
          maxMessagesPerSecond: 1000,
        },
      ],
      ...(provinceUrl === undefined ? {} : { province: { url: provinceUrl } }),
    }),
  );
  const spawnedAt = performance.now();
  const kiosk = startHeadless({ config, data });
  await kiosk.until('idle', ({ screen }) => screen.name === 'idle', 30_000);
  const startedMs = performance.now() - spawnedAt;
  let told: ((status: Partial<KioskStatus>) => void) | undefined;
  if (!kiosk.process.stdout) throw new Error('the kiosk was started without its output');
  createInterface({ input: kiosk.process.stdout }).on('line', (line) => {
    if (line.startsWith('{"type":"status"')) told?.(JSON.parse(line).status);
  });
  return {
    kiosk,
    startedMs,
    async unsent() {
      const status = await new Promise<Partial<KioskStatus>>((resolve) => {
        told = resolve;
        kiosk.process.stdin?.write('status\n');
      });
      return status.upload?.unsent ?? 0;
    },
    async tap() {
      sim.callNext(COUNTER);
      await kiosk.until('serving', ({ screen }) => screen.name === 'serving');
      sim.served(COUNTER);
      const { screen } = await kiosk.until('inviting', (seen) => seen.screen.name === 'inviting');
      if (screen.name !== 'inviting') throw new Error('nobody was invited');
      const { invitation } = screen;
      const pressedAt = performance.now();
      const answer = await kiosk.call('choose', { invitation, level: 5 });
      const tookMs = performance.now() - pressedAt;
      if (JSON.stringify(answer) !== '{"accepted":true}')
        throw new Error(`the press was not taken: ${JSON.stringify(answer)}`);
      await kiosk.call('confirm', { invitation });
      await kiosk.call('finish', { invitation });
      return tookMs;
    },
    async close() {
      await kiosk.stop();
      await sim.stop();
    },
  };
}
