import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { SimTls } from './rate-service-server.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly text: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An HTTP server whose network can be cut. */
export async function startHttpServer(parts: {
  readonly host: string;
  readonly port: number;
  readonly tls: SimTls | undefined;
  readonly restartMs: number;
  readonly answer: (
    method: string,
    target: string,
    header: (name: string) => string,
    body: string,
  ) => HttpAnswer;
  readonly onAnswered: () => void;
}) {
  const sockets = new Set<Socket>();
  let mode: 'up' | 'refusing' | 'frozen' = 'up';
  let { port } = parts;
  let server: Server;

  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (mode !== 'up') return;
      const header = (name: string) => String(request.headers[name] ?? '');
      const { status, text, headers } = parts.answer(
        request.method ?? '',
        request.url ?? '',
        header,
        Buffer.concat(chunks).toString(),
      );
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(text);
      parts.onAnswered();
    });
    request.on('error', () => undefined);
  };

  const listen = async () => {
    server = parts.tls
      ? createTlsServer({ ...parts.tls, minVersion: 'TLSv1.2' }, onRequest)
      : createServer(onRequest);
    server.on('connection', (socket: Socket) => {
      if (mode === 'refusing') return socket.destroy();
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      return undefined;
    });
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
    dropAll();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };

  await listen();
  return {
    port: () => port,
    connections: () => sockets.size,
    /** `refuse`: connections break and new ones break at once. `freeze`: nobody answers any more. */
    cut(how: 'refuse' | 'freeze'): void {
      mode = how === 'refuse' ? 'refusing' : 'frozen';
      if (how === 'refuse') dropAll();
    },
    restore(): void {
      // What was asked while the cable was out is never answered.
      if (mode === 'frozen') dropAll();
      mode = 'up';
    },
    async restart(): Promise<void> {
      await unlisten();
      await new Promise((resolve) => setTimeout(resolve, parts.restartMs));
      mode = 'up';
      await listen();
    },
    stop: unlisten,
  };
}
