import { entryHash, GENESIS } from '../../shared/journal/chain.ts';
import { RECEIPT_PATTERN, receiptCode } from '../../shared/journal/receipt.ts';
import type { SuiteName } from '../../shared/journal/suite.ts';
import { loadSuite } from '../../shared/journal/suites.ts';
import type { Queryable } from '../db/db.ts';

/**
 * Whether a rating counts. `second`: its service had been rated before. `noToken`: the site counts ratings with a
 * served-ticket token only, and none proves this one's service. Both are kept.
 */
export type Standing = 'counted' | 'second' | 'noToken';

/** What a receipt code proves. Never the level, never the clerk. */
export type ReceiptFound =
  | {
      readonly found: 'held';
      readonly code: string;
      readonly hall: string;
      readonly counter: string;
      readonly settledAtMs: number;
      readonly receivedAtMs: number;
      readonly standing: Standing;
      /** The ledger's entry, hashed again just now, still gives this code. */
      readonly unchanged: boolean;
      readonly deviceId: string;
      readonly seq: number;
    }
  | { readonly found: 'unknown'; readonly code: string }
  | { readonly found: 'notACode' };

/** A code as people type it: any case, with or without dashes and spaces, O for 0 and I or L for 1. */
export function readCode(typed: string): string | undefined {
  const plain = typed
    .slice(0, 40)
    .toUpperCase()
    .replace(/[\s-]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
  const code = `${plain.slice(0, 4)}-${plain.slice(4, 8)}-${plain.slice(8)}`;
  return RECEIPT_PATTERN.test(code) ? code : undefined;
}

interface Place {
  readonly deviceId: string;
  readonly seq: number;
  readonly hall: string;
  readonly counter: string;
  readonly standing: Standing;
}

interface Held {
  readonly seq: number;
  readonly id: string;
  readonly kind: string;
  readonly at: number;
  readonly boot: string;
  readonly mono: number;
  readonly bodyText: string;
  readonly hash: string;
  readonly receivedAtMs: number;
  readonly suite: SuiteName;
}

export async function lookUpReceipt(db: Queryable, typed: string): Promise<ReceiptFound> {
  const code = readCode(typed);
  if (!code) return { found: 'notACode' };
  const place = await findPlace(db, code);
  if (!place) return { found: 'unknown', code };
  const rows = await db.query<Held>(
    `SELECT seq, id, kind, at_ms AS "at", boot, mono_ms AS "mono", body AS "bodyText", encode(hash, 'hex') AS hash,
            received_at_ms AS "receivedAtMs", (SELECT suite FROM device WHERE id = $1) AS suite
     FROM ledger WHERE device_id = $1 AND seq BETWEEN $2 AND $3 ORDER BY seq`,
    [place.deviceId, place.seq - 1, place.seq],
  );
  const entry = rows.at(-1);
  if (entry?.seq !== place.seq) return { found: 'unknown', code };
  const prev = place.seq === 1 ? GENESIS : (rows[0]?.hash ?? GENESIS);
  const hash = entryHash(await loadSuite(entry.suite), prev, entry.seq, entry, entry.bodyText);
  return {
    found: 'held',
    code,
    ...place,
    settledAtMs: entry.at,
    receivedAtMs: entry.receivedAtMs,
    unchanged: hash === entry.hash && receiptCode(hash) === code,
  };
}

async function findPlace(db: Queryable, code: string): Promise<Place | undefined> {
  const [rating] = await db.query<Place>(
    `SELECT device_id AS "deviceId", seq, hall, counter, 'counted' AS standing FROM rating WHERE receipt = $1 LIMIT 1`,
    [code],
  );
  if (rating) return rating;
  const [second] = await db.query<Place>(
    `SELECT a.device_id AS "deviceId", a.seq, d.hall, d.counter, 'second' AS standing
     FROM alarm a JOIN device d ON d.id = a.device_id
     WHERE a.receipt = $1 AND a.kind = 'secondRating' LIMIT 1`,
    [code],
  );
  if (second) return second;
  const [uncounted] = await db.query<Place>(
    `SELECT device_id AS "deviceId", seq, hall, counter, 'noToken' AS standing FROM rating_uncounted
     WHERE receipt = $1 LIMIT 1`,
    [code],
  );
  return uncounted;
}
