import type { Queryable } from '../db/db.ts';

/** A citizen who wants somebody to come now, as the live page hears of it. It does not hold the level. */
export interface LiveHelp {
  readonly hall: string;
  readonly counter: string;
  readonly ticketNumber: string | null;
  /** When it was asked for, by our clock as far as the device's offset is known, UTC ms. */
  readonly sinceMs: number;
}

/** A request as the ordinary delivery brings it. */
export interface HelpRow {
  readonly seq: number;
  readonly serviceKey: string;
  readonly invitation: string;
  readonly askedAtMs: number;
}

/** After this time nobody stands at the counter any more. */
const SHOWN_FOR_MS = 60 * 60_000;
const SHOWN = 20;

/** Requests whose notice has not come before. Counter, ticket and level are those of the invitation and its rating. */
export async function insertHelpRequests(
  tx: Queryable,
  facts: {
    readonly deviceId: string;
    readonly nowMs: number;
    readonly clockOffsetMs: number;
    readonly hall: string;
    readonly counter: string;
  },
  rows: readonly HelpRow[],
): Promise<void> {
  for (const row of rows)
    await tx.query(
      `INSERT INTO help_request (device_id, invitation, seq, service_key, level, hall, counter, ticket_number, asked_at_ms, since_ms, received_at_ms)
       SELECT $1, $2, $3, $4,
         (SELECT level FROM rating WHERE service_key = $4 AND device_id = $1 AND invitation = $2),
         $5, coalesce((SELECT counter FROM invitation WHERE device_id = $1 AND invitation = $2), $6),
         (SELECT ticket_number FROM invitation WHERE device_id = $1 AND invitation = $2), $7, $8, $9
       ON CONFLICT DO NOTHING`,
      [
        facts.deviceId,
        row.invitation,
        row.seq,
        row.serviceKey,
        facts.hall,
        facts.counter,
        row.askedAtMs,
        row.askedAtMs - facts.clockOffsetMs,
        facts.nowMs,
      ],
    );
}

/** Those of the last hour, the newest first. */
export async function openHelp(db: Queryable, nowMs: number): Promise<readonly LiveHelp[]> {
  return await db.query<LiveHelp>(
    `SELECT hall, counter, ticket_number AS "ticketNumber", since_ms AS "sinceMs"
     FROM help_request WHERE since_ms > $1 ORDER BY since_ms DESC LIMIT $2`,
    [nowMs - SHOWN_FOR_MS, SHOWN],
  );
}
