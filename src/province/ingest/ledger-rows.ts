import { MAX_BATCH_BYTES } from '../../shared/protocol/batch.ts';
import type { WireEntry } from './read-batch.ts';

/** Where ./ledger-rows.ts writes, and in which order. */
export const LEDGER_COLUMNS =
  'ledger (device_id, received_at_ms, seq, id, kind, at_ms, boot, mono_ms, body, hash, sig)';

const COLUMNS = 11;
/** PostgreSQL's binary COPY format: signature, no flags, no extension; each row a count of fields, each field its length; −1 ends. */
const HEADER = Buffer.from('5047434f50590aff0d0a000000000000000000', 'hex');
const END = -1;
const NULL = -1;
/** Of one row beside its texts: the count, eleven lengths, four numbers, a hash. */
const ROW_BYTES = 2 + COLUMNS * 4 + 4 * 8 + 32;
const HALF = 2 ** 32;

/**
 * Rows are written here as large as a batch can make them and handed on as a copy of their own size: what is moved
 * between threads must not be the room that the next batch is written in.
 */
let room = Buffer.allocUnsafe(MAX_BATCH_BYTES);

/**
 * Entries as rows of the ledger, in the bytes that the database takes them in (`Queryable.copy`): nothing is quoted,
 * escaped or parsed on the way, and the thread that holds the device's transaction touches none of it. Texts are what
 * `readBatch` let through, so none holds a NUL, which PostgreSQL could not keep.
 */
export function ledgerRows(
  entries: readonly WireEntry[],
  hashes: readonly string[],
  facts: { readonly deviceId: string; readonly nowMs: number },
): Uint8Array {
  const device = Buffer.from(facts.deviceId);
  let at = HEADER.copy(need(0, HEADER.length), 0);
  for (const [index, entry] of entries.entries()) {
    const { boot, bodyText, sig = '' } = entry;
    const texts = entry.id.length + entry.kind.length + boot.length + bodyText.length + sig.length;
    // A UTF-16 unit has at most three bytes.
    const to = need(at, ROW_BYTES + device.length + texts * 3);
    at = to.writeInt16BE(COLUMNS, at);
    at = to.writeInt32BE(device.length, at);
    at += device.copy(to, at);
    at = writeNumber(to, facts.nowMs, at);
    at = writeNumber(to, entry.seq, at);
    at = writeText(to, entry.id, at);
    at = writeText(to, entry.kind, at);
    at = writeNumber(to, entry.at, at);
    at = writeText(to, boot, at);
    at = writeNumber(to, entry.mono, at);
    at = writeText(to, bodyText, at);
    at = to.writeInt32BE(32, at);
    at += to.write(hashes[index] ?? '', at, 32, 'hex');
    at = entry.sig === undefined ? to.writeInt32BE(NULL, at) : writeText(to, sig, at);
  }
  at = need(at, 2).writeInt16BE(END, at);
  return new Uint8Array(room.subarray(0, at));
}

function need(at: number, bytes: number): Buffer {
  if (at + bytes <= room.length) return room;
  const larger = Buffer.allocUnsafe((at + bytes) * 2);
  room.copy(larger, 0, 0, at);
  room = larger;
  return room;
}

/** Up to this length, ASCII is written letter by letter sooner than a call out of JavaScript is made. */
const SHORT = 100;

function writeText(to: Buffer, text: string, at: number): number {
  const length = (text.length <= SHORT && writeAscii(to, text, at + 4)) || to.write(text, at + 4, 'utf8');
  to.writeInt32BE(length, at);
  return at + 4 + length;
}

/** @returns 0 when there is more in it than ASCII: what was written is to be written over. */
function writeAscii(to: Buffer, text: string, at: number): number {
  for (let n = 0; n < text.length; n++) {
    const unit = text.charCodeAt(n);
    if (unit > 0x7f) return 0;
    to[at + n] = unit;
  }
  return text.length;
}

/** int8. Numbers of ours are whole and safe; half by half costs less than a BigInt for each. */
function writeNumber(to: Buffer, value: number, at: number): number {
  const high = Math.floor(value / HALF);
  to.writeInt32BE(8, at);
  to.writeInt32BE(high, at + 4);
  return to.writeUInt32BE(value - high * HALF, at + 8);
}
