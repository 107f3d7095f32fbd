import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Clock } from '../shared/clock.ts';
import { MAX_BATCH_BYTES } from '../shared/protocol/batch.ts';
import { routeAdmin } from './admin/routes.ts';
import { type Db, isPassing } from './db/db.ts';
import { migrate } from './db/migrate.ts';
import { createBatchReader } from './ingest/batch-reader.ts';
import { routeHeartbeat } from './ingest/heartbeat-route.ts';
import { createProver } from './ingest/prove.ts';
import { routeRecover } from './ingest/recover-route.ts';
import { routeIngest } from './ingest/route.ts';
import { PROVINCE_LIMITS, type ProvinceLimits } from './limits.ts';
import { createLiveFeed } from './live/feed.ts';
import { routeLive } from './live/routes.ts';
import type { ProvinceLog } from './log.ts';
import { routePageFiles } from './page-files.ts';
import { routeReceipt } from './receipt/route.ts';
import { sendRefusal } from './refusal.ts';
import { routeUrgent } from './urgent/route.ts';

/**
 * The reference provincial endpoint: takes journals in, holds them unchangeably, and shows what came. It
 * knows the kiosk only by what `shared/` says about the journal and its protocol. docs/province.md.
 */
export interface Province {
  readonly app: FastifyInstance;
  /** Brings the schema up to date and listens. Port 0 picks a free one. @returns the address, without a slash at its end. */
  start(at: { readonly host: string; readonly port: number }): Promise<string>;
  /** Lets running requests end, closes live pages. The database stays open: whoever opened it closes it. */
  stop(): Promise<void>;
}

export interface ProvinceParts {
  readonly db: Db;
  /** Bearer token of the administrator's routes; at least 16 characters. */
  readonly adminToken: string;
  readonly clock: Clock;
  readonly log: ProvinceLog;
  /** What differs from PROVINCE_LIMITS. */
  readonly limits?: Partial<ProvinceLimits>;
}

export function createProvince(parts: ProvinceParts): Province {
  const { db, clock, log, adminToken } = parts;
  if (adminToken.length < 16)
    throw new Error('The administrator token has fewer than 16 characters. Set a longer one.');
  const limits: ProvinceLimits = { ...PROVINCE_LIMITS, ...parts.limits };
  const app = fastify({
    logger: false,
    bodyLimit: 64 * 1024,
    requestTimeout: limits.requestMs,
    connectionTimeout: limits.idleMs,
    keepAliveTimeout: limits.idleMs,
    routerOptions: { maxParamLength: 100 },
    forceCloseConnections: 'idle',
  });
  const feed = createLiveFeed({ db, clock, log, limits });

  app.setErrorHandler((error, request, reply) => answerError(error, request, reply));
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: 'notFound', message: 'There is nothing at this address.' }),
  );
  app.addHook('onReady', () => migrate(db));
  app.addHook('preClose', async () => feed.close());

  const prove = createProver({ db, clock });
  routeHeartbeat(app, { db, clock, log, limits, prove, onHeard: () => feed.changed([]) });
  routeRecover(app, { db, clock, log, limits, prove });
  const reader = createBatchReader(limits.readingThreads, limits.readingThreadsKept);
  routeIngest(app, {
    db,
    clock,
    log,
    limits,
    prove,
    reader,
    onIngested: ({ arrivals, changed }) => {
      if (changed) feed.changed(arrivals);
    },
  });
  routeUrgent(app, { db, clock, log, limits, prove, onAnnounced: () => feed.changed([]) });
  routeAdmin(app, { db, clock, log, adminToken, onChanged: () => feed.changed([]) });
  routeReceipt(app, { db, clock, limits });
  routeLive(app, { feed, limits, log });
  routePageFiles(app);
  app.get('/healthz', async (_request, reply) => {
    await db.query('SELECT 1');
    return reply.send({ ok: true, serverTimeMs: clock.nowMs() });
  });

  function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply) {
    const route = request.routeOptions.url;
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
      return sendRefusal(
        reply,
        {
          error: 'tooLarge',
          message: `The body is too large; a batch has at most ${MAX_BATCH_BYTES} bytes. Send fewer entries at once.`,
        },
        limits.retryAfterS,
      );
    if (code.startsWith('FST_ERR_CTP_'))
      return sendRefusal(
        reply,
        {
          error: 'malformed',
          message: 'The body cannot be read as its content type says.',
          unreadable: true,
        },
        limits.retryAfterS,
      );
    // Before its last byte nothing was asked of the database: a reset is the sender's own.
    if (request.raw.destroyed && !request.raw.complete) {
      log.info({ route }, 'a request was broken off by its sender');
      return sendRefusal(
        reply,
        { error: 'slowDown', message: 'The request broke off before its end. Send it again.' },
        limits.retryAfterS,
      );
    }
    if (isPassing(error)) {
      log.error({ route, problem: String(error) }, 'the database is not there');
      return sendRefusal(
        reply,
        { error: 'slowDown', message: 'The province cannot reach its database now. Try again in a moment.' },
        limits.retryAfterS,
      );
    }
    log.error({ route, problem: error instanceof Error ? error.stack : String(error) }, 'a request failed');
    return sendRefusal(
      reply,
      { error: 'internal', message: 'The province failed at this request. It has been written to its log.' },
      limits.retryAfterS,
    );
  }

  return {
    app,
    async start(at) {
      const url = await app.listen(at);
      log.info({ url, database: db.kind }, 'province ready');
      return url;
    },
    async stop() {
      await app.close();
      await reader.close();
      log.info({}, 'province stopped');
    },
  };
}
