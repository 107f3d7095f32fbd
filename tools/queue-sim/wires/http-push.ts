import { createHash, createHmac, randomBytes, randomInt } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SimWire, SimWorld, StartWire } from '../wire.ts';
import { eventJson, stateJson } from './http-ticket.ts';

export interface HttpPushOptions {
  readonly auth?: 'bearer' | 'hmac';
  /** How often the hall says how a counter is. Default once a second, as asked for. */
  readonly stateEveryMs?: number;
  /** How long the service is away at a restart. */
  readonly restartMs?: number;
}

/** A queue system that pushes our own messages over HTTP, one request after another for each counter. */
export function httpPushWire(options: HttpPushOptions = {}): StartWire {
  return (world) => start(world, options);
}

interface Tablet {
  readonly port: number;
  /** Requests go out one after another. */
  chain: Promise<void>;
  beat: NodeJS.Timeout | undefined;
  here: boolean;
  box: string;
  read: number;
  lastServed: object | undefined;
}

async function start(world: SimWorld, options: HttpPushOptions): Promise<SimWire> {
  const { auth = 'bearer', stateEveryMs = 1000, restartMs = 1500 } = options;
  const folder = mkdtempSync(join(tmpdir(), 'queue-sim-http-'));
  const keyFile = join(folder, 'key');
  const key = randomBytes(24).toString('base64url');
  writeFileSync(keyFile, `${key}\n`, { mode: 0o600 });
  const tablets = new Map<string, Tablet>();
  let up = true;
  let stopped = false;

  const ports = new Map<string, number>();
  for (const counter of world.hall.counters()) ports.set(counter, await freePort());
  const address = (tablet: Tablet) => `http://127.0.0.1:${tablet.port}/queue`;

  const credentials = (method: string, url: string, body: string): Record<string, string> => {
    if (auth === 'bearer') return { authorization: `Bearer ${key}` };
    const { pathname, search } = new URL(url);
    const time = String(Date.now());
    const digest = createHash('sha256').update(body).digest('hex');
    const text = `${method}\n${pathname}${search}\n${time}\n${digest}`;
    return {
      'x-yiping-time': time,
      'x-yiping-signature': createHmac('sha256', key).update(text).digest('hex'),
    };
  };

  const ask = async (tablet: Tablet, method: 'GET' | 'POST', query: string, body: string) => {
    const url = address(tablet) + query;
    const response = await fetch(url, {
      method,
      headers: credentials(method, url, body),
      ...(method === 'POST' ? { body } : {}),
      signal: AbortSignal.timeout(5000),
    });
    return { status: response.status, text: await response.text() };
  };

  const onAnswer = async (counter: string, tablet: Tablet, text: string) => {
    const said = JSON.parse(text) as { results?: number; wants?: string };
    if ((said.results ?? 0) > 0) await fetchResults(counter, tablet);
    if (said.wants === 'state')
      await post(counter, tablet, {
        type: 'state',
        ...stateJson(world, counter),
        at: world.nowMs(),
      });
  };

  const fetchResults = async (counter: string, tablet: Tablet) => {
    const { text } = await ask(tablet, 'GET', `?box=${tablet.box}&after=${tablet.read}`, '');
    world.onMessage({ direction: 'in', counter, text, atMs: world.nowMs() });
    const { box, results } = JSON.parse(text) as {
      box: string;
      results: { n: number; rateId?: string; rated: boolean }[];
    };
    tablet.box = box;
    for (const result of results) {
      tablet.read = result.n;
      world.hall.rated(counter, result.rateId ?? '', result.rated);
    }
    world.changed();
  };

  const post = async (counter: string, tablet: Tablet, message: object | string | Uint8Array) => {
    const body = message instanceof Uint8Array ? Buffer.from(message).toString('latin1') : message;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const { status, text: answer } = await ask(tablet, 'POST', '', text);
    world.onMessage({ direction: 'out', counter, text, atMs: world.nowMs() });
    if (status !== 200) return;
    if (!tablet.here) {
      tablet.here = true;
      world.changed();
    }
    await onAnswer(counter, tablet, answer);
  };

  const say = (counter: string, message: (() => object | string | Uint8Array) | object) => {
    const tablet = tablets.get(counter);
    if (!tablet || !up || stopped) return;
    tablet.chain = tablet.chain
      .then(() =>
        up && !stopped
          ? post(counter, tablet, typeof message === 'function' ? message() : message)
          : undefined,
      )
      .catch(() => {
        // Nobody listens there now; the next state says what is so.
        if (!tablet.here) return;
        tablet.here = false;
        world.changed();
      });
  };

  const sayState = (counter: string) =>
    say(counter, () => ({ type: 'state', ...stateJson(world, counter), at: world.nowMs() }));

  const follow = (counter: string): Tablet => {
    const known = tablets.get(counter);
    if (known) return known;
    const tablet: Tablet = {
      port: ports.get(counter) ?? 0,
      chain: Promise.resolve(),
      beat: undefined,
      here: false,
      box: '',
      read: 0,
      lastServed: undefined,
    };
    tablets.set(counter, tablet);
    tablet.beat = setInterval(() => sayState(counter), stateEveryMs);
    return tablet;
  };
  const settled = async () => {
    await Promise.all([...tablets.values()].map((tablet) => tablet.chain));
  };

  return {
    url: '',
    settings(counter) {
      const { port } = follow(counter);
      return { kind: 'http-push', port, keyFile, auth };
    },
    tell(happening) {
      const message = { v: 1, type: 'ticket', counter: happening.counter, ...eventJson(happening) };
      const tablet = tablets.get(happening.counter);
      if (tablet && happening.kind === 'served') tablet.lastServed = message;
      say(happening.counter, message);
    },
    operate: (counter, operation) => say(counter, { type: 'operation', counter, operation }),
    beat: sayState,
    repeat(counter) {
      const last = tablets.get(counter)?.lastServed;
      if (last) say(counter, last);
    },
    tablets: (counter) => (tablets.get(counter)?.here === true ? 1 : 0),
    raw: (counter, data) => say(counter, () => data),
    settled,
    cut() {
      up = false;
    },
    restore() {
      up = true;
    },
    async restart() {
      up = false;
      await settled();
      await new Promise((resolve) => setTimeout(resolve, restartMs));
      up = true;
    },
    async stop() {
      stopped = true;
      for (const tablet of tablets.values()) clearInterval(tablet.beat);
      await settled();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A port nobody has, below those the system gives out by itself. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const free = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
}
