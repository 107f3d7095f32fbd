import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../shared/clock.ts';
import {
  MAX_RECOVER_BYTES,
  RECOVER_MEDIA_TYPE,
  type Recovered,
  RecoverSchema,
} from '../../shared/protocol/recover.ts';
import type { Db } from '../db/db.ts';
import type { ProvinceLimits } from '../limits.ts';
import type { ProvinceLog } from '../log.ts';
import { parsedJson, routeOfDevice } from './device-route.ts';
import type { Prove } from './prove.ts';
import { recoverEntries } from './recover.ts';

/** `POST /v1/devices/:id/recover`: proven → read → what is held of this device and of no other. */
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
  const { db, clock, log } = parts;
  routeOfDevice<Recovered>(app, {
    ...parts,
    name: 'recover',
    mediaType: RECOVER_MEDIA_TYPE,
    maxBytes: MAX_RECOVER_BYTES,
    words: {
      refused: 'recovery refused',
      busy: 'the database cannot be asked for entries now',
      again: 'Ask again',
    },
    async take(proven, body) {
      const asked = RecoverSchema.safeParse(parsedJson(body));
      if (!asked.success)
        return { error: 'malformed', message: 'The request is not as docs/journal-protocol.md says.' };
      const answer = await recoverEntries(db, proven, asked.data);
      if (!answer.ok) return answer.refused;
      const { entries, heldSeq, reportedHead } = answer;
      return { entries, heldSeq, reportedHead, serverTimeMs: clock.nowMs() };
    },
    onAnswered: (deviceId, { entries, heldSeq }) =>
      log.info({ deviceId, entries: entries.length, heldSeq }, 'entries given back'),
  });
}
