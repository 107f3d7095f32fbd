import type { Db, Queryable } from '../db/db.ts';
import { heldHashes, lockDevice, raiseAlarms } from '../ingest/ledger.ts';
import type { Proven } from '../ingest/prove.ts';
import { type Believed, believe } from '../ingest/when-truly.ts';
import type { Refused } from '../refusal.ts';
import type { AnnouncedEntry, Notice } from './read-notice.ts';

export type Announced =
  | { readonly ok: true; readonly held: boolean; readonly isNew: boolean }
  | { readonly ok: false; readonly refused: Refused };

/** A journal far ahead of what is held, with this many urgent entries, is looked at by nobody. */
const MOST_UNCONFIRMED = 200;

/**
 * Keeps a proven notice until the ledger brings its entries. In one transaction that holds the device's row, so
 * that a notice and the batch with the same entries come one after the other.
 */
export function announce(db: Db, proven: Proven, notice: Notice): Promise<Announced> {
  return db.transaction((tx) => announceLocked(tx, proven, notice));
}

async function announceLocked(tx: Queryable, proven: Proven, notice: Notice): Promise<Announced> {
  const { device, nowMs } = proven;
  const { entries, help } = notice;
  const head = await lockDevice(tx, device.id);
  if (!head) throw new Error(`a notice of ${device.id} came unchecked to the ledger`);
  if (head.state === 'revoked')
    return refuse({
      error: 'revoked',
      message: `Device ${device.id} has been revoked. Provision it again before it sends.`,
    });
  const known = await knownHashes(tx, device.id, entries);
  const other = entries.find(
    ({ seq, hash, prev }) => (known.get(seq) ?? hash) !== hash || (known.get(seq - 1) ?? prev) !== prev,
  );
  if (other) return await refuseFork(tx, device.id, other.seq, nowMs);
  const held = help.seq <= head.headSeq;
  const fresh = entries.filter(({ seq }) => seq > head.headSeq && !known.has(seq));
  if (fresh.length === 0) return { ok: true, held, isNew: false };
  if ((await unconfirmed(tx, device.id)) + fresh.length > MOST_UNCONFIRMED)
    return refuse({
      error: 'slowDown',
      message: `More than ${MOST_UNCONFIRMED} entries of ${device.id} came ahead of its journal. Send the journal first.`,
    });
  for (const entry of fresh) await keep(tx, device.id, entry, nowMs);
  await tx.query(
    'UPDATE device SET last_seen_at_ms = $2, announced_open_seq = least(announced_open_seq, $3::bigint) WHERE id = $1',
    [device.id, nowMs, fresh[0]?.seq ?? help.seq],
  );
  await show(tx, proven, notice, head);
  return { ok: true, held, isNew: true };
}

/** Hashes at the places of the entries and right before them, in the ledger or announced earlier. */
async function knownHashes(
  tx: Queryable,
  deviceId: string,
  entries: readonly AnnouncedEntry[],
): Promise<ReadonlyMap<number, string>> {
  const known = new Map<number, string>();
  const seqs = [...new Set(entries.flatMap(({ seq }) => [seq - 1, seq]))].filter((seq) => seq >= 1);
  const rows = await tx.query<{ seq: number; hash: string }>(
    `SELECT seq, encode(hash, 'hex') AS hash FROM announced
     WHERE device_id = $1 AND seq = ANY (string_to_array($2, ',')::bigint[])`,
    [deviceId, seqs.join(',')],
  );
  for (const { seq, hash } of rows) known.set(seq, hash);
  for (const seq of seqs) {
    const [hash] = await heldHashes(tx, deviceId, seq, seq);
    if (hash) known.set(seq, hash);
  }
  return known;
}

async function unconfirmed(tx: Queryable, deviceId: string): Promise<number> {
  const [row] = await tx.query<{ n: number }>(
    'SELECT count(*) AS n FROM announced WHERE device_id = $1 AND confirmed_at_ms IS NULL',
    [deviceId],
  );
  return row?.n ?? 0;
}

async function keep(tx: Queryable, deviceId: string, entry: AnnouncedEntry, nowMs: number): Promise<void> {
  await tx.query(
    `INSERT INTO announced (device_id, seq, prev, id, kind, at_ms, boot, mono_ms, body, hash, sig, received_at_ms)
     VALUES ($1, $2, decode($3, 'hex'), $4, $5, $6, $7, $8, $9, decode($10, 'hex'), $11, $12)`,
    [
      deviceId,
      entry.seq,
      entry.prev,
      entry.id,
      entry.kind,
      entry.at,
      entry.boot,
      entry.mono,
      entry.bodyText,
      entry.hash,
      entry.sig ?? null,
      nowMs,
    ],
  );
}

/**
 * When help was asked for: by the clock that nobody can set, where the device has not been started since; otherwise
 * by its wall clock less what that is off now, and then only the moment at which it came is sure.
 */
function whenAsked({ nowMs, clockOffsetMs }: Proven, { help, sent }: Notice): Believed {
  if (sent?.boot === help.boot && sent.mono >= help.mono) {
    const sinceMs = nowMs - (sent.mono - help.mono);
    return { believedMs: sinceMs, latestMs: sinceMs };
  }
  return believe(help.at - clockOffsetMs, { fromMs: null, toMs: null }, nowMs);
}

async function show(
  tx: Queryable,
  proven: Proven,
  notice: Notice,
  at: { readonly hall: string; readonly counter: string },
): Promise<void> {
  const { device, nowMs } = proven;
  const { help, request, settled, opened } = notice;
  const { believedMs, latestMs } = whenAsked(proven, notice);
  await tx.query(
    `INSERT INTO help_request (device_id, invitation, seq, service_key, level, hall, counter, ticket_number, asked_at_ms, since_ms, received_at_ms, latest_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING`,
    [
      device.id,
      request.invitation,
      help.seq,
      request.serviceKey,
      settled.level,
      at.hall,
      opened?.counter || at.counter,
      opened?.service.ticketNumber ?? null,
      help.at,
      believedMs,
      nowMs,
      latestMs,
    ],
  );
}

async function refuseFork(tx: Queryable, deviceId: string, seq: number, nowMs: number): Promise<Announced> {
  const text = `Device ${deviceId} announced another entry ${seq}, or another history before it, than the one known here. Its journal may have been restored from an old copy or run twice: stop it and provision it again.`;
  await raiseAlarms(tx, deviceId, [{ kind: 'fork', seq, serviceKey: null, receipt: null, text }], nowMs);
  return refuse({ error: 'fork', seq, message: text });
}

function refuse(refused: Refused): Announced {
  return { ok: false, refused };
}

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
  await tx.query(
    `UPDATE device SET announced_open_seq =
       (SELECT min(seq) FROM announced WHERE device_id = $1 AND confirmed_at_ms IS NULL) WHERE id = $1`,
    [deviceId],
  );
}
