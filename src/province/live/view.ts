import type { Queryable } from '../db/db.ts';
import type { Arrival } from '../ingest/freeze.ts';
import type { AlarmKind } from '../ingest/projection.ts';
import { type LiveHelp, openHelp } from '../urgent/help-requests.ts';
import { silentSinceMs } from './gap-report.ts';
import { LAST_RESTORED, RESTORED } from './restored.ts';
import { type Tally, tallies } from './tally.ts';

/** What the live page shows besides arrivals. No level stands next to a counter, a ticket or a clerk. */
export interface LiveState {
  readonly serverTimeMs: number;
  readonly smallestGroup: number;
  readonly tallies: readonly Tally[];
  readonly devices: readonly LiveDevice[];
  readonly alarms: readonly LiveAlarm[];
  /** Whatever the level: a page that showed bad ratings only would show the level. */
  readonly help: readonly LiveHelp[];
}

export interface LiveDevice {
  readonly deviceId: string;
  readonly hall: string;
  readonly counter: string;
  readonly state: 'active' | 'revoked';
  readonly headSeq: number;
  readonly missingToSeq: number | null;
  readonly lastSeenAtMs: number | null;
  readonly clockOffsetMs: number | null;
  readonly heartbeatAtMs: number | null;
  readonly restoredSeq: number | null;
  readonly lostToSeq: number | null;
  /** Since when nothing has come of a device that sends heartbeats, UTC ms. */
  readonly silentSinceMs: number | null;
}

export interface LiveAlarm {
  readonly id: number;
  readonly deviceId: string;
  readonly kind: AlarmKind;
  readonly seq: number;
  readonly lastAtMs: number;
  readonly times: number;
}

const DEVICES_SHOWN = 500;
const ALARMS_SHOWN = 20;

export async function liveState(
  db: Queryable,
  at: { readonly nowMs: number; readonly smallestGroup: number },
): Promise<LiveState> {
  const devices = await db.query<Omit<LiveDevice, 'silentSinceMs'>>(
    `SELECT id AS "deviceId", hall, counter, state, head_seq AS "headSeq", missing_to_seq AS "missingToSeq",
            last_seen_at_ms AS "lastSeenAtMs", clock_offset_ms AS "clockOffsetMs", heartbeat_at_ms AS "heartbeatAtMs",
            r.seq AS "restoredSeq", r.known AS "lostToSeq"
     FROM device LEFT JOIN LATERAL (${LAST_RESTORED}) r ON true
     ORDER BY hall, counter, id LIMIT $1`,
    [DEVICES_SHOWN],
  );
  const alarms = await db.query<LiveAlarm>(
    `SELECT id, device_id AS "deviceId", kind, seq, last_at_ms AS "lastAtMs", times
     FROM alarm
     WHERE NOT (kind = 'cutTail' AND EXISTS (
       SELECT 1 FROM (${RESTORED} WHERE a.device_id = alarm.device_id AND a.kind = 'restored') r
       WHERE alarm.seq BETWEEN r.seq AND r.known))
     ORDER BY last_at_ms DESC, id DESC LIMIT $1`,
    [ALARMS_SHOWN],
  );
  return {
    serverTimeMs: at.nowMs,
    smallestGroup: at.smallestGroup,
    tallies: await tallies(db, at),
    devices: devices.map((device) => ({ ...device, silentSinceMs: silentSinceMs(device, at.nowMs) })),
    alarms,
    help: await openHelp(db, at.nowMs),
  };
}

const ARRIVAL_COLUMNS = `arrival, seq, hall, counter, ticket_number AS "ticketNumber",
  settled_at_ms AS "settledAtMs", received_at_ms AS "receivedAtMs"`;

/** The newest arrivals, oldest first. */
export async function newestArrivals(db: Queryable, limit: number): Promise<readonly Arrival[]> {
  const rows = await db.query<Arrival>(
    `SELECT ${ARRIVAL_COLUMNS} FROM rating ORDER BY arrival DESC LIMIT $1`,
    [limit],
  );
  return [...rows].reverse();
}

/** Arrivals after one that a page has seen; when there are too many, the newest of them. Oldest first. */
export async function arrivalsAfter(
  db: Queryable,
  arrival: number,
  limit: number,
): Promise<readonly Arrival[]> {
  const rows = await db.query<Arrival>(
    `SELECT ${ARRIVAL_COLUMNS} FROM rating WHERE arrival > $1 ORDER BY arrival DESC LIMIT $2`,
    [arrival, limit],
  );
  return [...rows].reverse();
}
