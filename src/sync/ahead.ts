import type { Signer } from '../shared/journal/suite.ts';
import { MAX_BATCH_BYTES, MAX_BATCH_ENTRIES } from '../shared/protocol/batch.ts';
import type { DeviceId } from '../shared/words.ts';
import type { Answer } from './answer.ts';
import type { LeasedPost, Trip } from './leased-post.ts';
import { type PackableStore, type Parcel, packInSlices, type SealedParcel } from './parcel.ts';

/** A parcel and its request, as far as that is ready; under way already, if it was let go ahead. */
export interface Ready {
  readonly parcel: Parcel;
  readonly request: Promise<SealedParcel>;
  readonly going?: Going;
}

interface Going {
  readonly abort: AbortController;
  readonly answer: Promise<[Answer, Trip]>;
}

/**
 * While a batch of a backlog is under way, the one after it is read, packed and signed, and leaves behind it: the
 * province reads the second while its database takes the first. Its answer is looked at in its turn. It is packed a
 * slice at a time, and whoever presses meanwhile is not kept waiting. Only a whole batch is made ahead: what is written
 * meanwhile belongs into the last one.
 */
export interface Ahead {
  /**
   * After a batch that ends at `lastSeq` has left.
   * @param post sends it as soon as it is ready; absent where nothing says that the far end takes batches at all.
   */
  prepare(lastSeq: number, post?: LeasedPost): void;
  /** What was prepared, if it goes on at exactly this place. It is given once. */
  take(afterSeq: number): Ready | undefined;
  /** Whatever was sent ahead is given up; the province may have taken it, and is asked again in its turn. */
  drop(): void;
  /** When nothing that was sent ahead is under way any more. */
  settled(): Promise<void>;
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
  /** Of the packing under way; another one means that it is not wanted any more. */
  let wanted = 0;
  let last: Promise<unknown> = Promise.resolve();

  function send(request: Promise<SealedParcel>, post: LeasedPost): Going {
    const abort = new AbortController();
    const answer = request.then((sealed) => {
      abort.signal.throwIfAborted();
      return post(sealed, abort);
    });
    // Whoever awaits it hears of a failure.
    last = answer.catch(() => {});
    return { abort, answer };
  }

  function drop(): void {
    wanted += 1;
    ready?.going?.abort.abort();
    ready = undefined;
  }

  return {
    prepare(lastSeq, post) {
      drop();
      if (store.head().seq - lastSeq < MAX_BATCH_ENTRIES) return;
      const packing = packInSlices(store, { ...limits, afterSeq: lastSeq });
      const mine = wanted;
      const step = () => {
        if (wanted !== mine) return;
        try {
          const { done, value: parcel } = packing.next();
          if (!done) return void setImmediate(step);
          const made = parcel && begin(parcel, signer, signedAtMs());
          ready = made && post ? { ...made, going: send(made.request, post) } : made;
        } catch {
          // The journal cannot be read now. That is said when it is this batch's turn.
        }
      };
      step();
    },
    take(afterSeq) {
      const taken = ready?.parcel.firstSeq === afterSeq + 1 ? ready : undefined;
      if (taken) ready = undefined;
      else drop();
      return taken;
    },
    drop,
    settled: async () => {
      await last;
    },
  };
}
