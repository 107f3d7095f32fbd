import { copyText } from '../db/copy-text.ts';
import type { Queryable } from '../db/db.ts';
import { column, lines } from './columns.ts';
import type { DetailRow, InvitationRow, Invited, RatingRow } from './projection.ts';
import type { WireEntry } from './read-batch.ts';

/** Moves the device's head to the last entry, and takes numbers for the new arrivals on the same trip. */
const MOVE_HEAD = `
  WITH head AS (
    UPDATE device SET head_seq = $2, head_hash = $3, last_seen_at_ms = $4, clock_offset_ms = $5,
      missing_to_seq = CASE WHEN missing_to_seq > $2 THEN missing_to_seq END
    WHERE id = $1
  )
  SELECT nextval('rating_arrival_seq') AS arrival FROM generate_series(1, $6::int)`;

/** Invitations that are held, with what a rating takes over from them. */
const HELD_INVITATIONS = `
  SELECT invitation, service_key AS "serviceKey", counter, ticket_number AS "ticketNumber",
         clerk_number AS "clerkNumber", codes
  FROM invitation WHERE device_id = $1 AND invitation = ANY (${lines(2, 'text')})`;

const RATED_SERVICES = `SELECT service_key AS "serviceKey" FROM rating WHERE service_key = ANY (${lines(1, 'text')})`;

type HeldInvitation = Invited & { readonly invitation: string; readonly codes: string | null };

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
 * One rating per service: of several, whichever device they come from, the first to commit stands. When two devices
 * bring one service in the same instant, the later one fails as a whole (`isTaken`) and is to be tried again. Rows go in
 * by service key, so that the two wait for each other and never in a circle.
 *
 * @param careful looks first for what is held already. Nearly always nothing is, and adding rows is far cheaper when
 * nothing has to be compared; so a batch is tried without, and only one that failed is looked through.
 *
 * @returns the ratings that stand.
 */
export async function freezeRows(
  tx: Queryable,
  facts: {
    readonly deviceId: string;
    readonly hall: string;
    readonly counter: string;
    readonly nowMs: number;
    readonly clockOffsetMs: number;
  },
  rows: {
    readonly entries: readonly WireEntry[];
    readonly hashes: readonly string[];
    readonly invitations: readonly InvitationRow[];
    readonly ratings: readonly RatingRow[];
  },
  careful: boolean,
): Promise<readonly Arrival[]> {
  const { entries, hashes } = rows;
  const { deviceId, hall, nowMs } = facts;
  const wanted = [...(careful ? rows.invitations : []), ...rows.ratings.filter((rating) => !rating.invited)];
  const held = new Map<string, HeldInvitation>();
  if (wanted.length > 0)
    for (const row of await tx.query<HeldInvitation>(HELD_INVITATIONS, [
      deviceId,
      column(wanted, ({ invitation }) => invitation),
    ]))
      held.set(row.invitation, row);
  const rated = careful
    ? await tx.query<{ serviceKey: string }>(RATED_SERVICES, [column(rows.ratings, (row) => row.serviceKey)])
    : [];
  const standing = firstOfEachService(rows.ratings, rated);
  const arrivals = await tx.query<{ arrival: number }>(MOVE_HEAD, [
    deviceId,
    entries.at(-1)?.seq,
    hashes.at(-1),
    nowMs,
    facts.clockOffsetMs,
    standing.length,
  ]);

  let at = 0;
  await tx.copy(
    'ledger',
    'device_id, received_at_ms, seq, id, kind, at_ms, boot, mono_ms, body, hash, sig',
    copyText(entries, (entry) => [
      deviceId,
      nowMs,
      entry.seq,
      entry.id,
      entry.kind,
      entry.at,
      entry.boot,
      entry.mono,
      entry.bodyText,
      `\\x${hashes[at++] ?? ''}`,
      entry.sig,
    ]),
  );

  const invitations = rows.invitations.filter((row) => !held.has(row.invitation));
  if (invitations.length > 0)
    await tx.copy(
      'invitation',
      'device_id, invitation, service_key, counter, ticket_number, clerk_number, opened_at_ms',
      copyText(invitations, (row) => [
        deviceId,
        row.invitation,
        row.serviceKey,
        row.counter,
        row.ticketNumber,
        row.clerkNumber,
        row.openedAtMs,
      ]),
    );

  if (standing.length === 0) return [];
  const ratings = standing.map((rating, n) => {
    const row = rating.invited ? undefined : held.get(rating.invitation);
    const mine = row?.serviceKey === rating.serviceKey ? row : undefined;
    const invited = rating.invited ?? mine;
    return {
      ...rating,
      arrival: arrivals[n]?.arrival ?? null,
      codes: rating.codes ?? mine?.codes ?? null,
      counter: invited?.counter ?? facts.counter,
      ticketNumber: invited?.ticketNumber ?? null,
      clerkNumber: invited?.clerkNumber ?? null,
    };
  });
  await tx.copy(
    'rating',
    `arrival, device_id, received_at_ms, hall, counter, ticket_number, clerk_number, codes,
     service_key, seq, level, invitation, settled_at_ms, receipt`,
    copyText(ratings, (row) => [
      row.arrival,
      deviceId,
      nowMs,
      hall,
      row.counter,
      row.ticketNumber,
      row.clerkNumber,
      row.codes,
      row.serviceKey,
      row.seq,
      row.level,
      row.invitation,
      row.settledAtMs,
      row.receipt,
    ]),
  );
  return ratings.map(({ arrival, seq, counter, ticketNumber, settledAtMs }) => ({
    arrival: arrival ?? 0,
    seq,
    hall,
    counter,
    ticketNumber,
    settledAtMs,
    receivedAtMs: nowMs,
  }));
}

/** By service key; of several ratings of one service the first, and none where one stands already. */
function firstOfEachService(
  ratings: readonly RatingRow[],
  rated: readonly { readonly serviceKey: string }[],
): readonly RatingRow[] {
  const taken = new Set(rated.map(({ serviceKey }) => serviceKey));
  return ratings
    .filter(({ serviceKey }) => {
      const first = !taken.has(serviceKey);
      taken.add(serviceKey);
      return first;
    })
    .sort((a, b) => (a.serviceKey < b.serviceKey ? -1 : 1));
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
