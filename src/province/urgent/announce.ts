import type { Db, Queryable } from '../db/db.ts';
import { heldHashes, lockDevice, raiseAlarms } from '../ingest/ledger.ts';
import type { Proven } from '../ingest/prove.ts';
import { type Believed, believe, saidTruly } from '../ingest/when-truly.ts';
import type { Refused } from '../refusal.ts';
import type { AnnouncedEntry, Notice } from './read-notice.ts';

export type Announced =
  | { readonly ok: true; readonly held: boolean; readonly isNew: boolean }
  | { readonly ok: false; readonly refused: Refused };

/** A device that brings more ahead of its journal within an hour is ill, and nobody looks at it all. */
const MOST_AHEAD = 200;
const HOUR_MS = 60 * 60_000;

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
  const seqs = [...new Set(entries.flatMap(({ seq }) => [seq - 1, seq]))].filter((seq) => seq >= 1);
  const other = entries.find(contradicts(await heldAt(tx, device.id, seqs)));
  if (other) return await refuseFork(tx, device.id, other.seq, nowMs);
  const held = help.seq <= head.headSeq;
  const ahead = await announcedAt(
    tx,
    device.id,
    seqs.filter((seq) => seq > head.headSeq),
  );
  const fresh = entries.filter(({ seq }) => seq > head.headSeq && !ahead.has(seq));
  // Lost and written anew, or a device that runs twice: the journal will say, and the citizen waits for nobody's.
  const isOther = entries.some(contradicts(ahead));
  if (isOther ? held : fresh.length === 0) return { ok: true, held, isNew: false };
  if ((await cameAhead(tx, device.id, nowMs)) + (isOther ? 1 : fresh.length) > MOST_AHEAD)
    return refuse({
      error: 'slowDown',
      message: `More than ${MOST_AHEAD} entries of ${device.id} came ahead of its journal within an hour. Send the journal first.`,
    });
  if (!isOther) await keepAll(tx, device.id, fresh, nowMs);
  return { ok: true, held, isNew: await show(tx, proven, notice, head) };
}

/** Whether an entry, or the one before it, is another than is known at its place. */
function contradicts(known: ReadonlyMap<number, string>) {
  return ({ seq, hash, prev }: AnnouncedEntry): boolean =>
    (known.get(seq) ?? hash) !== hash || (known.get(seq - 1) ?? prev) !== prev;
}

/** Hashes in the ledger. */
async function heldAt(
  tx: Queryable,
  deviceId: string,
  seqs: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  const known = new Map<number, string>();
  for (const seq of seqs) {
    const [hash] = await heldHashes(tx, deviceId, seq, seq);
    if (hash) known.set(seq, hash);
  }
  return known;
}

/** Hashes that came ahead of the journal, those of lost entries too: nothing is kept in the place of those. */
async function announcedAt(
  tx: Queryable,
  deviceId: string,
  seqs: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  const rows = await tx.query<{ seq: number; hash: string }>(
    `SELECT seq, encode(hash, 'hex') AS hash FROM announced
     WHERE device_id = $1 AND seq = ANY (string_to_array($2, ',')::bigint[])`,
    [deviceId, seqs.join(',')],
  );
  return new Map(rows.map(({ seq, hash }) => [seq, hash]));
}

/**
 * What was kept or shown within the last hour before the ledger had it. What is older and still open says nothing of the
 * device as it is now.
 */
async function cameAhead(tx: Queryable, deviceId: string, nowMs: number): Promise<number> {
  const [row] = await tx.query<{ n: number }>(
    `SELECT greatest(
       (SELECT count(*) FROM announced WHERE device_id = $1 AND confirmed_at_ms IS NULL AND received_at_ms > $2),
       (SELECT count(*) FROM help_request AS asked WHERE device_id = $1 AND received_at_ms > $2 AND NOT EXISTS (
          SELECT 1 FROM ledger
          WHERE device_id = asked.device_id AND seq = asked.seq AND received_at_ms <= asked.received_at_ms))) AS n`,
    [deviceId, nowMs - HOUR_MS],
  );
  return row?.n ?? 0;
}

async function keepAll(
  tx: Queryable,
  deviceId: string,
  fresh: readonly AnnouncedEntry[],
  nowMs: number,
): Promise<void> {
  for (const entry of fresh) await keep(tx, deviceId, entry, nowMs);
  await tx.query(
    'UPDATE device SET last_seen_at_ms = $2, announced_open_seq = least(announced_open_seq, $3::bigint) WHERE id = $1',
    [deviceId, nowMs, fresh[0]?.seq ?? null],
  );
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
  return believe(saidTruly(help.at, { nowMs, clockOffsetMs }), { fromMs: null, toMs: null }, nowMs);
}

/** @returns whether it was not shown before. */
async function show(
  tx: Queryable,
  proven: Proven,
  notice: Notice,
  at: { readonly hall: string; readonly counter: string },
): Promise<boolean> {
  const { device, nowMs } = proven;
  const { help, request, settled, opened } = notice;
  const { believedMs, latestMs } = whenAsked(proven, notice);
  const shown = await tx.query(
    `INSERT INTO help_request (device_id, invitation, seq, service_key, level, hall, counter, ticket_number, asked_at_ms, since_ms, received_at_ms, latest_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING RETURNING seq`,
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
  return shown.length > 0;
}

async function refuseFork(tx: Queryable, deviceId: string, seq: number, nowMs: number): Promise<Announced> {
  const text = `Device ${deviceId} announced another entry ${seq}, or another history before it, than the one held here. Its journal may have been restored from an old copy or run twice: stop it and provision it again.`;
  await raiseAlarms(tx, deviceId, [{ kind: 'fork', seq, serviceKey: null, receipt: null, text }], nowMs);
  return refuse({ error: 'fork', seq, message: text });
}

function refuse(refused: Refused): Announced {
  return { ok: false, refused };
}
