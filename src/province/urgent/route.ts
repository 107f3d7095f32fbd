import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../shared/clock.ts';
import { MAX_URGENT_BYTES, URGENT_MEDIA_TYPE, type UrgentAck } from '../../shared/protocol/urgent.ts';
import { DeviceIdSchema } from '../../shared/words.ts';
import { type Db, isPassing } from '../db/db.ts';
import { raiseAlarms } from '../ingest/ledger.ts';
import type { DeviceRequest, Prove } from '../ingest/prove.ts';
import type { ProvinceLimits } from '../limits.ts';
import type { ProvinceLog } from '../log.ts';
import { type Refused, sendRefusal } from '../refusal.ts';
import { announce } from './announce.ts';
import { readNotice } from './read-notice.ts';

/** `POST /v1/devices/:id/urgent`: bytes → proven → read → proven by itself → kept as announced → answered. */
export function routeUrgent(
  app: FastifyInstance,
  parts: {
    readonly db: Db;
    readonly clock: Clock;
    readonly log: ProvinceLog;
    readonly limits: ProvinceLimits;
    readonly prove: Prove;
    /** The live page has something new to show. */
    readonly onAnnounced: () => void;
  },
): void {
  const { db, clock, log, limits, prove } = parts;
  app.addContentTypeParser(
    URGENT_MEDIA_TYPE,
    { parseAs: 'buffer', bodyLimit: MAX_URGENT_BYTES },
    (_request, body, done) => done(null, body),
  );

  app.post<{ Params: { id: string }; Body: Buffer }>('/v1/devices/:id/urgent', async (request, reply) => {
    const deviceId = DeviceIdSchema.safeParse(request.params.id).success ? request.params.id : '';
    try {
      const answer = await take(request);
      if (!('error' in answer)) return reply.send(answer);
      log.warn({ deviceId, error: answer.error, seq: answer.seq }, 'urgent notice refused');
      return sendRefusal(reply, answer, limits.retryAfterS);
    } catch (error) {
      if (!isPassing(error)) throw error;
      log.error({ deviceId, problem: String(error) }, 'the database cannot take an urgent notice now');
      return sendRefusal(
        reply,
        {
          error: 'slowDown',
          message: `The province's database is busy. Send it again after ${limits.retryAfterS} s.`,
        },
        limits.retryAfterS,
      );
    }
  });

  async function take(request: DeviceRequest): Promise<UrgentAck | Refused> {
    const { id } = request.params;
    if (!DeviceIdSchema.safeParse(id).success)
      return { error: 'unknownDevice', message: 'The address names no device.' };
    if (!Buffer.isBuffer(request.body))
      return { error: 'malformed', message: `Send ${URGENT_MEDIA_TYPE}.`, unreadable: true };
    const proven = await prove(request);
    if ('error' in proven) return proven;
    const read = readNotice(request.body, proven.device);
    if (!read.ok) {
      if (read.unprovenSeq !== undefined) await alarmUnproven(id, read.unprovenSeq, proven.nowMs);
      return read.refused;
    }
    const { notice } = read;
    const announced = await announce(db, proven, notice);
    if (!announced.ok) {
      if (announced.refused.error === 'fork') parts.onAnnounced();
      return announced.refused;
    }
    if (announced.isNew) parts.onAnnounced();
    return {
      seq: notice.help.seq,
      hash: notice.help.hash,
      held: announced.held,
      serverTimeMs: clock.nowMs(),
    };
  }

  async function alarmUnproven(deviceId: string, seq: number, nowMs: number): Promise<void> {
    const text = `An urgent notice of ${deviceId} holds entries up to ${seq} that are not signed as they stand there. It was not taken.`;
    await raiseAlarms(
      db,
      deviceId,
      [{ kind: 'urgentUnproven', seq, serviceKey: null, receipt: null, text }],
      nowMs,
    );
    parts.onAnnounced();
  }
}
