import type { Queryable } from '../db/db.ts';

/** A citizen who wants somebody to come now, as the live page hears of it. It does not hold the level. */
export interface LiveHelp {
  readonly hall: string;
  readonly counter: string;
  readonly ticketNumber: string | null;
  /** When it was asked for, as the province believes (../ingest/when-truly.ts), UTC ms. */
  readonly sinceMs: number;
}

/** A request as the ordinary delivery brings it. */
export interface HelpRow {
  readonly seq: number;
  readonly serviceKey: string;
  readonly invitation: string;
  /** By the device's clock. */
  readonly askedAtMs: number;
  readonly sinceMs: number;
  /** Later it cannot have been asked for. */
  readonly latestMs: number;
}

/** After this time nobody stands at the counter any more. */
const SHOWN_FOR_MS = 60 * 60_000;
/** More than a province has at once; what is behind it is older than all of these. */
const SHOWN = 200;

/** Requests whose notice has not come before. Counter, ticket and level are those of the invitation and its rating. */
export async function insertHelpRequests(
  tx: Queryable,
  facts: {
    readonly deviceId: string;
    readonly nowMs: number;
    readonly hall: string;
    readonly counter: string;
  },
  rows: readonly HelpRow[],
): Promise<void> {
  for (const row of rows)
    await tx.query(
      `INSERT INTO help_request (device_id, invitation, seq, service_key, level, hall, counter, ticket_number, asked_at_ms, since_ms, received_at_ms, latest_ms)
       SELECT $1, $2, $3, $4,
         (SELECT level FROM rating WHERE service_key = $4 AND device_id = $1 AND invitation = $2),
         $5, coalesce((SELECT counter FROM invitation WHERE device_id = $1 AND invitation = $2), $6),
         (SELECT ticket_number FROM invitation WHERE device_id = $1 AND invitation = $2), $7, $8, $9, $10
       ON CONFLICT DO NOTHING`,
      [
        facts.deviceId,
        row.invitation,
        row.seq,
        row.serviceKey,
        facts.hall,
        facts.counter,
        row.askedAtMs,
        row.sinceMs,
        facts.nowMs,
        row.latestMs,
      ],
    );
}

/**
 * Those that may be of the last hour, the newest first. A tablet's clock may have been set between a request and its
 * sending: what is said to be older and not proven to be is shown too, behind those that are not.
 */
export async function openHelp(db: Queryable, nowMs: number): Promise<readonly LiveHelp[]> {
  return await db.query<LiveHelp>(
    `SELECT hall, counter, ticket_number AS "ticketNumber", since_ms AS "sinceMs"
     FROM help_request WHERE latest_ms > $1 ORDER BY since_ms DESC LIMIT $2`,
    [nowMs - SHOWN_FOR_MS, SHOWN],
  );
}
