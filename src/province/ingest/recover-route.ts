import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../shared/clock.ts';
import {
  MAX_RECOVER_BYTES,
  RECOVER_MEDIA_TYPE,
  type Recovered,
  RecoverSchema,
} from '../../shared/protocol/recover.ts';
import { DeviceIdSchema } from '../../shared/words.ts';
import { type Db, isPassing } from '../db/db.ts';
import type { ProvinceLimits } from '../limits.ts';
import type { ProvinceLog } from '../log.ts';
import { type Refused, sendRefusal } from '../refusal.ts';
import type { DeviceRequest, Prove } from './prove.ts';
import { recoverEntries } from './recover.ts';

/** `POST /v1/devices/:id/recover`: bytes → proven → read → what is held of this device and of no other. */
export function routeRecover(
  app: FastifyInstance,
  parts: {
    readonly db: Db;
    readonly clock: Clock;
    readonly log: ProvinceLog;
    readonly limits: ProvinceLimits;
    readonly prove: Prove;
  },
): void {
  const { db, clock, log, limits, prove } = parts;
  app.addContentTypeParser(
    RECOVER_MEDIA_TYPE,
    { parseAs: 'buffer', bodyLimit: MAX_RECOVER_BYTES },
    (_request, body, done) => done(null, body),
  );

  app.post<{ Params: { id: string }; Body: Buffer }>('/v1/devices/:id/recover', async (request, reply) => {
    const deviceId = DeviceIdSchema.safeParse(request.params.id).success ? request.params.id : '';
    try {
      const answer = await recover(request);
      if ('error' in answer) {
        log.warn({ deviceId, error: answer.error, seq: answer.seq }, 'recovery refused');
        return sendRefusal(reply, answer, limits.retryAfterS);
      }
      log.info({ deviceId, entries: answer.entries.length, heldSeq: answer.heldSeq }, 'entries given back');
      return reply.send(answer);
    } catch (error) {
      if (!isPassing(error)) throw error;
      log.error({ deviceId, problem: String(error) }, 'the database cannot be asked for entries now');
      const message = `The province's database is busy. Ask again after ${limits.retryAfterS} s.`;
      return sendRefusal(reply, { error: 'slowDown', message }, limits.retryAfterS);
    }
  });

  async function recover(request: DeviceRequest): Promise<Recovered | Refused> {
    if (!DeviceIdSchema.safeParse(request.params.id).success)
      return { error: 'unknownDevice', message: 'The address names no device.' };
    if (!Buffer.isBuffer(request.body))
      return { error: 'malformed', message: `Send ${RECOVER_MEDIA_TYPE}.`, unreadable: true };
    const proven = await prove(request);
    if ('error' in proven) return proven;
    const asked = RecoverSchema.safeParse(parsed(request.body));
    if (!asked.success)
      return { error: 'malformed', message: 'The request is not as docs/journal-protocol.md says.' };
    const answer = await recoverEntries(db, proven, asked.data);
    if (!answer.ok) return answer.refused;
    const { entries, heldSeq, reportedHead } = answer;
    return { entries, heldSeq, reportedHead, serverTimeMs: clock.nowMs() };
  }
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
