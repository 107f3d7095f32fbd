import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import { createBoundedMap } from '../bounded.ts';
import type { CounterName, LinkLog } from '../queue-link.ts';
import { createRateGate } from '../rate-gate.ts';
import type { ListenFault } from './reasons.ts';
import { askAll, type Hearer, type SharedPorts } from './shared-ports.ts';

/** One message is some hundred bytes; nothing honest comes near this. */
export const MAX_BODY_BYTES = 64 * 1024;
const MAX_HEAD_BYTES = 8 * 1024;
/** A request has to be here whole within this, however slowly it drips. */
const REQUEST_LIMIT_MS = 3000;
const IDLE_LIMIT_MS = 10_000;
const MAX_CONNECTIONS = 64;
const MAX_CONNECTIONS_PER_ADDRESS = 16;
const MAX_ADDRESSES = 512;

/** A request that was read whole. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Path and query as they were sent, for a signature over them. */
  readonly target: string;
  readonly header: (name: string) => string | undefined;
  readonly body: Buffer;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ListenerParts extends Hearer {
  readonly host: string;
  readonly port: number;
  readonly tls?: { readonly keyFile: string; readonly certFile: string } | undefined;
  /** Addresses that may send at all; empty = every one. */
  readonly allowFrom: readonly string[];
  readonly maxRequestsPerSecond: number;
  readonly clock: Clock;
  readonly count: (name: CounterName) => void;
  readonly quietLog: (level: LinkLog['level'], event: string, data: NonNullable<LinkLog['data']>) => void;
  /** The ports of this program; a trial hears along where the link in service has the same one. */
  readonly ports?: SharedPorts | undefined;
  readonly trial?: boolean | undefined;
  readonly onListening: (port: number) => void;
  /** At most once; it does not listen then. */
  readonly onFault: (fault: ListenFault) => void;
}

export interface Listener {
  /** Settles when the port and every connection is free. */
  close(): Promise<void>;
}

/**
 * Listens for HTTP requests, with limits on everything the other side decides: address, rate, size, time, number of
 * connections. Knows nothing of what the requests say.
 */
export function openListener(parts: ListenerParts): Listener {
  const gates = createBoundedMap<string, () => boolean>(MAX_ADDRESSES);
  const connections = new Map<string, number>();
  let closed = false;
  const leave = parts.trial
    ? parts.ports?.join(parts, { ...parts, onLeft: () => !closed && parts.onFault('listenFailed') })
    : undefined;
  if (leave) {
    // Told after the caller has the listener in its hands.
    queueMicrotask(() => {
      if (!closed) parts.onListening(parts.port);
    });
    return {
      async close() {
        closed = true;
        leave();
      },
    };
  }
  let room: ReturnType<SharedPorts['open']> | undefined;

  const tooOften = (from: string): boolean => {
    let gate = gates.get(from);
    if (!gate) {
      gate = createRateGate(parts.clock, parts.maxRequestsPerSecond);
      gates.set(from, gate);
    }
    return gate();
  };

  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const from = addressOf(request.socket);
    if (tooOften(from)) {
      parts.count('floods');
      parts.quietLog('warn', 'queue.flood', {});
      return send(response, { status: 429, body: { error: 'tooMany' } }, { 'Retry-After': '1' });
    }
    const head = headOf(request);
    if (!head) {
      parts.count('malformed');
      return send(response, { status: 400, body: { error: 'malformed' } });
    }
    const heard = askAll([parts, ...(room?.guests() ?? [])], head);
    if (heard.refused) return send(response, heard.refused);
    if (Number(head.header('content-length') ?? 0) > MAX_BODY_BYTES) return oversized(response);

    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) {
        request.removeAllListeners('data');
        return oversized(response);
      }
      chunks.push(chunk);
    });
    request.on('end', () => {
      if (closed || size > MAX_BODY_BYTES) return;
      parts.count('messages');
      send(response, heard.answer({ ...head, body: Buffer.concat(chunks) }));
    });
    // The sender went away in the middle: there is nobody to answer.
    request.on('error', () => undefined);
    return undefined;
  };

  const oversized = (response: ServerResponse) => {
    parts.count('oversized');
    parts.quietLog('warn', 'queue.oversized', {});
    send(response, { status: 413, body: { error: 'tooLarge' } });
  };

  const onConnection = (socket: Socket) => {
    const from = addressOf(socket);
    const open = (connections.get(from) ?? 0) + 1;
    const allowed = parts.allowFrom.length === 0 || parts.allowFrom.includes(from);
    if (!allowed || open > MAX_CONNECTIONS_PER_ADDRESS) {
      parts.count('refused');
      parts.quietLog('warn', allowed ? 'queue.tooManyConnections' : 'queue.addressRefused', {});
      socket.destroy();
      return;
    }
    connections.set(from, open);
    socket.once('close', () => {
      const left = (connections.get(from) ?? 1) - 1;
      if (left > 0) connections.set(from, left);
      else connections.delete(from);
    });
  };

  let server: Server;
  try {
    server = makeServer(parts.tls, onRequest);
  } catch {
    // Told after the caller has the listener in its hands, as every other fault is.
    queueMicrotask(() => {
      if (!closed) parts.onFault('tlsFiles');
    });
    return {
      async close() {
        closed = true;
      },
    };
  }
  server.maxConnections = MAX_CONNECTIONS;
  server.on('connection', onConnection);
  server.on('clientError', (error: Error & { readonly code?: string }, socket) => {
    parts.count('malformed');
    parts.quietLog('warn', 'queue.malformed', {});
    const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
    else socket.destroy();
  });
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  server.on('error', (error: Error & { readonly code?: string }) => {
    if (!closed) parts.onFault(LISTEN_FAULTS[error.code ?? ''] ?? 'listenFailed');
  });
  server.listen(parts.port, parts.host, () => {
    if (closed) return;
    if (!parts.trial) room = parts.ports?.open(parts);
    parts.onListening((server.address() as AddressInfo).port);
  });

  return {
    close() {
      closed = true;
      room?.close();
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

const LISTEN_FAULTS: Readonly<Record<string, ListenFault>> = {
  EADDRINUSE: 'portTaken',
  EADDRNOTAVAIL: 'noSuchAddress',
  EACCES: 'portForbidden',
};

function makeServer(
  tls: ListenerParts['tls'],
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const limits = {
    maxHeaderSize: MAX_HEAD_BYTES,
    headersTimeout: REQUEST_LIMIT_MS,
    requestTimeout: REQUEST_LIMIT_MS,
    connectionsCheckingInterval: 500,
    keepAliveTimeout: IDLE_LIMIT_MS,
  };
  const server = tls
    ? createTlsServer(
        {
          ...limits,
          key: readFileSync(tls.keyFile),
          cert: readFileSync(tls.certFile),
          minVersion: 'TLSv1.2',
          handshakeTimeout: REQUEST_LIMIT_MS,
        },
        onRequest,
      )
    : createServer(limits, onRequest);
  server.setTimeout(IDLE_LIMIT_MS, (socket) => socket.destroy());
  return server;
}

function headOf(request: IncomingMessage): Omit<HttpRequest, 'body'> | undefined {
  const target = request.url ?? '';
  const base = 'http://tablet';
  if (!target.startsWith('/') || !URL.canParse(target, base)) return undefined;
  const url = new URL(target, base);
  return {
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    target,
    header(name) {
      const value = request.headers[name];
      return typeof value === 'string' ? value : undefined;
    },
  };
}

function send(
  response: ServerResponse,
  answer: HttpAnswer,
  more: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  const text = JSON.stringify(answer.body);
  // After a refusal the rest of the request is of no use; a connection that may hold it is not used again.
  const last = answer.status >= 400;
  response.writeHead(answer.status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(last ? { Connection: 'close' } : {}),
    ...more,
  });
  response.end(text, () => {
    if (last) response.req.socket.destroySoon();
  });
}

/** An IPv4 address that came over an IPv6 socket is the IPv4 address. */
function addressOf(socket: Socket): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
}
