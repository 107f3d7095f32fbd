import type { Signer } from '../shared/journal/suite.ts';
import { MAX_BATCH_BYTES, MAX_BATCH_ENTRIES } from '../shared/protocol/batch.ts';
import type { DeviceId } from '../shared/words.ts';
import type { Answer } from './answer.ts';
import type { GiveWay } from './give-way.ts';
import type { LeasedPost, Trip } from './leased-post.ts';
import { type PackableStore, type Parcel, packInSlices, type SealedParcel } from './parcel.ts';

/** A parcel and its request, as far as that is ready; under way already, if it was let go ahead. */
export interface Ready {
  readonly parcel: Parcel;
  readonly request: Promise<SealedParcel>;
  /** What its signature says of its time, UTC ms. */
  readonly signedAtMs: number;
  readonly going?: Going;
}

interface Going {
  readonly abort: AbortController;
  readonly answer: Promise<[Answer, Trip]>;
}

/**
 * While a batch of a backlog is under way, the one after it is read, packed and signed, and leaves behind it: the
 * province reads the second while its database takes the first. Its answer is looked at in its turn. A third is packed
 * meanwhile and leaves when the first is answered: two are under way. Each is packed a slice at a time, and whoever
 * presses meanwhile is not kept waiting. Only a whole batch is made ahead: what is written meanwhile belongs into the
 * last one.
 */
export interface Ahead {
  /**
   * After a batch that ends at `lastSeq` has left.
   * @param post sends it as soon as it is ready; absent where nothing says that the far end takes batches at all.
   */
  prepare(lastSeq: number, post?: LeasedPost): void;
  /** What was prepared, if it goes on at exactly this place. It is given once. */
  take(afterSeq: number): Ready | undefined;
  /**
   * Whether the batch from here on is being packed while somebody goes first; `then` is called when it is there, or
   * cannot be. Packing it anew in one go would be what nobody is to wait for.
   */
  isMaking(afterSeq: number, then: () => void): boolean;
  /** Whatever was sent ahead is given up; the province may have taken it, and is asked again in its turn. */
  drop(): void;
  /** When nothing that was sent ahead is under way any more. */
  settled(): Promise<void>;
}

/**
 * What waited longer for the one before it is signed anew as it leaves: the province takes the time of a signature for
 * the kiosk's clock at the moment it comes, and half a minute for a clock that is wrong. Not more often, for to be
 * ready is what makes a backlog quick.
 */
const SIGNED_ANEW_AFTER_MS = 5_000;

/** Begins to pack and sign; whoever awaits the request hears of a failure, and one that nobody awaits is none. */
export function begin(parcel: Parcel, signer: Signer, nowMs: number): Ready {
  const request = parcel.seal(signer, nowMs);
  request.catch(() => {});
  return { parcel, request, signedAtMs: nowMs };
}

/** A batch that is being packed, or is packed and waits for the one before it to be answered. */
interface Packed {
  readonly afterSeq: number;
  made?: Ready;
  /** Made, or it cannot be. */
  ended?: boolean;
  whenMade?: () => void;
  whenEnded?: () => void;
  giveUp?: () => void;
}

export function createAhead(parts: {
  readonly store: PackableStore & { head(): { readonly seq: number } };
  readonly deviceId: DeviceId;
  readonly signer: Signer;
  /** What a signature made now says of its time, UTC ms. */
  readonly signedAtMs: () => number;
  /** Absent: nobody presses where this runs. */
  readonly giveWay?: Pick<GiveWay, 'inTurn'> | undefined;
}): Ahead {
  const { store, deviceId, signer, signedAtMs, giveWay } = parts;
  const limits = { deviceId, maxEntries: MAX_BATCH_ENTRIES, maxBytes: MAX_BATCH_BYTES };
  /** The next batch in turn; under way where the far end takes batches. */
  let ready: Ready | undefined;
  /** The one behind it, so that it leaves the moment there is room. Another one means that this is not wanted any more. */
  let behind: Packed | undefined;
  let last: Promise<unknown> = Promise.resolve();

  /** On leaving. Either way: a clock that was set meanwhile says another time. */
  function timely(made: Ready): Ready {
    const nowMs = signedAtMs();
    const waitedMs = Math.abs(nowMs - made.signedAtMs);
    return waitedMs > SIGNED_ANEW_AFTER_MS ? begin(made.parcel, signer, nowMs) : made;
  }

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

  const leave = (made: Ready, post: LeasedPost): Ready => ({ ...made, going: send(made.request, post) });

  /** Only a whole batch. */
  function packBehind(afterSeq: number): Packed | undefined {
    if (store.head().seq - afterSeq < MAX_BATCH_ENTRIES) return undefined;
    const packing = packInSlices(store, { ...limits, afterSeq });
    const packed: Packed = { afterSeq };
    const inTurn = (piece: () => void) => {
      if (behind !== packed) return;
      if (giveWay) packed.giveUp = giveWay.inTurn(piece);
      else piece();
    };
    const step = () => {
      try {
        const { done, value: parcel } = packing.next();
        if (!done) return void setImmediate(inTurn, step);
        if (parcel) packed.made = begin(parcel, signer, signedAtMs());
      } catch {
        // The journal cannot be read now. That is said when it is this batch's turn.
      }
      packed.ended = true;
      packed.whenMade?.();
      packed.whenEnded?.();
    };
    setImmediate(inTurn, step);
    return packed;
  }

  function drop(): void {
    behind?.giveUp?.();
    behind = undefined;
    ready?.going?.abort.abort();
    ready = undefined;
  }

  return {
    prepare(lastSeq, post) {
      const kept = behind?.afterSeq === lastSeq ? behind : undefined;
      if (kept) behind = undefined;
      drop();
      const packed = kept ?? packBehind(lastSeq);
      behind = packed;
      if (!packed) return;
      const letGo = () => {
        const { made } = packed;
        if (behind !== packed || !made) return;
        ready = post ? leave(timely(made), post) : made;
        behind = post && packBehind(made.parcel.lastSeq);
      };
      if (packed.made) letGo();
      else packed.whenMade = letGo;
    },
    take(afterSeq) {
      const taken = ready?.parcel.firstSeq === afterSeq + 1 ? ready : undefined;
      if (taken) ready = undefined;
      else drop();
      return taken && !taken.going ? timely(taken) : taken;
    },
    isMaking(afterSeq, then) {
      if (!giveWay || behind?.afterSeq !== afterSeq || behind.ended) return false;
      behind.whenEnded = then;
      return true;
    },
    drop,
    settled: async () => {
      await last;
    },
  };
}
