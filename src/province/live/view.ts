import type { Queryable } from '../db/db.ts';
import type { Arrival } from '../ingest/freeze.ts';
import { type LiveHelp, openHelp } from '../urgent/help-requests.ts';
import { type ShownAlarms, shownAlarms } from './alarms.ts';
import { recordReport, silentSinceMs } from './gap-report.ts';
import { ALL_RESTORED, type Restoration } from './restored.ts';
import { type Tally, tallies } from './tally.ts';

/** What the live page shows besides arrivals. No level stands next to a counter, a ticket or a clerk. */
export interface LiveState {
  readonly serverTimeMs: number;
  readonly smallestGroup: number;
  readonly tallies: readonly Tally[];
  readonly devices: readonly LiveDevice[];
  /** How many there are besides. */
  readonly devicesLeft: number;
  readonly alarms: ShownAlarms['alarms'];
  readonly alarmsLeft: ShownAlarms['alarmsLeft'];
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
  /** What is held and what is not, in a sentence (./gap-report.ts). */
  readonly record: string;
  /** Since when nothing has come of a device that sends heartbeats, UTC ms. */
  readonly silentSinceMs: number | null;
}

type DeviceOfView = Omit<LiveDevice, 'silentSinceMs' | 'record'> & {
  readonly restored: readonly Restoration[] | null;
};

const DEVICES_SHOWN = 500;

export async function liveState(
  db: Queryable,
  at: { readonly nowMs: number; readonly smallestGroup: number },
): Promise<LiveState> {
  const devices = await db.query<DeviceOfView>(
    `SELECT id AS "deviceId", hall, counter, state, head_seq AS "headSeq", missing_to_seq AS "missingToSeq",
            last_seen_at_ms AS "lastSeenAtMs", clock_offset_ms AS "clockOffsetMs", heartbeat_at_ms AS "heartbeatAtMs",
            restored
     FROM device, LATERAL (${ALL_RESTORED}) r
     ORDER BY hall, counter, id LIMIT $1`,
    [DEVICES_SHOWN],
  );
  const [all] = await db.query<{ n: number }>('SELECT count(*) AS n FROM device');
  return {
    serverTimeMs: at.nowMs,
    smallestGroup: at.smallestGroup,
    tallies: await tallies(db, at),
    devices: devices.map(({ restored, ...device }) => ({
      ...device,
      record: recordReport({ ...device, restored }),
      silentSinceMs: silentSinceMs(device, at.nowMs),
    })),
    devicesLeft: Math.max(0, (all?.n ?? 0) - devices.length),
    ...(await shownAlarms(db)),
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
