import type { SuiteName } from '../../shared/journal/suite.ts';
import { loadSuite } from '../../shared/journal/suites.ts';
import type { Registration } from '../../shared/protocol/batch.ts';
import type { Db, Queryable } from '../db/db.ts';
import { OPEN_ALARMS, type OpenAlarm } from '../live/alarms.ts';
import { ALL_RESTORED, type Restoration } from '../live/restored.ts';

export interface DeviceRow {
  readonly deviceId: string;
  readonly publicKey: string;
  readonly hall: string;
  readonly counter: string;
  readonly state: 'active' | 'revoked';
  /** Entries 1 … headSeq are held, without a gap. */
  readonly headSeq: number;
  readonly headHash: string;
  /** headSeq + 1 … missingToSeq are known to exist and are not here; null when nothing is missing. */
  readonly missingToSeq: number | null;
  readonly lastSeenAtMs: number | null;
  /** Every time its journal was put together again, the newest first; null when it never was. */
  readonly restored: readonly Restoration[] | null;
  /** Device clock minus ours. */
  readonly clockOffsetMs: number | null;
  /** The furthest head that the device has named, and when it last sent a heartbeat. */
  readonly announcedSeq: number;
  readonly announcedHash: string | null;
  readonly heartbeatAtMs: number | null;
  /** Kinds of alarms about it that somebody has to do something about. */
  readonly openAlarms: readonly OpenAlarm[];
}

export type Registered =
  | { readonly ok: true; readonly added: boolean }
  | { readonly ok: false; readonly status: number; readonly error: string; readonly message: string };

const KEY_FORMS: Readonly<Record<SuiteName, string>> = {
  'ed25519-sha256': '32 bytes of Ed25519',
  'sm2-sm3': '65 bytes of SM2, 04 and a point of its curve',
};

/** The same registration again changes nothing but hall and counter; another key for a known device is refused. */
export async function registerDevice(db: Db, registration: Registration, nowMs: number): Promise<Registered> {
  const { deviceId, publicKey, suite, hall, counter } = registration;
  const { isPublicKey } = await loadSuite(suite);
  if (!isPublicKey(Buffer.from(publicKey, 'base64')))
    return {
      ok: false,
      status: 422,
      error: 'malformed',
      message: `The public key of ${deviceId} is not a key of the suite ${suite}. Send base64 of the raw key: ${KEY_FORMS[suite]}.`,
    };
  return await db.transaction(async (tx) => {
    const added = await tx.query(
      `INSERT INTO device (id, public_key, suite, hall, counter, registered_at_ms) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (id) DO NOTHING RETURNING id`,
      [deviceId, publicKey, suite, hall, counter, nowMs],
    );
    if (added.length > 0) return { ok: true, added: true };
    const [known] = await tx.query<{ publicKey: string }>(
      'SELECT public_key AS "publicKey" FROM device WHERE id = $1 FOR UPDATE',
      [deviceId],
    );
    if (known?.publicKey !== publicKey)
      return {
        ok: false,
        status: 409,
        error: 'otherKey',
        message: `Device ${deviceId} is registered with another key. Keys never change: give the new device a new id, and revoke this one.`,
      };
    await tx.query('UPDATE device SET hall = $2, counter = $3 WHERE id = $1', [deviceId, hall, counter]);
    return { ok: true, added: false };
  });
}

/** @returns false when there is no such device. */
export async function revokeDevice(db: Db, deviceId: string): Promise<boolean> {
  const rows = await db.query(`UPDATE device SET state = 'revoked' WHERE id = $1 RETURNING id`, [deviceId]);
  return rows.length > 0;
}

/** So many in one answer. */
export const DEVICES_LISTED = 5000;

/**
 * By hall and counter.
 *
 * @param page the device after which to go on, and how many.
 * @returns also how many there are behind these; undefined when there is no such device to go on after.
 */
export async function listDevices(
  db: Queryable,
  page: { readonly after?: string | undefined; readonly limit: number },
): Promise<{ readonly devices: readonly DeviceRow[]; readonly left: number } | undefined> {
  const { after = null, limit } = page;
  if (after !== null && (await db.query('SELECT 1 FROM device WHERE id = $1', [after])).length === 0)
    return undefined;
  const behind = `FROM device WHERE $1::text IS NULL OR (hall, counter, id) > (SELECT hall, counter, id FROM device WHERE id = $1)`;
  const [all] = await db.query<{ n: number }>(`SELECT count(*) AS n ${behind}`, [after]);
  const devices = await db.query<DeviceRow>(
    `SELECT id AS "deviceId", public_key AS "publicKey", hall, counter, state, head_seq AS "headSeq",
            head_hash AS "headHash", missing_to_seq AS "missingToSeq", last_seen_at_ms AS "lastSeenAtMs",
            clock_offset_ms AS "clockOffsetMs", announced_seq AS "announcedSeq",
            announced_hash AS "announcedHash", heartbeat_at_ms AS "heartbeatAtMs", restored,
            coalesce("openAlarms", '[]') AS "openAlarms"
     FROM (SELECT * ${behind} ORDER BY hall, counter, id LIMIT $2) device
     CROSS JOIN LATERAL (${ALL_RESTORED}) r LEFT JOIN (${OPEN_ALARMS}) o ON o.device_id = device.id
     ORDER BY hall, counter, id`,
    [after, limit],
  );
  return { devices, left: Math.max(0, (all?.n ?? 0) - devices.length) };
}

export interface LedgerEntry {
  readonly seq: number;
  readonly id: string;
  readonly kind: string;
  readonly at: number;
  readonly boot: string;
  readonly mono: number;
  readonly body: unknown;
  /** Lower-case hex. */
  readonly hash: string;
  readonly sig: string | null;
  readonly receivedAtMs: number;
}

export async function readEntries(
  db: Queryable,
  from: { readonly device: string; readonly afterSeq: number; readonly limit: number },
): Promise<readonly LedgerEntry[]> {
  const rows = await db.query<LedgerEntry & { body: string }>(
    `SELECT seq, id, kind, at_ms AS "at", boot, mono_ms AS "mono", body, encode(hash, 'hex') AS hash, sig,
            received_at_ms AS "receivedAtMs"
     FROM ledger WHERE device_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
    [from.device, from.afterSeq, from.limit],
  );
  return rows.map((row) => ({ ...row, body: JSON.parse(row.body) }));
}

const EXPORT_PAGE = 1000;

/**
 * A device's ledger as JSON lines, what the verifier reads (docs/verify.md): first what is held of the device, then
 * an entry a line up to that head. Read page by page, because a year does not have to fit into memory.
 *
 * @returns undefined when there is no such device.
 */
export async function exportLedger(
  db: Queryable,
  deviceId: string,
  nowMs: number,
): Promise<AsyncIterable<string> | undefined> {
  const [device] = await db.query<Omit<DeviceRow, 'deviceId'> & { readonly suite: string }>(
    `SELECT public_key AS "publicKey", suite, hall, counter, state, head_seq AS "headSeq", head_hash AS "headHash",
            missing_to_seq AS "missingToSeq" FROM device WHERE id = $1`,
    [deviceId],
  );
  if (!device) return undefined;
  return (async function* () {
    yield `${JSON.stringify({ export: { format: 1, deviceId, ...device, exportedAtMs: nowMs } })}\n`;
    for (let afterSeq = 0; afterSeq < device.headSeq; ) {
      const limit = Math.min(EXPORT_PAGE, device.headSeq - afterSeq);
      const page = await readEntries(db, { device: deviceId, afterSeq, limit });
      for (const entry of page) yield `${JSON.stringify(entry)}\n`;
      const last = page.at(-1);
      // The ledger lost what the device's row says it holds: the export ends, and the verifier names it.
      if (!last) return;
      afterSeq = last.seq;
    }
  })();
}
