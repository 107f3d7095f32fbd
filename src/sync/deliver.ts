import type { Clock } from '../shared/clock.ts';
import { MAX_BATCH_BYTES, MAX_BATCH_ENTRIES } from '../shared/protocol/batch.ts';
import { assertNever } from '../shared/words.ts';
import { begin, createAhead, type Ready } from './ahead.ts';
import type { LeasedPost, Trip } from './leased-post.ts';
import { type Line, messageOf } from './line.ts';
import { FULL_LOAD, grown, halved, hasRoom, outwaited } from './line-load.ts';
import { type Parcel, pack } from './parcel.ts';
import { type ServerTime, serverTimeOf } from './upload-state.ts';
import type { UploaderParts } from './uploader.ts';
import { type Sent, type Verdict, verdict } from './verdict.ts';

/** An entry refused is looked at by people; asking more often helps nobody. */
const HELD_RETRY_MS = 5 * 60_000;

/** The journal in batches, from where the province is; of a backlog that is being taken, two are under way. */
export interface Delivery {
  /** Everything up to here is not sent again, unless the province asks for it. Not the cursor: that never goes back. */
  readonly position: number;
  /** The last batch did not come through in time: the line may be too thin for it, and not for something small. */
  readonly late: boolean;
  begin(): void;
  /** Gives up what was sent ahead, and waits until it has ended. */
  stop(): Promise<void>;
  /** The next batch, or rest. */
  send(): void;
  /** The province has lost what it had acknowledged; it gets it again. */
  goBack(heldSeq: number): void;
}

export function createDelivery(
  parts: Pick<UploaderParts, 'store' | 'link' | 'signer' | 'deviceId' | 'random' | 'giveWay'> & {
    readonly clock: Clock;
    readonly line: Line;
    readonly post: LeasedPost;
    readonly ours: () => Pick<Sent, 'headSeq' | 'nowMs' | 'hashOf'>;
    /** What goes next over the line. */
    readonly next: () => void;
    /** The link is held; until it is asked again there is time for other things. */
    readonly onParked: () => void;
    readonly onClock: (time: ServerTime) => void;
    readonly onServerTime: (time: ServerTime) => void;
  },
): Delivery {
  const { store, link, signer, deviceId, random, line, post, next } = parts;
  const ahead = createAhead({
    store,
    deviceId,
    signer,
    signedAtMs: line.signedAtMs,
    giveWay: parts.giveWay,
  });
  let position = store.cursorOf(link);
  let load = FULL_LOAD;
  let late = false;
  let rewound = false;
  /** The last batch was taken whole, with room for two of them: the next ones are, as far as anybody can tell. */
  let flowing = false;

  function send(): void {
    if (ahead.isMaking(position, next)) return;
    let ready: Ready | undefined;
    try {
      ready = ahead.take(position) ?? readNow();
    } catch (error) {
      line.retryLater(
        false,
        `The journal cannot be read for sending; nothing is lost. (${messageOf(error)})`,
      );
      return;
    }
    if (!ready) {
      line.show('idle');
      return;
    }
    const { parcel, request } = ready;
    if (parcel.firstSeq !== position + 1) {
      line.halt(
        `The province asks for entry ${position + 1}, which this journal no longer holds. Provision the device again.`,
      );
      return;
    }
    const { state, lastError } = line.shown;
    if (state !== 'sending') line.show('sending', lastError ? { lastError } : {});
    const { firstSeq, lastSeq, divisible } = parcel;
    const moreBehind = store.head().seq > lastSeq;
    line.run(async (abort) => {
      const { going } = ready;
      abort.signal.addEventListener('abort', () => going?.abort.abort());
      const answering = going ? going.answer : post(await request, abort);
      if (load.maxEntries === MAX_BATCH_ENTRIES) ahead.prepare(lastSeq, flowing ? post : undefined);
      const [answer, trip] = await answering;
      return () =>
        obey(verdict(answer, { ...parts.ours(), firstSeq, lastSeq, divisible }), parcel, trip, moreBehind);
    });
  }

  function readNow(): Ready | undefined {
    const { maxEntries } = load;
    const parcel = pack(store, { deviceId, afterSeq: position, maxEntries, maxBytes: MAX_BATCH_BYTES });
    return parcel && begin(parcel, signer, line.signedAtMs());
  }

  function obey(found: Verdict, parcel: Parcel, trip: Trip, moreBehind: boolean): void {
    // Whatever was not simply taken may change what goes next, or how it is signed.
    const whole = found.kind === 'delivered' && found.ackedSeq === parcel.lastSeq;
    if (!whole) ahead.drop();
    const tookMs = trip.cameMonoMs - trip.sentMonoMs;
    flowing = whole && load.maxEntries === MAX_BATCH_ENTRIES && hasRoom(load, tookMs);
    late = found.kind === 'retry' && found.late === true;
    switch (found.kind) {
      case 'delivered':
        load = grown(load, tookMs, parcel.count, moreBehind);
        delivered(found.ackedSeq, serverTimeOf(found.serverTimeMs, trip));
        break;
      case 'retry':
        // Not after a gateway's 408: when that gives up is its own affair.
        if (late && found.offline) load = outwaited(load, tookMs);
        if (late && parcel.divisible) load = halved(load, parcel.count);
        if (found.serverTimeMs !== undefined) line.clockWrong(found.serverTimeMs);
        line.retryLater(found.offline, found.reason);
        break;
      case 'slowDown':
        // Everybody was told the same number; they shall not all come back on it.
        line.wait('slowed', found.ms * (1 + 0.2 * random()), found.reason);
        break;
      case 'gap':
        position = found.expectedSeq - 1;
        // Once at once; a far end that keeps naming gaps and takes nothing is left alone for a while.
        if (rewound) line.retryLater(false, found.reason);
        else next();
        rewound = true;
        break;
      case 'split':
        load = halved(load, parcel.count);
        next();
        break;
      case 'park':
        line.wait('held', HELD_RETRY_MS * (1 + 0.2 * random()), `Entry ${found.seq}: ${found.reason}`, {
          parkedSeq: found.seq,
        });
        parts.onParked();
        break;
      case 'stop':
        line.halt(found.reason);
        break;
      default:
        assertNever(found);
    }
  }

  function delivered(ackedSeq: number, serverTime: ServerTime): void {
    position = ackedSeq;
    if (ackedSeq > store.cursorOf(link)) store.advanceCursor(link, ackedSeq);
    rewound = false;
    line.healthy();
    parts.onClock(serverTime);
    line.onward();
    if (store.head().seq > position) line.say();
    next();
    parts.onServerTime(serverTime);
  }

  return {
    get position() {
      return position;
    },
    get late() {
      return late;
    },
    stop() {
      ahead.drop();
      return ahead.settled();
    },
    begin() {
      flowing = false;
      late = false;
      position = store.cursorOf(link);
      ahead.drop();
    },
    send,
    goBack(heldSeq) {
      const reason = `The province holds entries up to ${heldSeq} and had acknowledged up to ${position}; ${heldSeq + 1} to ${position} are sent again.`;
      position = heldSeq;
      flowing = false;
      ahead.drop();
      line.show('sending', { lastError: reason });
      next();
    },
  };
}
