import type { FastifyInstance } from 'fastify';
import type { ProvinceLimits } from '../limits.ts';
import type { ProvinceLog } from '../log.ts';
import { PAGE_HEADERS, readPage } from '../page-files.ts';
import type { LiveFeed } from './feed.ts';

/** `GET /` the live page, `GET /live` its events. */
export function routeLive(
  app: FastifyInstance,
  parts: { readonly feed: LiveFeed; readonly limits: ProvinceLimits; readonly log: ProvinceLog },
): void {
  const page = readPage('live.html');
  app.get('/', (_request, reply) => reply.headers(PAGE_HEADERS).type('text/html; charset=utf-8').send(page));

  app.get('/live', async (request, reply) => {
    if (parts.feed.clients >= parts.limits.liveClients)
      return reply.code(503).header('retry-after', '30').send({
        error: 'slowDown',
        message: 'As many live pages are open as there may be. Close one, or wait.',
      });
    reply.hijack();
    reply.raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      // A proxy that gathers would turn "as they arrive" into "some time later".
      'x-accel-buffering': 'no',
    });
    const lastEventId = request.headers['last-event-id'];
    try {
      const attached = await parts.feed.attach(reply.raw, lastEventId ? String(lastEventId) : undefined);
      if (!attached) reply.raw.end();
    } catch (error) {
      parts.log.warn({ problem: String(error) }, 'a live page could not be served');
      reply.raw.end();
    }
    return reply;
  });
}
