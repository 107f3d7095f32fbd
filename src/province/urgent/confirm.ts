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

/** From when on each start of the machine wrote the restored journal, as far as it has come. `$1` device, `$2` its first entry. */
const SINCE = `(SELECT boot, min(mono_ms) AS mono_ms FROM ledger WHERE device_id = $1 AND seq >= $2 GROUP BY boot)`;

/**
 * The journal was put together again without entries that had been announced or named by a heartbeat: other entries come in
 * their places, and neither is a second history. Comes when the ledger holds the entries that say so, before anything is
 * compared. The rows stay as they came, the only copy of what is lost.
 *
 * What the restored journal itself announced is not lost: it was made later in a start of the machine that wrote an entry
 * behind the one that says so. Its head stays, and what is missing up to it is named again. Of a start that has written none
 * of those that have come nothing can be told: its head is taken back to what is held, and the next heartbeat names it.
 *
 * @param restored At least one.
 */
export async function settleLost(
  tx: Queryable,
  deviceId: string,
  restored: readonly RestoredRow[],
  nowMs: number,
): Promise<void> {
  for (const { seq, lostAfterSeq, knownHeadSeq } of restored) {
    await tx.query(
      `UPDATE announced a SET confirmed_at_ms = $5 WHERE device_id = $1 AND confirmed_at_ms IS NULL
         AND seq > $4 AND seq <= coalesce($3::bigint, seq)
         AND NOT EXISTS (SELECT 1 FROM ${SINCE} own WHERE own.boot = a.boot AND own.mono_ms <= a.mono_ms)`,
      [deviceId, seq, knownHeadSeq, lostAfterSeq, nowMs],
    );
    await tx.query(
      `UPDATE device SET announced_seq = l.seq, announced_hash = encode(l.hash, 'hex'), announced_boot = l.boot,
         announced_mono_ms = l.mono_ms
       FROM ledger l
       WHERE device.id = $1 AND l.device_id = $1 AND l.seq = device.head_seq
         AND device.announced_seq >= $2 AND device.announced_seq <= coalesce($3::bigint, device.announced_seq)
         AND NOT EXISTS (SELECT 1 FROM ${SINCE} own
           WHERE own.boot = device.announced_boot AND own.mono_ms <= device.announced_mono_ms)`,
      [deviceId, seq, knownHeadSeq],
    );
  }
  // Of several, what the last one kept.
  await tx.query(
    `UPDATE device SET missing_to_seq = announced_seq WHERE id = $1 AND announced_seq > head_seq
       AND EXISTS (SELECT 1 FROM ${SINCE} own
         WHERE own.boot = device.announced_boot AND own.mono_ms <= device.announced_mono_ms)`,
    [deviceId, Math.max(...restored.map(({ seq }) => seq))],
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
