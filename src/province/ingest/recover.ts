import { GENESIS } from '../../shared/journal/chain.ts';
import {
  type EntryEvent,
  EVENT_TYPE_PREFIX,
  MAX_BATCH_BYTES,
  MAX_BATCH_ENTRIES,
} from '../../shared/protocol/batch.ts';
import type { Recover, Recovered } from '../../shared/protocol/recover.ts';
import type { Db, Queryable } from '../db/db.ts';
import type { Refused } from '../refusal.ts';
import { type DeviceHead, heldHashes, lockDevice, raiseAlarms } from './ledger.ts';
import type { Proven } from './prove.ts';

export type RecoverAnswer =
  | ({ readonly ok: true } & Omit<Recovered, 'serverTimeMs'>)
  | { readonly ok: false; readonly refused: Refused };

/** What an event costs beside its body; a generous figure. */
const OVERHEAD_BYTES = 512;
const PAGE = 500;

/** What is held of a device after the last entry it still has, one batch of it. Changes nothing but an alarm. */
export function recoverEntries(db: Db, proven: Proven, asked: Recover): Promise<RecoverAnswer> {
  return db.transaction((tx) => recoverLocked(tx, proven, asked));
}

async function recoverLocked(tx: Queryable, proven: Proven, asked: Recover): Promise<RecoverAnswer> {
  const { device, nowMs } = proven;
  const head = await lockDevice(tx, device.id);
  if (!head) throw new Error(`a request of ${device.id} came unchecked to the ledger`);
  if (head.state === 'revoked')
    return {
      ok: false,
      refused: {
        error: 'revoked',
        message: `Device ${device.id} has been revoked. Provision it again before it asks.`,
      },
    };
  const { afterSeq, afterHash, maxEntries = MAX_BATCH_ENTRIES } = asked;
  if (afterSeq > 0 && afterSeq <= head.headSeq) {
    const [own] = await heldHashes(tx, device.id, afterSeq, afterSeq);
    if (own !== afterHash) {
      const text = `Device ${device.id} asks for what follows another entry ${afterSeq} than the one held. Its journal was put together from one that never came here: stop it and provision it again.`;
      await raiseAlarms(
        tx,
        device.id,
        [{ kind: 'fork', seq: afterSeq, serviceKey: null, receipt: null, text }],
        nowMs,
      );
      return { ok: false, refused: { error: 'fork', seq: afterSeq, message: text } };
    }
  }
  if (afterSeq === 0 && afterHash !== GENESIS)
    return {
      ok: false,
      refused: { error: 'malformed', message: 'Before entry 1 there is no other hash than zeros.' },
    };
  return {
    ok: true,
    heldSeq: head.headSeq,
    reportedHead: await furthestKnown(tx, device.id, head),
    entries: await oneBatch(tx, device.id, afterSeq, Math.min(MAX_BATCH_ENTRIES, maxEntries)),
  };
}

/**
 * Named by a heartbeat, or come ahead of the journal as an urgent notice. What a restored journal gave up is none of it:
 * it is lost once, and no second time (../urgent/confirm.ts).
 */
async function furthestKnown(
  tx: Queryable,
  deviceId: string,
  { announcedSeq: seq, announcedHash: hash }: DeviceHead,
): Promise<Recovered['reportedHead']> {
  const [ahead] = await tx.query<{ seq: number; hash: string }>(
    `SELECT seq, encode(hash, 'hex') AS hash FROM announced
     WHERE device_id = $1 AND confirmed_at_ms IS NULL ORDER BY seq DESC LIMIT 1`,
    [deviceId],
  );
  if (ahead && ahead.seq > seq) return ahead;
  return hash === null ? null : { seq, hash };
}

/** Whole commits within a batch's limits and what was asked for; one that is longer comes alone. */
async function oneBatch(
  tx: Queryable,
  deviceId: string,
  afterSeq: number,
  maxEntries: number,
): Promise<EntryEvent[]> {
  // One more shows that it is enough.
  const page = Math.min(PAGE, maxEntries + 1);
  const events: EntryEvent[] = [];
  let bytes = 0;
  let whole = 0;
  for (;;) {
    const rows = await heldAfter(tx, deviceId, afterSeq + events.length, page);
    for (const row of rows) {
      bytes += Buffer.byteLength(row.body) + OVERHEAD_BYTES;
      const full = bytes > MAX_BATCH_BYTES || events.length >= maxEntries;
      if (full && whole > 0) return events.slice(0, whole);
      events.push(eventOf(deviceId, row));
      if (row.sig !== null) whole = events.length;
    }
    if (rows.length < page) return events.slice(0, whole);
  }
}

interface LedgerRow {
  readonly seq: number;
  readonly id: string;
  readonly kind: string;
  readonly at: number;
  readonly boot: string;
  readonly mono: number;
  readonly body: string;
  readonly sig: string | null;
}

async function heldAfter(
  tx: Queryable,
  deviceId: string,
  seq: number,
  page: number,
): Promise<readonly LedgerRow[]> {
  return await tx.query<LedgerRow>(
    `SELECT seq, id, kind, at_ms AS at, boot, mono_ms AS mono, body, sig
     FROM ledger WHERE device_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
    [deviceId, seq, page],
  );
}

function eventOf(deviceId: string, { seq, id, kind, at, boot, mono, body, sig }: LedgerRow): EntryEvent {
  return {
    specversion: '1.0',
    id,
    source: `/v1/devices/${deviceId}`,
    type: `${EVENT_TYPE_PREFIX}${kind}`,
    time: new Date(at).toISOString(),
    data: {
      seq,
      boot,
      mono,
      body: JSON.parse(body) as Record<string, unknown>,
      ...(sig === null ? {} : { sig }),
    },
  };
}

/** A device has said which entries it lost for good: nobody waits for them any longer. */
export async function forgetMissing(tx: Queryable, deviceId: string): Promise<void> {
  await tx.query('UPDATE device SET missing_to_seq = NULL WHERE id = $1', [deviceId]);
}
