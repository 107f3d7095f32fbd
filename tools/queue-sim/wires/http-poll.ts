import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SimHappening, SimWire, SimWorld, StartWire } from '../wire.ts';
import { createFqmList } from './fqm-list.ts';
import { type HttpAnswer, startHttpServer } from './http-server.ts';
import { eventJson, stateJson } from './http-ticket.ts';
import type { SimTls } from './rate-service-server.ts';

export interface HttpPollOptions {
  /** Our own messages, or FQM's list of tickets. */
  readonly profile?: 'yiping' | 'fqm';
  /** FQM: what its status Processed means; it is set when a ticket is pulled, or when the service is over. */
  readonly processedMeans?: 'called' | 'served';
  readonly tls?: SimTls;
  /** How long the service is away at a restart. */
  readonly restartMs?: number;
  /** Instead of the answer, for tests of what a server can do wrong; called for each request. */
  readonly instead?: (request: {
    readonly url: string;
    readonly ifNoneMatch: string;
  }) => HttpAnswer | undefined;
}

/** So many happenings stand in each answer. */
const LAST = 30;

/** A queue system that is asked over HTTP, with ETag. */
export function httpPollWire(options: HttpPollOptions = {}): StartWire {
  return (world) => start(world, options);
}

async function start(world: SimWorld, options: HttpPollOptions): Promise<SimWire> {
  const { profile = 'yiping', processedMeans = 'served' } = options;
  const folder = mkdtempSync(join(tmpdir(), 'queue-sim-http-'));
  const keyFile = join(folder, 'key');
  const key = randomBytes(24).toString('base64url');
  writeFileSync(keyFile, key, { mode: 0o600 });
  const fqm = createFqmList({ counters: world.hall.counters(), processedMeans });
  const told = new Map<string, object[]>();
  const lastServed = new Map<string, object>();
  const looking = new Set<() => void>();
  let raw: string | Uint8Array | undefined;
  let looks = 0;
  let operations = 0;

  const ours = (counter: string): string =>
    JSON.stringify({ v: 1, ...stateJson(world, counter), events: told.get(counter) ?? [] });

  const answer = (
    method: string,
    target: string,
    headers: (name: string) => string,
    body: string,
  ): HttpAnswer => {
    const wrong = options.instead?.({ url: target, ifNoneMatch: headers('if-none-match') });
    if (wrong) return wrong;
    const wanted = profile === 'fqm' ? key : `Bearer ${key}`;
    if (headers('authorization') !== wanted)
      return { status: 401, text: '{"message":"Authentication is required"}' };
    const url = new URL(target, 'http://sim');
    if (profile === 'fqm' && url.pathname === '/tickets/') {
      return json(
        fqm.list(url.searchParams.get('processed') === 'true', Number(url.searchParams.get('chunk') ?? '1')),
      );
    }
    const [, place, counter = '', what] = url.pathname.split('/');
    if (place !== 'counters' || !world.hall.has(counter)) return { status: 404, text: '{}' };
    if (method === 'POST' && what === 'results') {
      world.onMessage({ direction: 'in', counter, text: body, atMs: world.nowMs() });
      const said = JSON.parse(body) as { rateId?: string; rated: boolean };
      world.hall.rated(counter, said.rateId ?? '', said.rated);
      world.changed();
      return json({ ok: true });
    }
    if (raw !== undefined) {
      const text = raw;
      raw = undefined;
      return { status: 200, text };
    }
    const text = ours(counter);
    const etag = `"${createHash('sha256').update(text).digest('hex').slice(0, 32)}"`;
    if (headers('if-none-match') === etag) return { status: 304, text: '', headers: { etag } };
    world.onMessage({ direction: 'out', counter, text, atMs: world.nowMs() });
    return { status: 200, text, headers: { etag } };
  };

  const server = await startHttpServer({
    restartMs: options.restartMs ?? 1000,
    host: world.host,
    port: world.port,
    tls: options.tls,
    answer,
    onAnswered() {
      looks += 1;
      for (const look of [...looking]) look();
    },
  });
  const url = `${options.tls ? 'https' : 'http'}://${world.host}:${server.port()}`;

  const note = (counter: string, event: object) => {
    told.set(counter, [...(told.get(counter) ?? []), event].slice(-LAST));
  };

  return {
    url,
    settings: (counter) =>
      profile === 'fqm'
        ? {
            kind: 'http-poll',
            profile,
            url: `${url}/tickets/`,
            keyFile,
            offices: fqm.offices(),
            processedMeans,
          }
        : {
            kind: 'http-poll',
            url: `${url}/counters/{counter}`,
            resultUrl: `${url}/counters/{counter}/results`,
            winNum: counter,
            keyFile,
          },
    tell(happening: SimHappening) {
      fqm.tell(happening);
      const event = eventJson(happening);
      if (happening.kind === 'served') lastServed.set(happening.counter, event);
      note(happening.counter, event);
    },
    operate(counter, operation) {
      operations += 1;
      note(counter, { eventId: `operation-${operations}`, kind: operation });
      if (operation === 'reset') fqm.clear(counter);
    },
    repeat(counter) {
      const last = lastServed.get(counter);
      if (last) note(counter, last);
    },
    tablets: () => server.connections(),
    raw(_counter, data) {
      raw = data;
    },
    /** Two looks from now on: the second began after what was said before. */
    async settled() {
      const enough = looks + 3;
      await new Promise<void>((resolve) => {
        const look = () => {
          if (looks < enough) return;
          looking.delete(look);
          resolve();
        };
        looking.add(look);
      });
    },
    cut: server.cut,
    restore: server.restore,
    restart: server.restart,
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const json = (value: unknown): HttpAnswer => ({ status: 200, text: JSON.stringify(value) });
