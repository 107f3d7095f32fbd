/**
 * DELIVERED. Sends the journal to the province over the journal protocol, every entry once and in order,
 * however long the network is away. What an answer means is decided in ./verdict.ts; this carries it out.
 * Nothing here writes to the journal or knows SQLite: the store is a few verbs, declared below.
 * Protocol and choices: docs/journal-protocol.md.
 */
import type { Clock } from '../shared/clock.ts';
import type { Signer } from '../shared/journal/suite.ts';
import type { StoredEntry } from '../shared/journal/verify.ts';
import { MAX_BATCH_BYTES, MAX_BATCH_ENTRIES } from '../shared/protocol/batch.ts';
import { assertNever, type DeviceId } from '../shared/words.ts';
import type { Post } from './answer.ts';
import { BACKOFF, type BackoffLimits, backoff, OFFLINE_CAP_MS } from './backoff.ts';
import { type Parcel, pack } from './parcel.ts';
import { type Verdict, verdict } from './verdict.ts';

/** What the uploader needs of a store. */
export interface OutboxStore {
  /** Ends with a signed entry; empty at the head; one whole commit where the limits allow less. */
  readBatch(from: {
    readonly afterSeq: number;
    readonly maxEntries: number;
    readonly maxBytes: number;
  }): readonly StoredEntry[];
  cursorOf(link: string): number;
  advanceCursor(link: string, ackedSeq: number): void;
  head(): { readonly seq: number };
  onAppended(listener: (headSeq: number) => void): () => void;
}

export type UploadStateName = 'idle' | 'sending' | 'waiting' | 'offline' | 'slowed' | 'held' | 'stopped';

/**
 * - `idle` everything is delivered · `sending` · `offline` no reply comes
 * - `waiting` the far end answers, but does not take it · `slowed` it asked for time
 * - `held` one commit is refused as malformed: everything waits behind it, somebody must look
 * - `stopped` revoked, forked, or an old copy: the device must be provisioned again
 */
export interface UploadState {
  readonly state: UploadStateName;
  /** Wall clock, UTC ms. */
  readonly sinceMs: number;
  readonly unsent: number;
  readonly ackedSeq: number;
  readonly lastError?: string;
  readonly retryAtMs?: number;
  /** Their clock minus ours, when the last acknowledgement came; right within `serverOffsetErrorMs`. */
  readonly serverOffsetMs?: number;
  readonly serverOffsetErrorMs?: number;
}

/** What the far end's clock showed, within `errorMs`, when our monotonic clock stood at `monoMs`. */
export interface ServerTime {
  readonly theirMs: number;
  readonly monoMs: number;
  readonly errorMs: number;
}

export interface UploaderParts {
  readonly store: OutboxStore;
  /** Name of the cursor. */
  readonly link: string;
  readonly post: Post;
  readonly signer: Signer;
  readonly deviceId: DeviceId;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly onState: (state: UploadState) => void;
  /** After every acknowledgement, when the uploader has gone on; may append to the journal. */
  readonly onServerTime?: (time: ServerTime) => void;
  readonly backoffLimits?: BackoffLimits;
}

export interface Uploader {
  start(): void;
  /** Gives up what is under way and waits until it has ended. Nothing is lost: it is sent at the next start. */
  stop(): Promise<void>;
  /** Somebody wants it now: ends a wait of ours, but neither a pause the province asked for nor a stop. */
  kick(): void;
  state(): UploadState;
}

/** An entry refused is looked at by people; asking more often helps nobody. */
const HELD_RETRY_MS = 5 * 60_000;
/** A new entry ends the wait for a lost network only when the last failure is this old. */
const APPEND_RETRIES_AFTER_MS = 5_000;

interface Trip {
  readonly sentMonoMs: number;
  readonly cameMonoMs: number;
}

/** They looked at their clock somewhere between our sending and its coming: the middle, and half the trip to either side. */
function serverTimeOf(theirMs: number, { sentMonoMs, cameMonoMs }: Trip): ServerTime {
  const monoMs = Math.round((sentMonoMs + cameMonoMs) / 2);
  // Both clocks are read in whole milliseconds, and the middle is rounded.
  return { theirMs, monoMs, errorMs: Math.ceil((cameMonoMs - sentMonoMs) / 2) + 2 };
}

export function createUploader(parts: UploaderParts): Uploader {
  const { store, link, post, signer, deviceId, clock, random, onState } = parts;
  const limits = parts.backoffLimits ?? BACKOFF;
  let running = false;
  /** Everything up to here is not sent again, unless the province asks for it. Not the cursor: that never goes back. */
  let position = store.cursorOf(link);
  let maxEntries = MAX_BATCH_ENTRIES;
  let attempt = 0;
  let rewound = false;
  let failedAtMonoMs = 0;
  let signWithOffsetMs = 0;
  let cancelTimer: (() => void) | undefined;
  let flight: { readonly abort: AbortController; readonly landed: Promise<void> } | undefined;
  let unsubscribe: (() => void) | undefined;
  let offset: Pick<UploadState, 'serverOffsetMs' | 'serverOffsetErrorMs'> = {};
  let shown: Omit<UploadState, 'unsent' | 'ackedSeq'> = { state: 'idle', sinceMs: clock.nowMs() };

  const current = (): UploadState => ({
    ...shown,
    unsent: store.head().seq - Math.min(position, store.cursorOf(link)),
    ackedSeq: store.cursorOf(link),
  });

  function show(state: UploadStateName, why: { lastError?: string; retryAtMs?: number } = {}): void {
    const sinceMs = shown.state === state ? shown.sinceMs : clock.nowMs();
    shown = { state, sinceMs, ...why, ...offset };
    onState(current());
  }

  function sendAfter(ms: number): void {
    cancelTimer?.();
    cancelTimer = clock.after(ms, () => {
      cancelTimer = undefined;
      send();
    });
  }

  /** Waits in a state that says why and until when. */
  function wait(state: UploadStateName, ms: number, lastError: string): void {
    sendAfter(ms);
    show(state, { lastError, retryAtMs: clock.nowMs() + Math.round(ms) });
  }

  function retryLater(offline: boolean, reason: string): void {
    failedAtMonoMs = clock.monoMs();
    const capMs = offline ? Math.min(limits.capMs, OFFLINE_CAP_MS) : limits.capMs;
    wait(offline ? 'offline' : 'waiting', backoff(attempt++, random, { ...limits, capMs }), reason);
  }

  function halt(reason: string): void {
    cancelTimer?.();
    cancelTimer = undefined;
    show('stopped', { lastError: reason });
  }

  function send(): void {
    if (!running || flight) return;
    let parcel: Parcel | undefined;
    try {
      parcel = pack(store, { deviceId, afterSeq: position, maxEntries, maxBytes: MAX_BATCH_BYTES });
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      retryLater(false, `The journal cannot be read for sending; nothing is lost. (${detail})`);
      return;
    }
    if (!parcel) {
      show('idle');
      return;
    }
    if (parcel.firstSeq !== position + 1) {
      halt(
        `The province asks for entry ${position + 1}, which this journal no longer holds. Provision the device again.`,
      );
      return;
    }
    if (shown.state !== 'sending') show('sending', shown.lastError ? { lastError: shown.lastError } : {});
    const abort = new AbortController();
    flight = { abort, landed: fly(parcel, abort.signal) };
  }

  async function fly(parcel: Parcel, signal: AbortSignal): Promise<void> {
    const request = await parcel.seal(signer, clock.nowMs() + signWithOffsetMs);
    const sentMonoMs = clock.monoMs();
    const answer = await post({ ...request, signal });
    const cameMonoMs = clock.monoMs();
    flight = undefined;
    if (!running) return;
    const nowMs = clock.nowMs();
    const { firstSeq, lastSeq, divisible } = parcel;
    obey(verdict(answer, { firstSeq, lastSeq, divisible, headSeq: store.head().seq, nowMs }), parcel, {
      sentMonoMs,
      cameMonoMs,
    });
  }

  function obey(found: Verdict, parcel: Parcel, trip: Trip): void {
    switch (found.kind) {
      case 'delivered':
        delivered(found.ackedSeq, serverTimeOf(found.serverTimeMs, trip));
        break;
      case 'retry':
        if (found.serverTimeMs !== undefined) signWithOffsetMs = found.serverTimeMs - clock.nowMs();
        retryLater(found.offline, found.reason);
        break;
      case 'slowDown':
        // Everybody was told the same number; they shall not all come back on it.
        wait('slowed', found.ms * (1 + 0.2 * random()), found.reason);
        break;
      case 'gap':
        position = found.expectedSeq - 1;
        // Once at once; a far end that keeps naming gaps and takes nothing is left alone for a while.
        if (rewound) retryLater(false, found.reason);
        else send();
        rewound = true;
        break;
      case 'split':
        maxEntries = Math.max(1, Math.floor(parcel.count / 2));
        send();
        break;
      case 'park':
        wait('held', HELD_RETRY_MS * (1 + 0.2 * random()), `Entry ${found.seq}: ${found.reason}`);
        break;
      case 'stop':
        halt(found.reason);
        break;
      default:
        assertNever(found);
    }
  }

  function delivered(ackedSeq: number, serverTime: ServerTime): void {
    position = ackedSeq;
    if (ackedSeq > store.cursorOf(link)) store.advanceCursor(link, ackedSeq);
    attempt = 0;
    rewound = false;
    maxEntries = Math.min(MAX_BATCH_ENTRIES, maxEntries * 2);
    const { theirMs, monoMs, errorMs } = serverTime;
    const theirNowMs = theirMs + (clock.monoMs() - monoMs);
    offset = { serverOffsetMs: Math.round(theirNowMs - clock.nowMs()), serverOffsetErrorMs: errorMs };
    shown = { state: 'sending', sinceMs: shown.sinceMs, ...offset };
    if (store.head().seq > position) onState(current());
    send();
    parts.onServerTime?.(serverTime);
  }

  /** Several entries of one moment become one sending, after whoever wrote them has finished. */
  function appended(): void {
    if (!running || flight) return;
    if (shown.state === 'idle') {
      if (!cancelTimer) sendAfter(0);
      return;
    }
    onState(current());
    const ripe = clock.monoMs() - failedAtMonoMs >= APPEND_RETRIES_AFTER_MS;
    if (shown.state === 'offline' && ripe) sendAfter(0);
  }

  return {
    start() {
      if (running) return;
      running = true;
      position = store.cursorOf(link);
      unsubscribe = store.onAppended(appended);
      show('idle');
      sendAfter(0);
    },
    async stop() {
      running = false;
      unsubscribe?.();
      cancelTimer?.();
      cancelTimer = undefined;
      flight?.abort.abort();
      await flight?.landed;
    },
    kick() {
      if (running && shown.state !== 'slowed' && shown.state !== 'stopped') sendAfter(0);
    },
    state: current,
  };
}
