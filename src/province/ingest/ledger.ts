import type { Queryable } from '../db/db.ts';
import type { AlarmRow, DetailRow, InvitationRow, RatingRow } from './projection.ts';
import type { WireEntry } from './read-batch.ts';

/**
 * The statements of ingest. Rows travel as one parameter per column, so that a batch is one statement however
 * long it is, and the statement is a constant that the database prepares once. A column is its values, a line
 * each: no value can hold a line break (canonical JSON escapes it, everything else was refused with control
 * characters in it), and taking lines apart costs far less at both ends than the quoting of array literals.
 */

/** The lines of parameter `n` as an array of `type`. An empty line is NULL. */
function lines(n: number, type: 'text' | 'bigint' | 'smallint'): string {
  const array = `string_to_array($${n}, E'\\n', '')`;
  return type === 'text' ? array : `${array}::${type}[]`;
}

function column(values: readonly (string | number | null | undefined)[]): string {
  return values.map((value) => value ?? '').join('\n');
}

export interface DeviceHead {
  readonly state: 'active' | 'revoked';
  readonly headSeq: number;
  readonly headHash: string;
  /** The furthest head that a heartbeat named; 0 and null before the first. */
  readonly announcedSeq: number;
  readonly announcedHash: string | null;
  readonly announcedBoot: string | null;
  readonly announcedMono: number | null;
  readonly hall: string;
  readonly counter: string;
}

/** Takes the device's row for this transaction: two uploads of one device cannot interleave. */
export async function lockDevice(tx: Queryable, deviceId: string): Promise<DeviceHead | undefined> {
  const [row] = await tx.query<DeviceHead>(
    `SELECT state, head_seq AS "headSeq", head_hash AS "headHash", hall, counter, announced_seq AS "announcedSeq",
            announced_hash AS "announcedHash", announced_boot AS "announcedBoot", announced_mono_ms AS "announcedMono"
     FROM device WHERE id = $1 FOR UPDATE`,
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

const INSERT_ENTRIES = `
  INSERT INTO ledger (device_id, received_at_ms, seq, id, kind, at_ms, boot, mono_ms, body, hash, sig)
  SELECT $1, $2, seq, id, kind, at_ms, boot, mono_ms, body, decode(hash, 'hex'), sig
  FROM unnest(${lines(3, 'bigint')}, ${lines(4, 'text')}, ${lines(5, 'text')}, ${lines(6, 'bigint')}, ${lines(7, 'text')},
              ${lines(8, 'bigint')}, ${lines(9, 'text')}, ${lines(10, 'text')}, ${lines(11, 'text')})
    AS entry (seq, id, kind, at_ms, boot, mono_ms, body, hash, sig)`;

export async function insertEntries(
  tx: Queryable,
  rows: {
    readonly deviceId: string;
    readonly receivedAtMs: number;
    readonly entries: readonly WireEntry[];
    readonly hashes: readonly string[];
  },
): Promise<void> {
  const { entries } = rows;
  await tx.query(INSERT_ENTRIES, [
    rows.deviceId,
    rows.receivedAtMs,
    column(entries.map((entry) => entry.seq)),
    column(entries.map((entry) => entry.id)),
    column(entries.map((entry) => entry.kind)),
    column(entries.map((entry) => entry.at)),
    column(entries.map((entry) => entry.boot)),
    column(entries.map((entry) => entry.mono)),
    column(entries.map((entry) => entry.bodyText)),
    column(rows.hashes),
    column(entries.map((entry) => entry.sig ?? null)),
  ]);
}

/** A counter may be named by nothing; then its line is empty. */
const INSERT_INVITATIONS = `
  INSERT INTO invitation (device_id, invitation, service_key, counter, ticket_number, clerk_number, opened_at_ms)
  SELECT $1, invitation, service_key, coalesce(counter, ''), ticket_number, clerk_number, opened_at_ms
  FROM unnest(${lines(2, 'text')}, ${lines(3, 'text')}, ${lines(4, 'text')}, ${lines(5, 'text')}, ${lines(6, 'text')}, ${lines(7, 'bigint')})
    AS i (invitation, service_key, counter, ticket_number, clerk_number, opened_at_ms)
  ON CONFLICT DO NOTHING`;

export async function insertInvitations(
  tx: Queryable,
  deviceId: string,
  rows: readonly InvitationRow[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(INSERT_INVITATIONS, [
    deviceId,
    column(rows.map((row) => row.invitation)),
    column(rows.map((row) => row.serviceKey)),
    column(rows.map((row) => row.counter)),
    column(rows.map((row) => row.ticketNumber)),
    column(rows.map((row) => row.clerkNumber)),
    column(rows.map((row) => row.openedAtMs)),
  ]);
}

/** A rating that became the one of its service, as the live page hears of it. It does not hold the level. */
export interface Arrival {
  readonly arrival: number;
  readonly seq: number;
  readonly hall: string;
  readonly counter: string;
  readonly ticketNumber: string | null;
  readonly settledAtMs: number;
  readonly receivedAtMs: number;
}

const INSERT_RATINGS = `
  INSERT INTO rating (device_id, received_at_ms, hall, counter, ticket_number, clerk_number, codes,
                      service_key, seq, level, invitation, settled_at_ms, receipt)
  SELECT $1, $2, $3, coalesce(i.counter, $4), i.ticket_number, i.clerk_number, coalesce(r.codes, i.codes),
         r.service_key, r.seq, r.level, r.invitation, r.settled_at_ms, r.receipt
  FROM unnest(${lines(5, 'text')}, ${lines(6, 'bigint')}, ${lines(7, 'smallint')}, ${lines(8, 'text')}, ${lines(9, 'bigint')},
              ${lines(10, 'text')}, ${lines(11, 'text')})
    AS r (service_key, seq, level, invitation, settled_at_ms, receipt, codes)
  LEFT JOIN invitation i ON i.device_id = $1 AND i.invitation = r.invitation AND i.service_key = r.service_key
  ORDER BY r.service_key, r.seq
  ON CONFLICT (service_key) DO NOTHING
  RETURNING arrival, seq, hall, counter, ticket_number AS "ticketNumber",
            settled_at_ms AS "settledAtMs", received_at_ms AS "receivedAtMs"`;

/**
 * One rating per service: of several, whichever device they come from, the first to commit stands.
 * Rows go in by service key, so that two devices that bring the same services wait for each other and
 * never in a circle.
 *
 * @returns those that stand.
 */
export async function insertRatings(
  tx: Queryable,
  facts: {
    readonly deviceId: string;
    readonly receivedAtMs: number;
    readonly hall: string;
    readonly counter: string;
  },
  rows: readonly RatingRow[],
): Promise<readonly Arrival[]> {
  if (rows.length === 0) return [];
  return await tx.query<Arrival>(INSERT_RATINGS, [
    facts.deviceId,
    facts.receivedAtMs,
    facts.hall,
    facts.counter,
    column(rows.map((row) => row.serviceKey)),
    column(rows.map((row) => row.seq)),
    column(rows.map((row) => row.level)),
    column(rows.map((row) => row.invitation)),
    column(rows.map((row) => row.settledAtMs)),
    column(rows.map((row) => row.receipt)),
    column(rows.map((row) => row.codes)),
  ]);
}

/** Reasons that came in a later batch than their rating, or in an earlier one. */
export async function addDetails(tx: Queryable, deviceId: string, rows: readonly DetailRow[]): Promise<void> {
  if (rows.length === 0) return;
  const params = [
    deviceId,
    column(rows.map((row) => row.serviceKey)),
    column(rows.map((row) => row.invitation)),
    column(rows.map((row) => row.codes)),
  ];
  for (const table of ['invitation', 'rating'] as const)
    await tx.query(
      `UPDATE ${table} AS kept SET codes = d.codes
       FROM unnest(${lines(2, 'text')}, ${lines(3, 'text')}, ${lines(4, 'text')}) AS d (service_key, invitation, codes)
       WHERE kept.device_id = $1 AND kept.service_key = d.service_key AND kept.invitation = d.invitation`,
      params,
    );
}

export async function moveHead(
  tx: Queryable,
  to: {
    readonly deviceId: string;
    readonly seq: number;
    readonly hash: string;
    readonly nowMs: number;
    readonly clockOffsetMs: number;
  },
): Promise<void> {
  await tx.query(
    `UPDATE device SET head_seq = $2, head_hash = $3, last_seen_at_ms = $4, clock_offset_ms = $5,
       missing_to_seq = CASE WHEN missing_to_seq > $2 THEN missing_to_seq END
     WHERE id = $1`,
    [to.deviceId, to.seq, to.hash, to.nowMs, to.clockOffsetMs],
  );
}

/** The device has entries up to beyond `missingToSeq`, and we do not hold what is before them. */
export async function nameMissing(
  tx: Queryable,
  deviceId: string,
  missingToSeq: number,
  nowMs: number,
): Promise<void> {
  await tx.query('UPDATE device SET missing_to_seq = $2, last_seen_at_ms = $3 WHERE id = $1', [
    deviceId,
    missingToSeq,
    nowMs,
  ]);
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

/** The same alarm again only counts up: a device that retries must not fill the table. */
export async function raiseAlarms(
  tx: Queryable,
  deviceId: string,
  rows: readonly AlarmRow[],
  nowMs: number,
): Promise<void> {
  for (const row of rows)
    await tx.query(
      `INSERT INTO alarm (device_id, kind, seq, service_key, receipt, text, raised_at_ms, last_at_ms)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
       ON CONFLICT (device_id, kind, seq) DO UPDATE SET times = alarm.times + 1, last_at_ms = excluded.last_at_ms`,
      [deviceId, row.kind, row.seq, row.serviceKey, row.receipt, row.text, nowMs],
    );
}
