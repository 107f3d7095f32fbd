import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Signer } from '../shared/journal/suite.ts';
import type { StoredEntry } from '../shared/journal/verify.ts';
import { BATCH_MEDIA_TYPE, entriesPath } from '../shared/protocol/batch.ts';
import { signRequest } from '../shared/protocol/signature.ts';
import { toEvents } from './events.ts';

const gzipped = promisify(gzip);

/** A batch is 5 % larger than at 6 and costs a third less of a small processor. */
const GZIP_LEVEL = 3;

/** A signed request, but for the signal that ends it. */
export interface SealedParcel {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What is needed of a store to make parcels. */
export interface PackableStore {
  readBatch(from: {
    readonly afterSeq: number;
    readonly maxEntries: number;
    readonly maxBytes: number;
  }): readonly StoredEntry[];
}

/** One batch, ready to be sent. */
export interface Parcel {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly count: number;
  /** More than one commit: can be sent in halves. */
  readonly divisible: boolean;
  /** Of one of its entries, lower-case hex. */
  hashOf(seq: number): string | undefined;
  /** Compresses (off this thread) and signs. `nowMs` is what the signature says of its time, UTC ms. */
  seal(signer: Signer, nowMs: number): Promise<SealedParcel>;
}

/** Where a parcel begins, and how much it may hold. */
export interface PackLimits {
  readonly deviceId: string;
  readonly afterSeq: number;
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** So many entries are read and written out at one go: about a millisecond of a small processor. */
const SLICE_ENTRIES = 100;

/** @returns undefined when there is nothing to send. */
export function pack(store: PackableStore, from: PackLimits): Parcel | undefined {
  const packing = packInSlices(store, from);
  for (;;) {
    const { done, value } = packing.next();
    if (done) return value;
  }
}

/** The same in small pieces of work, so that whoever packs ahead can let a press through in between. */
export function* packInSlices(store: PackableStore, from: PackLimits): Generator<void, Parcel | undefined> {
  const { deviceId, afterSeq, maxBytes } = from;
  let { maxEntries } = from;
  for (;;) {
    // Of a slice nothing is kept but its bytes and hashes: what lives through a pause becomes old garbage, which stays.
    const hashes: string[] = [];
    const desk = openDesk();
    let signed = 0;
    let firstSeq = 0;
    let lastSeq = afterSeq;
    let bytes = 0;
    while (hashes.length < maxEntries) {
      const slice = store.readBatch({
        afterSeq: lastSeq,
        maxEntries: Math.min(SLICE_ENTRIES, maxEntries - hashes.length),
        maxBytes: maxBytes - bytes,
      });
      const [first] = slice;
      if (!first) break;
      const begun = hashes.length > 0;
      // A commit is read whole whatever the limits say; one that goes beyond them waits for the next parcel.
      if (begun && (first.seq !== lastSeq + 1 || hashes.length + slice.length > maxEntries)) break;
      const text = toEvents(deviceId, slice);
      bytes += Buffer.byteLength(text);
      if (begun && bytes > maxBytes) break;
      if (!begun) firstSeq = first.seq;
      for (const { seq, hash, sig } of slice) {
        hashes.push(hash);
        if (sig !== null) signed++;
        lastSeq = seq;
      }
      // JSON arrays → one.
      lay(desk, `${begun ? ',' : '['}${text.slice(1, -1)}`);
      if (hashes.length < maxEntries) yield;
    }
    if (hashes.length === 0) return undefined;
    lay(desk, ']');
    const divisible = signed > 1;
    // The store counts by estimate; the limit itself is of the JSON.
    if (desk.end > maxBytes && divisible) {
      maxEntries = Math.max(1, Math.floor(hashes.length / 2));
      continue;
    }
    let body: Promise<Buffer> | undefined;
    return {
      firstSeq,
      lastSeq,
      count: hashes.length,
      divisible,
      hashOf: (seq) => hashes[seq - firstSeq],
      async seal(signer, nowMs) {
        body ??= zipped(desk);
        const sent = await body;
        const path = entriesPath(deviceId);
        const signed = signRequest(signer, { method: 'POST', path, body: sent, keyId: deviceId, nowMs });
        return {
          path,
          body: sent,
          headers: { 'content-type': BATCH_MEDIA_TYPE, 'content-encoding': 'gzip', ...signed },
        };
      },
    };
  }
}

/**
 * Where a batch is laid out to be compressed. A buffer of its own for each would stay until a large collection of
 * garbage: some tens of megabytes while a backlog goes. A few, because several may be under way.
 */
const free: Buffer[] = [];
const FREE_KEPT = 3;
const DESK_BYTES = 512 * 1024;

interface Desk {
  buffer: Buffer;
  end: number;
}

function openDesk(): Desk {
  return { buffer: free.pop() ?? Buffer.allocUnsafeSlow(DESK_BYTES), end: 0 };
}

function lay(desk: Desk, text: string): void {
  const end = desk.end + Buffer.byteLength(text);
  if (end > desk.buffer.length) {
    const larger = Buffer.allocUnsafeSlow(2 * end);
    desk.buffer.copy(larger, 0, 0, desk.end);
    desk.buffer = larger;
  }
  desk.buffer.write(text, desk.end);
  desk.end = end;
}

async function zipped({ buffer, end }: Desk): Promise<Buffer> {
  try {
    return await gzipped(buffer.subarray(0, end), { level: GZIP_LEVEL });
  } finally {
    if (free.length < FREE_KEPT && buffer.length <= 2 * DESK_BYTES) free.push(buffer);
  }
}
