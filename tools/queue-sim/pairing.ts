/**
 * The queue side of pairing (docs/pairing.md), written from that page and apart from the tablet's code: one code at a
 * time for one counter, five tries, a short life; the address, the code and a QR code to scan on a page of its own.
 */
import { createHash, randomBytes, randomInt, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { announceSimPairing } from './pairing-announce.ts';
import { pairingPage } from './pairing-page.ts';
import type { QueueSim } from './queue-sim.ts';

export const MOST_TRIES = 5;
const CODE_LIFE_MS = 5 * 60_000;
const SYSTEM = '模拟叫号系统';
const MAX_BODY_BYTES = 4 * 1024;

export interface SimPairingOptions {
  readonly sim: Pick<QueueSim, 'settings' | 'testCall'>;
  readonly counters: readonly string[];
  readonly system?: string;
  readonly host?: string;
  readonly port?: number;
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly nowMs?: () => number;
  /** Its clock is wrong by so much. */
  readonly clockOffByMs?: number;
  /** Secrets beside those that its own settings name files of. */
  readonly files?: Readonly<Record<string, string>>;
  /** Over what the simulator says a tablet must be set to. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly testCalls?: boolean;
  /** Says so on the local network of one of this machine's addresses. */
  readonly announce?: {
    readonly interface: string;
    readonly port?: number;
    /** It goes on unannounced. */
    readonly onFailed?: (error: unknown) => void;
  };
}

/** What a queue system shows to whoever pairs a tablet. */
export interface SimPairingOffer {
  readonly address: string;
  readonly code: string;
  /** What the QR code says. */
  readonly text: string;
  /** As people compare it; '' without TLS. */
  readonly fingerprint: string;
  readonly expiresAtMs: number;
}

export interface SimPairing {
  /** A new code; the one before is worth nothing any more. */
  offer(): SimPairingOffer;
  current(): SimPairingOffer;
  /** Which device is paired at which counter. */
  paired(): ReadonlyMap<string, string>;
  /** Bodies of what tablets asked, without the code. */
  readonly asked: readonly string[];
  stop(): Promise<void>;
}

interface Open {
  readonly offer: SimPairingOffer;
  tries: number;
  used: boolean;
}

export async function startSimPairing(options: SimPairingOptions): Promise<SimPairing> {
  const nowMs = options.nowMs ?? Date.now;
  const host = options.host ?? '127.0.0.1';
  const taken = new Map<string, string>();
  const granted = new Map<string, { readonly counter: string; readonly deviceId: string }>();
  const asked: string[] = [];
  const sockets = new Set<Socket>();

  const refuse = (error: string, detail?: string) => ({ status: 403, body: { v: 1, error, detail } });

  /** Files of ours are no files of the tablet's: what is in them goes over the wire, not where they are. */
  function settingsFor(counter: string) {
    const settings = Object.entries({ ...options.sim.settings(counter), ...options.settings });
    const isFile = ([name, value]: [string, unknown]) => name.endsWith('File') && typeof value === 'string';
    const files = settings
      .filter(isFile)
      .map(([name, path]) => [name, readFileSync(String(path), 'utf8').trim()]);
    return {
      queue: Object.fromEntries(settings.filter((entry) => !isFile(entry))),
      files: { ...Object.fromEntries(files), ...options.files },
    };
  }

  function pair(ask: Readonly<Record<string, unknown>>) {
    if (ask['v'] !== 1) return refuse('versionUnknown');
    if (open.tries >= MOST_TRIES) return refuse('tooManyTries');
    if (open.used || nowMs() > open.offer.expiresAtMs) return refuse('codeExpired');
    open.tries += 1;
    if (ask['code'] !== open.offer.code)
      return refuse(open.tries >= MOST_TRIES ? 'tooManyTries' : 'codeWrong');
    const counter = String(ask['counter']);
    const deviceId = String(ask['deviceId']);
    if (!options.counters.includes(counter)) return refuse('counterUnknown', options.counters.join('、'));
    const other = taken.get(counter);
    if (other !== undefined && other !== deviceId) return refuse('counterTaken', other);
    open.used = true;
    const pairing = randomBytes(12).toString('base64url');
    granted.set(pairing, { counter, deviceId });
    return {
      status: 200,
      body: {
        v: 1,
        pairing,
        system: options.system ?? SYSTEM,
        counter: `${counter} 号窗口`,
        ...settingsFor(counter),
        testCall: options.testCalls ?? true,
        nowMs: nowMs() + (options.clockOffByMs ?? 0),
      },
    };
  }

  function step(path: string, said: Readonly<Record<string, unknown>>) {
    const known = granted.get(String(said['pairing']));
    if (!known) return refuse('refused');
    if (path.endsWith('/test')) options.sim.testCall(known.counter, String(said['ticketNo']));
    else taken.set(known.counter, known.deviceId);
    return { status: 200, body: { v: 1 } };
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    if (request.method === 'GET' && path === '/') {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(pairingPage(open.offer));
      return;
    }
    const said = await readJson(request);
    const known = /^\/yiping\/v1\/pair(\/test|\/accept)?$/.test(path) && request.method === 'POST';
    const { status, body } =
      !known || !said ? { status: 404, body: {} } : path.endsWith('/pair') ? pair(said) : step(path, said);
    if (said) asked.push(JSON.stringify({ path, ...said, code: undefined }));
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  }

  const hear = (request: IncomingMessage, response: ServerResponse) =>
    void answer(request, response).catch(() => response.destroy());
  const server = options.tls ? createTlsServer(options.tls, hear) : createServer(hear);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const address = `${options.tls ? 'https' : 'http'}://${host}:${(server.address() as AddressInfo).port}`;
  const digest = options.tls
    ? createHash('sha256').update(new X509Certificate(options.tls.cert).raw).digest()
    : null;

  function newOffer(): Open {
    const code = String(randomInt(1_000_000)).padStart(6, '0');
    const pin = digest ? `&f=${digest.toString('base64url')}` : '';
    const short = digest?.toString('hex').slice(0, 16).toUpperCase().match(/.{4}/g)?.join(' ') ?? '';
    return {
      offer: {
        address,
        code,
        text: `yiping-pair:1?a=${encodeURIComponent(address)}&c=${code}${pin}`,
        fingerprint: short,
        expiresAtMs: nowMs() + CODE_LIFE_MS,
      },
      tries: 0,
      used: false,
    };
  }
  let open = newOffer();
  const announcement = options.announce
    ? await announceSimPairing({ ...options.announce, name: options.system ?? SYSTEM, address }).catch(
        (error: unknown) => {
          options.announce?.onFailed?.(error);
          return undefined;
        },
      )
    : undefined;

  return {
    offer() {
      open = newOffer();
      return open.offer;
    },
    current: () => open.offer,
    paired: () => taken,
    asked,
    async stop() {
      await announcement?.stop();
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

async function readJson(request: IncomingMessage): Promise<Readonly<Record<string, unknown>> | null> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request) {
    const chunk = Buffer.from(piece);
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return null;
    pieces.push(chunk);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(pieces).toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}
