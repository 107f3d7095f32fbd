import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../shared/clock.ts';
import { MAX_URGENT_BYTES, URGENT_MEDIA_TYPE, type UrgentAck } from '../../shared/protocol/urgent.ts';
import type { Db } from '../db/db.ts';
import { routeOfDevice } from '../ingest/device-route.ts';
import { raiseAlarms } from '../ingest/ledger.ts';
import type { Prove } from '../ingest/prove.ts';
import type { ProvinceLimits } from '../limits.ts';
import type { ProvinceLog } from '../log.ts';
import { announce } from './announce.ts';
import { readNotice } from './read-notice.ts';

/** `POST /v1/devices/:id/urgent`: proven → read → proven by itself → kept as announced → answered. */
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
  const { db, clock } = parts;
  routeOfDevice<UrgentAck>(app, {
    ...parts,
    name: 'urgent',
    mediaType: URGENT_MEDIA_TYPE,
    maxBytes: MAX_URGENT_BYTES,
    words: {
      refused: 'urgent notice refused',
      busy: 'the database cannot take an urgent notice now',
      again: 'Send it again',
    },
    async take(proven, body) {
      const read = readNotice(body, proven.device);
      if (!read.ok) {
        if (read.unprovenSeq !== undefined)
          await alarmUnproven(proven.device.id, read.unprovenSeq, proven.nowMs);
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
    },
  });

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
