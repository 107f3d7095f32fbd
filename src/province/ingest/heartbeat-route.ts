import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../shared/clock.ts';
import type { Ack } from '../../shared/protocol/batch.ts';
import {
  HEARTBEAT_MEDIA_TYPE,
  HeartbeatSchema,
  MAX_HEARTBEAT_BYTES,
} from '../../shared/protocol/heartbeat.ts';
import type { Db } from '../db/db.ts';
import type { ProvinceLimits } from '../limits.ts';
import type { ProvinceLog } from '../log.ts';
import { parsedJson, routeOfDevice } from './device-route.ts';
import { hearHeartbeat } from './heartbeat.ts';
import type { Prove } from './prove.ts';

/** `POST /v1/devices/:id/heartbeat`: proven → read → compared → answered with what is held. */
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
  const { db, clock } = parts;
  routeOfDevice<Ack>(app, {
    ...parts,
    name: 'heartbeat',
    mediaType: HEARTBEAT_MEDIA_TYPE,
    maxBytes: MAX_HEARTBEAT_BYTES,
    words: {
      refused: 'heartbeat refused',
      busy: 'the database cannot take a heartbeat now',
      again: 'Say it again',
    },
    async take(proven, body) {
      const said = HeartbeatSchema.safeParse(parsedJson(body));
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
    },
  });
}
