import type { Queryable } from '../db/db.ts';
import { raiseAlarms } from '../ingest/ledger.ts';
import type { RestoredRow } from '../ingest/projection.ts';

/**
 * The ledger has come to `toSeq`: what was announced up to there is confirmed by it. Where the ledger holds
 * another entry, the device has signed two histories; what is in the ledger stands, and the alarm says so.
 */
export async function confirmAnnounced(
  tx: Queryable,
  deviceId: string,
  toSeq: number,
  nowMs: number,
): Promise<void> {
  const others = await tx.query<{ seq: number }>(
    `SELECT a.seq FROM announced a JOIN ledger l ON l.device_id = a.device_id AND l.seq = a.seq
     WHERE a.device_id = $1 AND a.seq <= $2 AND a.confirmed_at_ms IS NULL AND a.hash <> l.hash ORDER BY a.seq`,
    [deviceId, toSeq],
  );
  await raiseAlarms(
    tx,
    deviceId,
    others.map(({ seq }) => ({
      kind: 'fork',
      seq,
      serviceKey: null,
      receipt: null,
      text: `Device ${deviceId} announced another entry ${seq} than its journal brought later. Both are signed by it: compare them, stop the device and provision it again.`,
    })),
    nowMs,
  );
  await tx.query(
    'UPDATE announced SET confirmed_at_ms = $3 WHERE device_id = $1 AND seq <= $2 AND confirmed_at_ms IS NULL',
    [deviceId, toSeq, nowMs],
  );
  await nameFirstOpen(tx, deviceId);
}

/**
 * The journal was put together again without entries that had been announced: other entries come in their places, and
 * neither is a second history. Comes with the entry that says so, before anything is compared. The rows stay as they
 * came, the only copy of what is lost.
 */
export async function settleLost(
  tx: Queryable,
  deviceId: string,
  { lostAfterSeq, knownHeadSeq }: RestoredRow,
  nowMs: number,
): Promise<void> {
  await tx.query(
    `UPDATE announced SET confirmed_at_ms = $4 WHERE device_id = $1 AND confirmed_at_ms IS NULL
       AND seq > $2 AND seq <= coalesce($3::bigint, seq)`,
    [deviceId, lostAfterSeq, knownHeadSeq, nowMs],
  );
  await nameFirstOpen(tx, deviceId);
}

async function nameFirstOpen(tx: Queryable, deviceId: string): Promise<void> {
  await tx.query(
    `UPDATE device SET announced_open_seq =
       (SELECT min(seq) FROM announced WHERE device_id = $1 AND confirmed_at_ms IS NULL) WHERE id = $1`,
    [deviceId],
  );
}
