import { createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';
import { assertNever } from '../../src/shared/words.ts';
import { resetSocket } from '../../tools/servers/reset-socket.ts';
import {
  drawFaults,
  type ExchangeFault,
  type Fault,
  type FaultPlan,
  seededRandom,
} from './fault-proxy-draw.ts';
import { createWay, type Way } from './fault-proxy-width.ts';
import { bodyStart, createMessageReader, drip, exchangeWith, httpReply } from './fault-proxy-wire.ts';

/**
 * A network that does harm: stands between a client and an HTTP server as raw TCP that knows where a request
 * begins and ends. Which harm comes next is drawn from a seed, or said by the test.
 */
export interface FaultProxy {
  /** `http://127.0.0.1:port`, or https where it was given certificates. */
  readonly url: string;
  /** How often each fault was done. */
  readonly done: ReadonlyMap<Fault, number>;
  readonly exchanges: number;
  close(): Promise<void>;
}

export interface FaultProxyParts {
  /** Asked for each exchange; undefined while the far end is down. */
  readonly target: () => { readonly host: string; readonly port: number } | undefined;
  readonly seed: number;
  /** How many exchanges meet a fault, 0…1. */
  readonly share?: number;
  /** Instead of drawing. */
  readonly plan?: FaultPlan;
  /** Speaks TLS to the client; `untrusted` is what a stranger on the line would show. */
  readonly tls?: { readonly good: Certificate; readonly untrusted: Certificate };
  /** What the line carries each way, all connections together; of replies, those that come to no harm. Absent: everything at once. */
  readonly bytesPerSecond?: number;
  /** Before each exchange, whatever becomes of it. */
  readonly onExchange?: (count: number) => void;
}

interface Certificate {
  readonly key: string;
  readonly cert: string;
}

const LONGEST_DELAY_MS = 60;
/** A request that waits to be overtaken is let go after this, or two of them would wait for each other. */
const OVERTAKEN_WITHIN_MS = 80;

export async function startFaultProxy(parts: FaultProxyParts): Promise<FaultProxy> {
  const random = seededRandom(parts.seed);
  const plan = parts.plan ?? drawFaults(random, parts.share ?? 0.5);
  const done = new Map<Fault, number>();
  const sockets = new Set<Socket>();
  const waiting: (() => void)[] = [];
  let exchanges = 0;
  let lastReply: Buffer | undefined;
  let open = true;
  const up = wayOf(parts.bytesPerSecond);
  const down = wayOf(parts.bytesPerSecond);

  const note = (fault: Fault) => done.set(fault, (done.get(fault) ?? 0) + 1);

  async function forward(
    request: Buffer,
    send?: Parameters<typeof exchangeWith>[2],
  ): Promise<Buffer | undefined> {
    const target = parts.target();
    if (!target || !open) return undefined;
    const reply = await exchangeWith(target, request, send);
    // Whoever waited to be overtaken has been.
    for (const goOn of waiting.splice(0)) goOn();
    return reply;
  }

  const overtaken = () =>
    new Promise<void>((resolve) => {
      waiting.push(resolve);
      setTimeout(resolve, OVERTAKEN_WITHIN_MS);
    });

  /** @returns the reply that the client gets at once; undefined when the fault has seen to it itself. */
  async function harm(
    fault: ExchangeFault,
    request: Buffer,
    client: Duplex,
    reset: () => void,
  ): Promise<Buffer | undefined> {
    switch (fault) {
      case 'drop':
        return undefined;
      case 'dropReply':
        await forward(request);
        return undefined;
      case 'double': {
        const [, second] = await Promise.all([forward(request), forward(request)]);
        return second;
      }
      case 'reorder':
        await overtaken();
        return await forward(request);
      case 'ghost':
        reset();
        await overtaken();
        await forward(request);
        return undefined;
      case 'delay':
        await new Promise((resolve) => setTimeout(resolve, random() * LONGEST_DELAY_MS));
        return await forward(request);
      case 'truncateRequest':
        await forward(request, (socket) => socket.end(request.subarray(0, cut(request))));
        reset();
        return undefined;
      case 'truncateReply': {
        const reply = await forward(request);
        client.end(reply?.subarray(0, cut(reply)));
        return undefined;
      }
      case 'status4xx':
        return httpReply(pick([400, 401, 403, 404, 408, 413, 451]), '<html>Forbidden by the gateway</html>');
      case 'status5xx':
        return httpReply(pick([500, 502, 504]), '<html>Bad Gateway</html>');
      case 'status5xxAfter':
        await forward(request);
        return httpReply(504, '<html>Gateway Timeout</html>');
      case 'busy429':
        return httpReply(429, '', { 'retry-after': '1' });
      case 'busy503':
        return httpReply(503, '', { 'retry-after': new Date(Date.now() + 1000).toUTCString() });
      case 'dripReply': {
        const reply = await forward(request);
        if (reply) drip(client, reply, { size: 1, ms: 30 });
        return undefined;
      }
      case 'dripRequest':
        return await forward(request, (socket) => {
          drip(socket, request, { size: Math.ceil(request.length / 5), ms: 5 });
        });
      case 'wrongBody':
        return httpReply(200, pick(WRONG_BODIES), { 'content-type': 'application/json' });
      case 'staleReply':
        return lastReply ?? (await forward(request));
      case 'flipRequest': {
        const bent = Buffer.from(request);
        const at = bodyStart(bent) + Math.floor(random() * (bent.length - bodyStart(bent)));
        if (at < bent.length) bent.writeUInt8(bent.readUInt8(at) ^ 1, at);
        return await forward(bent);
      }
      case 'resetBefore':
        reset();
        return undefined;
      case 'resetAfter':
        await forward(request);
        reset();
        return undefined;
      default:
        return assertNever(fault);
    }
  }

  const pick = <T>(from: readonly [T, ...T[]]): T => from[Math.floor(random() * from.length)] ?? from[0];
  const cut = (bytes: Buffer) => Math.floor(random() * bytes.length);

  async function exchange(request: Buffer, client: Duplex, reset: () => void): Promise<void> {
    exchanges++;
    parts.onExchange?.(exchanges);
    const fault = plan.exchange();
    if (fault) note(fault);
    if (!fault) {
      const reply = await forward(request);
      if (reply) {
        lastReply = reply;
        giveBack(client, reply);
      } else reset();
      return;
    }
    const reply = await harm(fault, request, client, reset);
    if (reply && !client.destroyed) giveBack(client, reply);
    else if (!reply && !SILENT.includes(fault)) reset();
  }

  function serve(raw: Socket): void {
    sockets.add(raw);
    raw.on('close', () => sockets.delete(raw));
    raw.on('error', () => {});
    const client = parts.tls ? secured(raw, parts.tls) : raw;
    if (!client) return;
    client.on('error', () => {});
    const reset = () => {
      if (!raw.destroyed) resetSocket(raw);
    };
    const reader = createMessageReader();
    let turn = Promise.resolve();
    const arrived = (chunk: Buffer) => {
      for (const request of reader.push(chunk)) turn = turn.then(() => exchange(request, client, reset));
    };
    client.on('data', (chunk: Buffer) => up(chunk, arrived, () => client.destroyed));
  }

  function giveBack(client: Duplex, reply: Buffer): void {
    down(
      reply,
      (piece) => client.write(piece),
      () => client.destroyed,
    );
  }

  /** @returns undefined when the connection has come to harm already. */
  function secured(raw: Socket, tls: NonNullable<FaultProxyParts['tls']>): Duplex | undefined {
    const fault = plan.connection();
    if (fault) note(fault);
    if (fault === 'tlsCut') {
      raw.once('data', () => raw.destroy());
      return undefined;
    }
    if (fault === 'tlsPlain') {
      raw.once('data', () => raw.end(httpReply(400, 'plain HTTP lives here')));
      return undefined;
    }
    const shown = fault === 'tlsUntrusted' ? tls.untrusted : tls.good;
    return new TLSSocket(raw, { isServer: true, secureContext: createSecureContext({ ...shown }) });
  }

  const server = createServer({ noDelay: true }, serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the fault proxy got no port');
  return {
    url: `${parts.tls ? 'https' : 'http'}://127.0.0.1:${address.port}`,
    done,
    get exchanges() {
      return exchanges;
    },
    async close() {
      open = false;
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const AT_ONCE: Way = (bytes, put) => put(bytes);

function wayOf(bytesPerSecond: number | undefined): Way {
  return bytesPerSecond === undefined ? AT_ONCE : createWay(bytesPerSecond);
}

/** After these the client is left waiting. */
const SILENT: readonly Fault[] = ['drop', 'dropReply', 'dripReply', 'truncateReply'];

const WRONG_BODIES = [
  '<html>Log in to use this network</html>',
  '',
  '{}',
  'null',
  '{"ackedSeq":1000000000,"serverTimeMs":0,"configVersion":0,"commands":[]}',
  '{"ackedSeq":0,"serverTimeMs":0,"configVersion":0,"commands":[]}',
  '{"ackedSeq":"all of it"}',
  '{"error":"gap","message":"said with 200","expectedSeq":1}',
] as const;
