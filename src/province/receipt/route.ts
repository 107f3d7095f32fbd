import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../shared/clock.ts';
import type { Db } from '../db/db.ts';
import { raiseAlarms } from '../ingest/ledger.ts';
import type { ProvinceLimits } from '../limits.ts';
import { PAGE_HEADERS } from '../page-files.ts';
import { lookUpReceipt } from './look-up.ts';
import { type ReceiptAnswer, receiptPage } from './page.ts';
import { createRateLimit } from './rate-limit.ts';
import { localeOf } from './words.ts';

/** `GET /r/:code`: what the QR code on the thank-you page leads to. */
export function routeReceipt(
  app: FastifyInstance,
  parts: { readonly db: Db; readonly clock: Clock; readonly limits: ProvinceLimits },
): void {
  const { db, clock, limits } = parts;
  const rate = createRateLimit({ clock, burst: limits.receiptBurst, everyMs: limits.receiptEveryMs });

  app.get<{ Params: { code: string } }>('/r/:code', async (request, reply) => {
    const locale = localeOf(request.headers['accept-language']);
    const page = (status: number, answer: ReceiptAnswer) =>
      reply
        .code(status)
        .headers(PAGE_HEADERS)
        .header('vary', 'accept-language')
        .type('text/html; charset=utf-8')
        .send(receiptPage(answer, locale));
    if (!rate.take(request.ip)) {
      reply.header('retry-after', String(Math.ceil(limits.receiptEveryMs / 1000)));
      return page(429, { found: 'tooMany' });
    }
    const found = await lookUpReceipt(db, request.params.code);
    if (found.found === 'held' && !found.unchanged) {
      const { deviceId, seq, code: receipt } = found;
      const text = `The ledger's entry ${seq} of ${deviceId} no longer gives the hash it was accepted with. Compare it with a backup and with the device's own journal.`;
      await raiseAlarms(
        db,
        deviceId,
        [{ kind: 'ledgerChanged', seq, serviceKey: null, receipt, text }],
        clock.nowMs(),
      );
    }
    return page(found.found === 'held' ? 200 : 404, found);
  });
}
