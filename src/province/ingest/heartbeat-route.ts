import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../shared/clock.ts';
import type { Ack } from '../../shared/protocol/batch.ts';
import {
  HEARTBEAT_MEDIA_TYPE,
  HeartbeatSchema,
  MAX_HEARTBEAT_BYTES,
} from '../../shared/protocol/heartbeat.ts';
import { DeviceIdSchema } from '../../shared/words.ts';
import { type Db, isPassing } from '../db/db.ts';
import type { ProvinceLimits } from '../limits.ts';
import type { ProvinceLog } from '../log.ts';
import { type Refused, sendRefusal } from '../refusal.ts';
import { hearHeartbeat } from './heartbeat.ts';
import type { DeviceRequest, Prove } from './prove.ts';

/** `POST /v1/devices/:id/heartbeat`: bytes → proven → read → compared → answered with what is held. */
export function routeHeartbeat(
  app: FastifyInstance,
  parts: {
    readonly db: Db;
    readonly clock: Clock;
    readonly log: ProvinceLog;
    readonly limits: ProvinceLimits;
    readonly prove: Prove;
    readonly onHeard: () => void;
  },
): void {
  const { db, clock, log, limits, prove } = parts;
  app.addContentTypeParser(
    HEARTBEAT_MEDIA_TYPE,
    { parseAs: 'buffer', bodyLimit: MAX_HEARTBEAT_BYTES },
    (_request, body, done) => done(null, body),
  );

  app.post<{ Params: { id: string }; Body: Buffer }>('/v1/devices/:id/heartbeat', async (request, reply) => {
    const deviceId = DeviceIdSchema.safeParse(request.params.id).success ? request.params.id : '';
    try {
      const answer = await hear(request);
      if (!('error' in answer)) return reply.send(answer);
      log.warn({ deviceId, error: answer.error, seq: answer.seq ?? answer.expectedSeq }, 'heartbeat refused');
      return sendRefusal(reply, answer, limits.retryAfterS);
    } catch (error) {
      if (!isPassing(error)) throw error;
      log.error({ deviceId, problem: String(error) }, 'the database cannot take a heartbeat now');
      return sendRefusal(
        reply,
        {
          error: 'slowDown',
          message: `The province's database is busy. Say it again after ${limits.retryAfterS} s.`,
        },
        limits.retryAfterS,
      );
    }
  });

  async function hear(request: DeviceRequest): Promise<Ack | Refused> {
    if (!DeviceIdSchema.safeParse(request.params.id).success)
      return { error: 'unknownDevice', message: 'The address names no device.' };
    if (!Buffer.isBuffer(request.body))
      return { error: 'malformed', message: `Send ${HEARTBEAT_MEDIA_TYPE}.`, unreadable: true };
    const proven = await prove(request);
    if ('error' in proven) return proven;
    const said = HeartbeatSchema.safeParse(parsed(request.body));
    if (!said.success)
      return { error: 'malformed', message: 'The heartbeat is not as docs/journal-protocol.md says.' };
    const heard = await hearHeartbeat(db, proven, said.data);
    parts.onHeard();
    if (!heard.ok) return heard.refused;
    return {
      ackedSeq: heard.heldSeq,
      ackedHash: heard.heldHash,
      serverTimeMs: clock.nowMs(),
      configVersion: 0,
      commands: [],
    };
  }
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
