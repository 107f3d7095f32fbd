/**
 * The bench page and what it asks for, on 127.0.0.1 and for its own page only: other names for this address, other
 * origins and other pages' scripts are refused, because whoever can reach it plays with this machine's kiosk.
 */
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { Trouble } from '../runtime/runtime.ts';
import { ActionSchema } from './actions.ts';
import { createBroadcast } from './broadcast.ts';
import type { Hall } from './hall.ts';
import { routePageFiles } from './page-files.ts';

export const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

export interface BenchServer {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startBenchServer(parts: {
  readonly hall: Hall;
  /** Tried one after the other; 0 = any free one. */
  readonly ports: readonly number[];
}): Promise<BenchServer> {
  const { hall } = parts;
  const app = fastify({ logger: false, bodyLimit: 4_096, forceCloseConnections: true });
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS);
    const problem = refusalOf(request);
    if (problem) return reply.code(403).send({ problem });
    return undefined;
  });

  routePageFiles(app);
  const broadcast = createBroadcast(hall);
  app.get('/events', (request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream; charset=utf-8' });
    broadcast.attach(reply.raw);
    request.raw.on('close', () => reply.raw.end());
  });

  app.get('/state', () => ({ state: hall.state(), lines: hall.lines() }));
  app.post('/act', async (request, reply) => {
    const action = ActionSchema.safeParse(request.body);
    if (!action.success) return reply.code(400).send({ ok: false, problem: 'malformed' });
    try {
      const result = await hall.act(action.data);
      return reply.code(result.ok ? 200 : 409).send(result);
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      return reply.code(500).send({ ok: false, problem: 'failed', words });
    }
  });
  app.get<{ Querystring: { after?: string } }>('/screen.png', (request, reply) =>
    sendFrame(hall, Number(request.query.after ?? 0), reply),
  );

  const port = await listen(app, parts.ports);
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      broadcast.stop();
      await app.close();
    },
  };
}

/** @returns why this request is nobody's business here, or undefined. */
export function refusalOf({ headers, method, url, socket }: FastifyRequest): string | undefined {
  const port = socket.localPort;
  const names = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!names.includes(headers.host ?? '')) return 'This address answers to 127.0.0.1 only.';
  const { origin } = headers;
  if (origin !== undefined && !names.includes(origin.replace(/^http:\/\//, '')))
    return 'Another origin may not speak to the bench.';
  const site = headers['sec-fetch-site'];
  const isOurs = site === undefined || site === 'same-origin' || site === 'none';
  const isVisit = method === 'GET' && url === '/' && headers['sec-fetch-mode'] === 'navigate';
  return isOurs || isVisit ? undefined : 'Another page may not speak to the bench.';
}

async function sendFrame(hall: Hall, after: number, reply: FastifyReply): Promise<FastifyReply> {
  const frame = await hall.screen?.frameAfter(Number.isSafeInteger(after) ? after : 0);
  if (!frame) return reply.code(204).send();
  return reply.header('x-frame', String(frame.number)).type('image/png').send(frame.png);
}

async function listen(app: FastifyInstance, ports: readonly number[]): Promise<number> {
  for (const port of ports) {
    try {
      return Number(new URL(await app.listen({ host: '127.0.0.1', port })).port);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    }
  }
  throw new Trouble(
    `The bench page found no free port (tried ${ports[0]}${ports.length > 1 ? `–${ports.at(-1)}` : ''} on 127.0.0.1). Name another with --port.`,
  );
}
