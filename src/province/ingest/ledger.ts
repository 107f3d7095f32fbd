import type { Queryable } from '../db/db.ts';
import type { AlarmRow } from './projection.ts';

/** What is held of a device, and what is said about it. What a batch adds: ./freeze.ts. */
export interface DeviceHead {
  readonly state: 'active' | 'revoked';
  readonly headSeq: number;
  readonly headHash: string;
  /** The furthest head that a heartbeat named; 0 and null before the first. */
  readonly announcedSeq: number;
  readonly announcedHash: string | null;
  readonly announcedBoot: string | null;
  readonly announcedMono: number | null;
  /** The first entry that came ahead of the journal and is not confirmed by it (../urgent/). */
  readonly announcedOpenSeq: number | null;
  readonly hall: string;
  readonly counter: string;
  /** What was decided about its site, as text (./site-rule.ts); null where nothing was. */
  readonly siteRule: string | null;
}

/** Takes the device's row for this transaction: two uploads of one device cannot interleave. */
export async function lockDevice(tx: Queryable, deviceId: string): Promise<DeviceHead | undefined> {
  const [row] = await tx.query<DeviceHead>(
    `SELECT state, head_seq AS "headSeq", head_hash AS "headHash", device.hall, counter, announced_seq AS "announcedSeq",
            announced_hash AS "announcedHash", announced_boot AS "announcedBoot", announced_mono_ms AS "announcedMono",
            announced_open_seq AS "announcedOpenSeq", site.rule AS "siteRule"
     FROM device LEFT JOIN site ON site.hall = device.hall WHERE id = $1 FOR UPDATE OF device`,
    [deviceId],
  );
  return row;
}

/** What is held of a device now, without holding its row: it may be another by the time it is used. */
export async function headNow(
  db: Queryable,
  deviceId: string,
): Promise<{ readonly seq: number; readonly hash: string } | undefined> {
  const [row] = await db.query<{ seq: number; hash: string }>(
    'SELECT head_seq AS seq, head_hash AS hash FROM device WHERE id = $1',
    [deviceId],
  );
  return row;
}

/** Hashes as held, from `fromSeq` to `toSeq`, in order. Lower-case hex. */
export async function heldHashes(
  tx: Queryable,
  deviceId: string,
  fromSeq: number,
  toSeq: number,
): Promise<readonly string[]> {
  const rows = await tx.query<{ hash: string }>(
    `SELECT encode(hash, 'hex') AS hash FROM ledger WHERE device_id = $1 AND seq BETWEEN $2 AND $3 ORDER BY seq`,
    [deviceId, fromSeq, toSeq],
  );
  return rows.map((row) => row.hash);
}

/** The device has entries up to beyond `missingToSeq`, and we do not hold what is before them. More may have been announced. */
export async function nameMissing(
  tx: Queryable,
  deviceId: string,
  missingToSeq: number,
  nowMs: number,
): Promise<void> {
  await tx.query(
    'UPDATE device SET missing_to_seq = greatest($2::bigint, missing_to_seq), last_seen_at_ms = $3 WHERE id = $1',
    [deviceId, missingToSeq, nowMs],
  );
}

/** Where in the device's time held entries stand, in order. */
export async function heldPlaces(
  tx: Queryable,
  deviceId: string,
  fromSeq: number,
  toSeq: number,
): Promise<
  readonly { readonly seq: number; readonly hash: string; readonly boot: string; readonly mono: number }[]
> {
  return await tx.query(
    `SELECT seq, encode(hash, 'hex') AS hash, boot, mono_ms AS mono
     FROM ledger WHERE device_id = $1 AND seq BETWEEN $2 AND $3 ORDER BY seq`,
    [deviceId, fromSeq, toSeq],
  );
}

/** A device has said how far its journal goes: keeps the furthest, and names what is not here. */
export async function heardFrom(
  tx: Queryable,
  said: {
    readonly deviceId: string;
    readonly seq: number;
    readonly hash: string;
    readonly boot: string;
    readonly mono: number;
    readonly nowMs: number;
    readonly clockOffsetMs: number;
  },
): Promise<void> {
  await tx.query(
    `UPDATE device SET last_seen_at_ms = $6::bigint, heartbeat_at_ms = $6::bigint, clock_offset_ms = $7::bigint,
       missing_to_seq = CASE WHEN greatest($2::bigint, missing_to_seq) > head_seq THEN greatest($2::bigint, missing_to_seq) END,
       announced_hash = CASE WHEN $2::bigint >= announced_seq THEN $3 ELSE announced_hash END,
       announced_boot = CASE WHEN $2::bigint >= announced_seq THEN $4 ELSE announced_boot END,
       announced_mono_ms = CASE WHEN $2::bigint >= announced_seq THEN $5::bigint ELSE announced_mono_ms END,
       announced_seq = greatest($2::bigint, announced_seq)
     WHERE id = $1`,
    [said.deviceId, said.seq, said.hash, said.boot, said.mono, said.nowMs, said.clockOffsetMs],
  );
}

/** How far journals that were put together again up to an entry explain ends that were cut off, the furthest of them. */
const EXPLAINED_TO = (device: string, seq: string) =>
  `(SELECT r.explains_to FROM alarm r WHERE r.device_id = ${device} AND r.kind = 'restored' AND r.seq <= ${seq}
    ORDER BY r.seq DESC LIMIT 1)`;

/**
 * The same alarm again only counts up: a device that retries must not fill the table. Whether a restored journal explains
 * an end that was cut off is found out once, here, when the later of the two comes: a page has only to count.
 */
export async function raiseAlarms(
  tx: Queryable,
  deviceId: string,
  rows: readonly AlarmRow[],
  nowMs: number,
): Promise<void> {
  for (const row of rows)
    await tx.query(
      `INSERT INTO alarm (device_id, kind, seq, service_key, receipt, text, raised_at_ms, last_at_ms, explains_to, explained)
       SELECT $1, $2, $3, $4, $5, $6, $7, $7,
         CASE WHEN $2 = 'restored' THEN greatest($8, explained_to) END,
         $2 = 'cutTail' AND coalesce(explained_to >= $3, false)
       FROM (SELECT ${EXPLAINED_TO('$1', '$3')} AS explained_to) known
       ON CONFLICT (device_id, kind, seq) DO UPDATE SET times = alarm.times + 1, last_at_ms = excluded.last_at_ms`,
      [deviceId, row.kind, row.seq, row.serviceKey, row.receipt, row.text, nowMs, row.knownHeadSeq ?? null],
    );
  const restored = rows.filter(({ kind, knownHeadSeq }) => kind === 'restored' && knownHeadSeq != null);
  if (restored.length > 0) await explainCutTails(tx, deviceId, restored);
}

async function explainCutTails(
  tx: Queryable,
  deviceId: string,
  restored: readonly AlarmRow[],
): Promise<void> {
  const [closed] = await tx.query<{ n: number }>(
    `WITH closed AS (
       UPDATE alarm c SET explained = true
       WHERE device_id = $1 AND kind = 'cutTail' AND NOT explained AND seq BETWEEN $2 AND $3
         AND ${EXPLAINED_TO('c.device_id', 'c.seq')} >= c.seq
       RETURNING 1)
     SELECT count(*) AS n FROM closed`,
    [
      deviceId,
      Math.min(...restored.map(({ seq }) => seq)),
      Math.max(...restored.map(({ knownHeadSeq }) => knownHeadSeq ?? 0)),
    ],
  );
  if (closed?.n) await tx.query('SELECT recount_cut_tails($1)', [deviceId]);
}
