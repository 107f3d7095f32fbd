import type { Signer } from '../shared/journal/suite.ts';
import { MAX_BATCH_BYTES, MAX_BATCH_ENTRIES } from '../shared/protocol/batch.ts';
import type { DeviceId } from '../shared/words.ts';
import { type PackableStore, type Parcel, pack, type SealedParcel } from './parcel.ts';

/** A parcel and its request, as far as that is ready. */
export interface Ready {
  readonly parcel: Parcel;
  readonly request: Promise<SealedParcel>;
}

/**
 * While a batch of a backlog is under way, the one after it is read, packed and signed, so that it leaves the
 * moment the province has taken the first. Only a whole batch is made ahead: what is written meanwhile
 * belongs into the last one.
 */
export interface Ahead {
  /** After a batch that ends at `lastSeq` has left. */
  prepare(lastSeq: number): void;
  /** What was prepared, if it goes on at exactly this place. It is given once. */
  take(afterSeq: number): Ready | undefined;
  drop(): void;
}

/** Begins to pack and sign; whoever awaits the request hears of a failure, and one that nobody awaits is none. */
export function begin(parcel: Parcel, signer: Signer, nowMs: number): Ready {
  const request = parcel.seal(signer, nowMs);
  request.catch(() => {});
  return { parcel, request };
}

export function createAhead(parts: {
  readonly store: PackableStore & { head(): { readonly seq: number } };
  readonly deviceId: DeviceId;
  readonly signer: Signer;
  /** What a signature made now says of its time, UTC ms. */
  readonly signedAtMs: () => number;
}): Ahead {
  const { store, deviceId, signer, signedAtMs } = parts;
  const limits = { deviceId, maxEntries: MAX_BATCH_ENTRIES, maxBytes: MAX_BATCH_BYTES };
  let ready: Ready | undefined;

  return {
    prepare(lastSeq) {
      ready = undefined;
      if (store.head().seq - lastSeq < MAX_BATCH_ENTRIES) return;
      try {
        const parcel = pack(store, { ...limits, afterSeq: lastSeq });
        ready = parcel && begin(parcel, signer, signedAtMs());
      } catch {
        // The journal cannot be read now. That is said when it is this batch's turn.
      }
    },
    take(afterSeq) {
      const taken = ready?.parcel.firstSeq === afterSeq + 1 ? ready : undefined;
      ready = undefined;
      return taken;
    },
    drop() {
      ready = undefined;
    },
  };
}
