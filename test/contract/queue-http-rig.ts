import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { createQueueLink, QueueSettingsSchema } from '../../src/queue/links.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { freePort } from '../../tools/queue-sim/wires/http-push.ts';
import { createRecorder } from './queue-link-contract.ts';

export const KEY = 's3cret-key-of-the-hall';

/** Links of any make, a folder with a key, and requests by hand; all of it cleared away after each test. */
export function useHttpRig() {
  const endings: (() => Promise<unknown> | undefined)[] = [];
  let folder = '';
  let told: ReturnType<typeof createRecorder>;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'queue-http-'));
    writeFileSync(join(folder, 'key'), `${KEY}\n`, { mode: 0o600 });
    told = createRecorder();
  });
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
    rmSync(folder, { recursive: true, force: true });
  });

  const link = (settings: object, clock = systemClock) => {
    const { onEvent, onState, log } = told;
    const one = createQueueLink({
      settings: QueueSettingsSchema.parse({ retryFirstMs: 50, retryCapMs: 100, ...settings }),
      hall: 'H1',
      counter: '3',
      timezone: 'Asia/Shanghai',
      clock,
      onEvent,
      onState,
      log,
    });
    endings.push(() => one.stop());
    one.start();
    return {
      link: one,
      reach: (state: 'ready' | 'lost') => told.until(state, () => one.state().state === state),
      reason: () => {
        const state = one.state();
        return state.state === 'lost' ? state.reason : '';
      },
    };
  };

  return {
    link,
    told: () => told,
    file: (name: string) => join(folder, name),
    keyFile: () => join(folder, 'key'),
    atEnd: (end: () => Promise<unknown> | undefined) => void endings.push(end),
    freePort,
  };
}

/** One request by hand; the connection may be refused. */
export async function post(url: string, body: string | Uint8Array, headers: Record<string, string> = {}) {
  const response = await fetch(url, { method: 'POST', body, headers, signal: AbortSignal.timeout(20_000) });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

export const bearer = { authorization: `Bearer ${KEY}` };

/** Bytes as they are. @returns whatever came back until the other side ended it. */
export function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (data) => {
      answer += data.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}
