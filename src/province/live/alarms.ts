import type { Queryable } from '../db/db.ts';
import type { AlarmKind } from '../ingest/projection.ts';

/** Kinds that do not pass until somebody does something at the device, the gravest first. */
const NEEDS_PERSON = [
  'fork',
  'brokenChain',
  'ledgerChanged',
  'otherIdentity',
  'oldCopy',
  'cutTail',
  'parked',
] as const satisfies readonly AlarmKind[];

/** So many of these are shown, and so many of all others; how many there are besides is said. */
const OPEN_SHOWN = 200;
const OTHER_SHOWN = 20;

/** All alarms of one kind about one device. */
export interface LiveAlarm {
  readonly deviceId: string;
  readonly hall: string;
  readonly counter: string;
  readonly kind: AlarmKind;
  /** Of the one raised last. */
  readonly seq: number;
  readonly lastAtMs: number;
  /** Entries that are spoken of, and how often in all. */
  readonly entries: number;
  readonly times: number;
  /** Somebody has to do something about it; no longer when the device is revoked, or what was refused has come. */
  readonly open: boolean;
}

/** What `GET /v1/devices` tells of a device's open kinds. */
export type OpenAlarm = Pick<LiveAlarm, 'kind' | 'seq' | 'lastAtMs' | 'entries' | 'times'>;

export interface ShownAlarms {
  /** Open ones first. */
  readonly alarms: readonly LiveAlarm[];
  readonly alarmsLeft: { readonly open: number; readonly other: number };
}

/**
 * By device and kind. The table `alarm_by_kind` is as short as there are devices with alarms, however many alarms there
 * are; ends that were cut off and that a restored journal explains are not among them.
 */
const BY_KIND = `SELECT g.*, array_position(ARRAY[${NEEDS_PERSON.map((kind) => `'${kind}'`).join(', ')}], g.kind) AS rank
  FROM alarm_by_kind g`;

/** Of a row of `device` and of `k`, one of its kinds. */
const IS_OPEN = `k.rank IS NOT NULL AND device.state = 'active' AND NOT (k.kind = 'parked' AND k.seq <= device.head_seq)`;

/** A row for each device that has any: `device_id` and its open kinds as `OpenAlarm`s, the gravest first. */
export const OPEN_ALARMS = `SELECT k.device_id, json_agg(json_build_object('kind', k.kind, 'seq', k.seq, 'lastAtMs', k.last_at_ms,
    'entries', k.entries, 'times', k.times) ORDER BY k.rank) AS "openAlarms"
  FROM (${BY_KIND}) k JOIN device ON device.id = k.device_id WHERE ${IS_OPEN} GROUP BY k.device_id`;

/** What the live page shows of the alarms: what needs somebody first, the gravest and newest of it. */
export async function shownAlarms(db: Queryable): Promise<ShownAlarms> {
  const rows = await db.query<LiveAlarm & { readonly total: number }>(
    `SELECT "deviceId", hall, counter, kind, seq, "lastAtMs", entries, times, open, total
     FROM (
       SELECT o.*, count(*) OVER (PARTITION BY open) AS total,
              row_number() OVER (PARTITION BY open
                ORDER BY CASE WHEN open THEN rank END, "lastAtMs" DESC, "deviceId", kind) AS place
       FROM (
         SELECT k.device_id AS "deviceId", device.hall, device.counter, k.kind, k.seq, k.last_at_ms AS "lastAtMs",
                k.entries, k.times, k.rank, ${IS_OPEN} AS open
         FROM (${BY_KIND}) k JOIN device ON device.id = k.device_id
       ) o
     ) placed
     WHERE place <= CASE WHEN open THEN $1::bigint ELSE $2::bigint END
     ORDER BY open DESC, place`,
    [OPEN_SHOWN, OTHER_SHOWN],
  );
  const left = (open: boolean) => {
    const same = rows.filter((row) => row.open === open);
    return (same[0]?.total ?? 0) - same.length;
  };
  return {
    alarms: rows.map(({ total: _, ...alarm }) => alarm),
    alarmsLeft: { open: left(true), other: left(false) },
  };
}
