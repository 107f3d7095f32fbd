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
import { createPulse, type Echo, echoOf, sealHeartbeat } from './heartbeat.ts';
import { createLeasedPost, type Trip } from './leased-post.ts';
import { type Parcel, pack } from './parcel.ts';
import { type ServerTime, serverTimeOf, type UploadState, type UploadStateName } from './upload-state.ts';
import { type Verdict, verdict } from './verdict.ts';

export type { ServerTime, UploadState, UploadStateName } from './upload-state.ts';

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
  head(): { readonly seq: number; readonly hash: string };
  onAppended(listener: (headSeq: number) => void): () => void;
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
  /** Says how far the journal goes, also when there is nothing to send. Absent: it is not said. `boot` as in entries. */
  readonly heartbeat?: { readonly everyMs: number; readonly boot: string };
  /** The first sending comes within this time, drawn: a hall switches its tablets on together. */
  readonly spreadMs?: number;
  /** How long a request may be under way at the longest; above the transport's own limit. */
  readonly leaseMs?: number;
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

/** Above the longest time limit a site can set for a request. */
const LEASE_MS = 5 * 60_000;

export function createUploader(parts: UploaderParts): Uploader {
  const { store, link, signer, deviceId, clock, random, onState, heartbeat } = parts;
  const post = createLeasedPost({ post: parts.post, clock, leaseMs: parts.leaseMs ?? LEASE_MS });
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
  const pulse = heartbeat && createPulse({ clock, random, everyMs: heartbeat.everyMs, onDue: beatNow });
  let heard: Pick<UploadState, 'serverOffsetMs' | 'serverOffsetErrorMs' | 'provinceHolds'> = {};
  let shown: Omit<UploadState, 'unsent' | 'ackedSeq'> = { state: 'idle', sinceMs: clock.nowMs() };

  const current = (): UploadState => ({
    ...shown,
    unsent: store.head().seq - Math.min(position, store.cursorOf(link)),
    ackedSeq: store.cursorOf(link),
  });

  function show(
    state: UploadStateName,
    why: Pick<UploadState, 'lastError' | 'retryAtMs' | 'parkedSeq'> = {},
  ): void {
    const sinceMs = shown.state === state ? shown.sinceMs : clock.nowMs();
    shown = { state, sinceMs, ...why, ...heard };
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
  function wait(
    state: UploadStateName,
    ms: number,
    lastError: string,
    more: { parkedSeq?: number } = {},
  ): void {
    sendAfter(ms);
    show(state, { lastError, retryAtMs: clock.nowMs() + Math.round(ms), ...more });
  }

  function retryLater(offline: boolean, reason: string): void {
    failedAtMonoMs = clock.monoMs();
    const capMs = offline ? Math.min(limits.capMs, OFFLINE_CAP_MS) : limits.capMs;
    wait(offline ? 'offline' : 'waiting', backoff(attempt++, random, { ...limits, capMs }), reason);
  }

  function halt(reason: string): void {
    cancelTimer?.();
    cancelTimer = undefined;
    pulse?.stop();
    show('stopped', { lastError: reason });
  }

  function send(): void {
    if (!running || flight) return;
    const unsent = store.head().seq > position;
    // After a failure what is unsent goes first: it asks the same question of the network.
    if (pulse?.due && !(unsent && attempt > 0)) {
      beat();
      return;
    }
    let parcel: Parcel | undefined;
    try {
      parcel = pack(store, { deviceId, afterSeq: position, maxEntries, maxBytes: MAX_BATCH_BYTES });
    } catch (error) {
      retryLater(false, `The journal cannot be read for sending; nothing is lost. (${messageOf(error)})`);
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
    flight = { abort, landed: fly(parcel, abort) };
  }

  async function fly(parcel: Parcel, abort: AbortController): Promise<void> {
    const { firstSeq, lastSeq, divisible } = parcel;
    await underWay(abort, async () => {
      const request = await parcel.seal(signer, clock.nowMs() + signWithOffsetMs);
      const [answer, trip] = await post(request, abort);
      return () => obey(verdict(answer, { ...ours(), firstSeq, lastSeq, divisible }), parcel, trip);
    });
  }

  /** Whatever goes wrong inside is a failure like any other: shown, and tried again. */
  async function underWay(abort: AbortController, work: () => Promise<() => void>): Promise<void> {
    let next: () => void;
    try {
      next = await work();
    } catch (error) {
      next = () => {
        throw error;
      };
    }
    if (flight?.abort === abort) flight = undefined;
    if (!running) return;
    try {
      next();
    } catch (error) {
      retryLater(false, `Sending failed on this side; nothing is lost. (${messageOf(error)})`);
    }
  }

  const ours = () => ({ headSeq: store.head().seq, nowMs: clock.nowMs(), hashOf });

  function hashOf(seq: number): string | undefined {
    const entries = store.readBatch({ afterSeq: seq - 1, maxEntries: 1, maxBytes: MAX_BATCH_BYTES });
    return entries.find((entry) => entry.seq === seq)?.hash;
  }

  /** Idle, or held at an entry: then nothing else would ask the province. Elsewhere `send` sees that it is due. */
  function beatNow(): void {
    if (!running || flight) return;
    if (shown.state === 'idle' || shown.state === 'held') beat();
  }

  function beat(): void {
    if (!heartbeat) return;
    const { seq: headSeq, hash: headHash } = store.head();
    const { parkedSeq } = shown;
    const request = sealHeartbeat(
      {
        headSeq,
        headHash,
        ackedSeq: store.cursorOf(link),
        boot: heartbeat.boot,
        mono: Math.max(0, Math.floor(clock.monoMs())),
        ...(parkedSeq === undefined ? {} : { parkedSeq }),
      },
      { signer, deviceId, nowMs: clock.nowMs() + signWithOffsetMs },
    );
    const abort = new AbortController();
    const landed = underWay(abort, async () => {
      const [answer, trip] = await post(request, abort);
      if (answer.kind === 'reply') pulse?.sent();
      return () => obeyEcho(echoOf(answer, ours()), trip);
    });
    flight = { abort, landed };
  }

  function obeyEcho(echo: Echo, trip: Trip): void {
    const held = shown.state === 'held';
    switch (echo.kind) {
      case 'holds':
        attempt = 0;
        heard = { ...heard, provinceHolds: { seq: echo.heldSeq, atMs: clock.nowMs() } };
        clockSeen(serverTimeOf(echo.serverTimeMs, trip));
        shown = { ...shown, ...heard };
        if (echo.heldSeq < position) goBack(echo.heldSeq);
        else if (held) onState(current());
        else send();
        parts.onServerTime?.(serverTimeOf(echo.serverTimeMs, trip));
        return;
      case 'retry':
        if (echo.serverTimeMs !== undefined) signWithOffsetMs = echo.serverTimeMs - clock.nowMs();
        if (!held) retryLater(echo.offline, echo.reason);
        return;
      case 'slowDown':
        if (!held) wait('slowed', echo.ms * (1 + 0.2 * random()), echo.reason);
        return;
      case 'stop':
        halt(echo.reason);
        return;
      case 'nothing':
        if (!held) send();
        return;
      default:
        assertNever(echo);
    }
  }

  /** The province has lost what it had acknowledged; it gets it again. */
  function goBack(heldSeq: number): void {
    const reason = `The province holds entries up to ${heldSeq} and had acknowledged up to ${position}; ${heldSeq + 1} to ${position} are sent again.`;
    position = heldSeq;
    show('sending', { lastError: reason });
    send();
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
        wait('held', HELD_RETRY_MS * (1 + 0.2 * random()), `Entry ${found.seq}: ${found.reason}`, {
          parkedSeq: found.seq,
        });
        break;
      case 'stop':
        halt(found.reason);
        break;
      default:
        assertNever(found);
    }
  }

  function clockSeen({ theirMs, monoMs, errorMs }: ServerTime): void {
    const theirNowMs = theirMs + (clock.monoMs() - monoMs);
    const serverOffsetMs = Math.round(theirNowMs - clock.nowMs());
    heard = { ...heard, serverOffsetMs, serverOffsetErrorMs: errorMs };
  }

  function delivered(ackedSeq: number, serverTime: ServerTime): void {
    position = ackedSeq;
    if (ackedSeq > store.cursorOf(link)) store.advanceCursor(link, ackedSeq);
    attempt = 0;
    rewound = false;
    maxEntries = Math.min(MAX_BATCH_ENTRIES, maxEntries * 2);
    clockSeen(serverTime);
    shown = { state: 'sending', sinceMs: shown.sinceMs, ...heard };
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
      pulse?.start();
      sendAfter((parts.spreadMs ?? 0) * random());
    },
    async stop() {
      running = false;
      unsubscribe?.();
      pulse?.stop();
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
