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
    const entries: StoredEntry[] = [];
    const events: string[] = [];
    let bytes = 0;
    while (entries.length < maxEntries) {
      const slice = store.readBatch({
        afterSeq: entries.at(-1)?.seq ?? afterSeq,
        maxEntries: Math.min(SLICE_ENTRIES, maxEntries - entries.length),
        maxBytes: maxBytes - bytes,
      });
      // A commit is read whole whatever the limits say; one that goes beyond them waits for the next parcel.
      if (slice.length === 0 || (entries.length > 0 && !goesOn(entries, slice, maxEntries))) break;
      const text = toEvents(deviceId, slice);
      bytes += Buffer.byteLength(text);
      if (entries.length > 0 && bytes > maxBytes) break;
      entries.push(...slice);
      events.push(text);
      yield;
    }
    const first = entries[0];
    const last = entries.at(-1);
    if (!first || !last) return undefined;
    const json = joined(events);
    const jsonBytes = Buffer.byteLength(json);
    const divisible = entries.filter((entry) => entry.sig !== null).length > 1;
    // The store counts by estimate; the limit itself is of the JSON.
    if (jsonBytes > maxBytes && divisible) {
      maxEntries = Math.max(1, Math.floor(entries.length / 2));
      continue;
    }
    const hashes = entries.map(({ hash }) => hash);
    return {
      firstSeq: first.seq,
      lastSeq: last.seq,
      count: entries.length,
      divisible,
      hashOf: (seq) => hashes[seq - first.seq],
      async seal(signer, nowMs) {
        const body = await zipped(json, jsonBytes);
        const path = entriesPath(deviceId);
        const signed = signRequest(signer, { method: 'POST', path, body, keyId: deviceId, nowMs });
        return {
          path,
          body,
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
const desks: Buffer[] = [];
const DESKS_KEPT = 3;
const DESK_BYTES = 512 * 1024;

async function zipped(json: string, bytes: number): Promise<Buffer> {
  const found = desks.pop();
  const desk = found && found.length >= bytes ? found : Buffer.allocUnsafeSlow(Math.max(bytes, DESK_BYTES));
  desk.write(json);
  try {
    return await gzipped(desk.subarray(0, bytes), { level: GZIP_LEVEL });
  } finally {
    if (desks.length < DESKS_KEPT) desks.push(desk);
  }
}

function goesOn(entries: readonly StoredEntry[], slice: readonly StoredEntry[], maxEntries: number): boolean {
  return slice[0]?.seq === (entries.at(-1)?.seq ?? 0) + 1 && entries.length + slice.length <= maxEntries;
}

/** JSON arrays → one. */
function joined(arrays: readonly string[]): string {
  return `[${arrays.map((array) => array.slice(1, -1)).join(',')}]`;
}
