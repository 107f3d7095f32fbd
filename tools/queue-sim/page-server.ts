/** The simulator's page on 127.0.0.1, for its own page only: whoever reaches it plays with the hall. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastify from 'fastify';
import { HEADERS, refusalOf } from '../hall/bench-server.ts';
import { type SimAction, SimActionSchema } from './actions.ts';

export interface SimPageState {
  readonly link: string;
  readonly url: string;
  /** What belongs into kiosk.json, by counter. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly network: string;
  readonly counters: readonly {
    readonly counter: string;
    readonly doing: string;
    readonly ticket: string;
    readonly paused: boolean;
    readonly tablets: number;
    readonly lastRated: boolean | null;
  }[];
  /** The kiosk that runs here, if one does. */
  readonly kiosk: { readonly counter: string; readonly words: string; readonly inviting: boolean } | null;
  readonly lines: readonly string[];
}

const PAGE = join(import.meta.dirname, 'page');
const FILES = [
  ['/', 'sim.html', 'text/html; charset=utf-8'],
  ['/sim.css', 'sim.css', 'text/css; charset=utf-8'],
  ['/sim.js', 'sim.js', 'text/javascript; charset=utf-8'],
  ['/icon.svg', '../../../assets/icons/emblem.svg', 'image/svg+xml'],
] as const;
const GATHER_MS = 60;
const MAX_UNREAD_BYTES = 1_000_000;

export async function startSimPage(parts: {
  readonly port: number;
  readonly state: () => SimPageState;
  /** @returns zh-CN words; throws them when it cannot. */
  readonly act: (action: SimAction) => Promise<string>;
}) {
  const app = fastify({ logger: false, bodyLimit: 4_096, forceCloseConnections: true });
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS);
    const problem = refusalOf(request);
    return problem ? reply.code(403).send({ problem }) : undefined;
  });
  for (const [path, file, type] of FILES)
    app.get(path, (_request, reply) => reply.type(type).send(readFileSync(join(PAGE, file))));

  const pages = new Set<{ write(text: string): boolean; destroy(): void; readonly writableLength: number }>();
  let gathering: NodeJS.Timeout | undefined;
  const send = () => {
    gathering = undefined;
    const text = `data: ${JSON.stringify(parts.state())}\n\n`;
    for (const page of pages)
      if (page.writableLength > MAX_UNREAD_BYTES) page.destroy();
      else page.write(text);
  };
  app.get('/events', (request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream; charset=utf-8' });
    reply.raw.write(`retry: 1000\ndata: ${JSON.stringify(parts.state())}\n\n`);
    pages.add(reply.raw);
    request.raw.on('close', () => pages.delete(reply.raw));
  });
  app.post('/act', async (request, reply) => {
    const action = SimActionSchema.safeParse(request.body);
    if (!action.success) return reply.code(400).send({ words: '无法识别的操作' });
    try {
      return { words: await parts.act(action.data) };
    } catch (error) {
      return reply.code(409).send({ words: error instanceof Error ? error.message : String(error) });
    }
  });

  const url = await app.listen({ host: '127.0.0.1', port: parts.port });
  return {
    url,
    /** Something changed; pages learn it a moment later, many changes at once. */
    changed(): void {
      gathering ??= setTimeout(send, GATHER_MS);
    },
    async stop(): Promise<void> {
      clearTimeout(gathering);
      await app.close();
    },
  };
}
