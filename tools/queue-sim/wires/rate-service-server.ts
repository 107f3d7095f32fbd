import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { SimMessage } from '../wire.ts';

/**
 * The wire of the simulator: a RateService server as published (JackQChen/QueueSystem), written apart from our
 * client. Methods are matched without regard to case, reply codes are text, and a server push is a "request".
 */

export interface SimTls {
  readonly key: string;
  readonly cert: string;
}

export interface Tablet {
  counter: string | null;
  userCode: string | null;
  reply(request: string, code: number, result: unknown): void;
  push(method: string, param: object): void;
  raw(data: string | Uint8Array): void;
}

export interface ServerParts {
  readonly host: string;
  readonly port: number;
  readonly tls: SimTls | undefined;
  readonly answerPings: boolean;
  readonly nowMs: () => number;
  readonly onRequest: (tablet: Tablet, method: string, param: Record<string, unknown>) => void;
  readonly onMessage: (message: SimMessage) => void;
  readonly onGone: () => void;
}

/** Listens. @returns when it does; rejects if the port is taken. */
export async function startRateServiceServer(parts: ServerParts) {
  const tablets = new Map<WebSocket, Tablet>();
  const sockets = new Set<Socket>();
  let mode: 'up' | 'refusing' | 'frozen' = 'up';
  let port = parts.port;
  let http: Server | undefined;
  let webSockets: WebSocketServer | undefined;

  const attach = (socket: WebSocket) => {
    const write = (text: string | Uint8Array) => {
      if (mode !== 'up' || socket.readyState !== socket.OPEN) return;
      socket.send(text);
      const shown = typeof text === 'string' ? text : `<${text.byteLength} bytes>`;
      parts.onMessage({ direction: 'out', counter: tablet.counter, text: shown, atMs: parts.nowMs() });
    };
    const tablet: Tablet = {
      counter: null,
      userCode: null,
      reply: (request, code, result) => write(JSON.stringify({ request, code: String(code), result })),
      push: (method, param) => write(JSON.stringify({ method, param })),
      raw: write,
    };
    tablets.set(socket, tablet);
    socket.on('message', (data, isBinary) => {
      if (mode !== 'up' || isBinary) return;
      const text = data.toString();
      parts.onMessage({ direction: 'in', counter: tablet.counter, text, atMs: parts.nowMs() });
      const message = parse(text);
      if (message) parts.onRequest(tablet, message.method, message.param);
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      tablets.delete(socket);
      parts.onGone();
    });
  };

  const listen = async () => {
    const { tls } = parts;
    http = tls ? createHttpsServer({ ...tls, minVersion: 'TLSv1.2' }) : createHttpServer();
    webSockets = new WebSocketServer({ server: http, autoPong: parts.answerPings, maxPayload: 256 * 1024 });
    webSockets.on('connection', attach);
    // Errors of the underlying server surface here as well; the promise below reports them.
    webSockets.on('error', () => undefined);
    http.on('connection', (socket: Socket) => {
      if (mode !== 'up') return socket.destroy();
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      return undefined;
    });
    const server = http;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, parts.host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    port = (server.address() as AddressInfo).port;
  };

  const dropAll = () => {
    for (const socket of sockets) socket.destroy();
  };

  const unlisten = async () => {
    const server = http;
    webSockets?.close();
    dropAll();
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  };

  await listen();
  return {
    port: () => port,
    tablets: (): readonly Tablet[] => [...tablets.values()],
    /** `refuse`: connections break and new ones are refused. `freeze`: the cable is out, nobody says goodbye. */
    cut(how: 'refuse' | 'freeze'): void {
      mode = how === 'refuse' ? 'refusing' : 'frozen';
      if (how === 'refuse') dropAll();
      else for (const socket of sockets) socket.pause();
    },
    restore(): void {
      mode = 'up';
      for (const socket of sockets) socket.resume();
    },
    /** The service is stopped and started again on the same port; log-ins are lost, the hall is not. */
    async restart(): Promise<void> {
      await unlisten();
      mode = 'up';
      await listen();
    },
    stop: unlisten,
  };
}
export type RateServiceServer = Awaited<ReturnType<typeof startRateServiceServer>>;

function parse(text: string): { method: string; param: Record<string, unknown> } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('method' in value)) return undefined;
    if (typeof value.method !== 'string') return undefined;
    const param =
      'param' in value && typeof value.param === 'object' && value.param !== null ? value.param : {};
    return { method: value.method.trim().toLowerCase(), param: { ...param } };
  } catch {
    return undefined;
  }
}
