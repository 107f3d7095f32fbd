import type { Queryable, Transaction } from '../db/db.ts';
import { column, lines } from './columns.ts';
import { LEDGER_COLUMNS } from './ledger-rows.ts';
import type { DetailRow, InvitationRow, Invited, RatingRow } from './projection.ts';

/**
 * What a batch adds, in one statement: a trip to the database costs as much as many rows. Its parts do not see each
 * other's rows, so a rating comes here with what it takes over from its invitation. A counter may be named by nothing;
 * then its line is empty.
 */
const FREEZE = `
  WITH opened AS (
    INSERT INTO invitation (device_id, invitation, service_key, counter, ticket_number, clerk_number, opened_at_ms)
    SELECT $1, invitation, service_key, coalesce(counter, ''), ticket_number, clerk_number, opened_at_ms
    FROM unnest(${lines(3, 'text')}, ${lines(4, 'text')}, ${lines(5, 'text')}, ${lines(6, 'text')}, ${lines(7, 'text')},
                ${lines(8, 'bigint')})
      AS i (invitation, service_key, counter, ticket_number, clerk_number, opened_at_ms)
    ON CONFLICT DO NOTHING
  ), head AS (
    UPDATE device SET head_seq = $9, head_hash = $10, last_seen_at_ms = $2, clock_offset_ms = $11,
      missing_to_seq = CASE WHEN missing_to_seq > $9 THEN missing_to_seq END
    WHERE id = $1
  ), kept AS (
    INSERT INTO rating (device_id, received_at_ms, hall, counter, ticket_number, clerk_number, codes,
                        service_key, seq, level, invitation, settled_at_ms, receipt)
    SELECT $1, $2, $12, coalesce(counter, ''), ticket_number, clerk_number, codes,
           service_key, seq, level, invitation, settled_at_ms, receipt
    FROM unnest(${lines(13, 'text')}, ${lines(14, 'bigint')}, ${lines(15, 'smallint')}, ${lines(16, 'text')}, ${lines(17, 'bigint')},
                ${lines(18, 'text')}, ${lines(19, 'text')}, ${lines(20, 'text')}, ${lines(21, 'text')}, ${lines(22, 'text')})
      AS r (service_key, seq, level, invitation, settled_at_ms, receipt, codes, counter, ticket_number, clerk_number)
    ORDER BY service_key, seq
    ON CONFLICT (service_key) DO NOTHING
    RETURNING arrival, seq
  )
  SELECT string_agg(seq || ' ' || arrival, ',') AS kept FROM kept`;

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

/**
 * Writes entries, invitations and ratings, and moves the device's head to the last entry.
 *
 * One rating per service: of several, whichever device they come from, the first to commit stands. Rows go in by
 * service key, so that two devices that bring the same services wait for each other and never in a circle.
 *
 * @returns the ratings that stand.
 */
export async function freezeRows(
  tx: Transaction,
  facts: {
    readonly deviceId: string;
    readonly hall: string;
    readonly counter: string;
    readonly nowMs: number;
    readonly clockOffsetMs: number;
  },
  batch: {
    /** ./ledger-rows.ts. */
    readonly rows: Uint8Array;
    readonly lastSeq: number;
    readonly lastHash: string;
    readonly invitations: readonly InvitationRow[];
    readonly ratings: readonly RatingRow[];
  },
): Promise<readonly Arrival[]> {
  const { invitations } = batch;
  const { deviceId } = facts;
  const ratings = await withInvitations(tx, deviceId, batch.ratings);
  await tx.copy(LEDGER_COLUMNS, batch.rows);
  const [answer] = await tx.query<{ kept: string | null }>(FREEZE, [
    deviceId,
    facts.nowMs,
    column(invitations, (row) => row.invitation),
    column(invitations, (row) => row.serviceKey),
    column(invitations, (row) => row.counter),
    column(invitations, (row) => row.ticketNumber),
    column(invitations, (row) => row.clerkNumber),
    column(invitations, (row) => row.openedAtMs),
    batch.lastSeq,
    batch.lastHash,
    facts.clockOffsetMs,
    facts.hall,
    column(ratings, (row) => row.serviceKey),
    column(ratings, (row) => row.seq),
    column(ratings, (row) => row.level),
    column(ratings, (row) => row.invitation),
    column(ratings, (row) => row.settledAtMs),
    column(ratings, (row) => row.receipt),
    column(ratings, (row) => row.codes),
    column(ratings, (row) => row.invited?.counter ?? facts.counter),
    column(ratings, (row) => row.invited?.ticketNumber),
    column(ratings, (row) => row.invited?.clerkNumber),
  ]);
  return arrivalsOf(answer?.kept ?? '', ratings, facts);
}

/** One line for all of them: a row for each, with what we told it, would cost both ends more than it says. */
function arrivalsOf(
  kept: string,
  ratings: readonly RatingRow[],
  facts: { readonly hall: string; readonly counter: string; readonly nowMs: number },
): readonly Arrival[] {
  if (kept === '') return [];
  const bySeq = new Map(ratings.map((rating) => [rating.seq, rating]));
  return kept.split(',').flatMap((pair) => {
    const [seq, arrival] = pair.split(' ').map(Number);
    const rating = bySeq.get(seq ?? 0);
    if (!rating || arrival === undefined) return [];
    return {
      arrival,
      seq: rating.seq,
      hall: facts.hall,
      counter: rating.invited?.counter ?? facts.counter,
      // As the database has it: an empty line is NULL.
      ticketNumber: rating.invited?.ticketNumber || null,
      settledAtMs: rating.settledAtMs,
      receivedAtMs: facts.nowMs,
    };
  });
}

/** Those whose invitation came in an earlier batch get it from there, and the reasons that came before them. */
async function withInvitations(
  tx: Queryable,
  deviceId: string,
  ratings: readonly RatingRow[],
): Promise<readonly RatingRow[]> {
  const without = ratings.filter((rating) => !rating.invited);
  if (without.length === 0) return ratings;
  const held = await tx.query<Invited & { readonly invitation: string; readonly codes: string | null }>(
    `SELECT invitation, service_key AS "serviceKey", counter, ticket_number AS "ticketNumber",
            clerk_number AS "clerkNumber", codes
     FROM invitation WHERE device_id = $1 AND invitation = ANY (${lines(2, 'text')})`,
    [deviceId, column(without, (rating) => rating.invitation)],
  );
  const byId = new Map(held.map((row) => [row.invitation, row]));
  return ratings.map((rating) => {
    const row = byId.get(rating.invitation);
    if (rating.invited || row?.serviceKey !== rating.serviceKey) return rating;
    return { ...rating, invited: row, codes: rating.codes ?? row.codes };
  });
}

/** Reasons that came in a later batch than their rating, or in an earlier one. */
export async function addDetails(tx: Queryable, deviceId: string, rows: readonly DetailRow[]): Promise<void> {
  if (rows.length === 0) return;
  const params = [
    deviceId,
    column(rows, (row) => row.serviceKey),
    column(rows, (row) => row.invitation),
    column(rows, (row) => row.codes),
  ];
  for (const table of ['invitation', 'rating'] as const)
    await tx.query(
      `UPDATE ${table} AS kept SET codes = d.codes
       FROM unnest(${lines(2, 'text')}, ${lines(3, 'text')}, ${lines(4, 'text')}) AS d (service_key, invitation, codes)
       WHERE kept.device_id = $1 AND kept.service_key = d.service_key AND kept.invitation = d.invitation`,
      params,
    );
}
