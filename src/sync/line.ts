import type { Clock } from '../shared/clock.ts';
import { type BackoffLimits, backoff, OFFLINE_CAP_MS } from './backoff.ts';
import type { UploadState, UploadStateName } from './upload-state.ts';

type Why = Pick<UploadState, 'lastError' | 'retryAtMs' | 'parkedSeq'>;
type Heard = Pick<UploadState, 'serverOffsetMs' | 'serverOffsetErrorMs' | 'provinceHolds'>;

/**
 * The line to the province, whatever goes over it: one request at a time, one timer, one state that is shown. What
 * is said over it: ./deliver.ts (batches), ./beat.ts (heartbeats).
 */
export interface Line {
  readonly running: boolean;
  /** A request is under way. */
  readonly busy: boolean;
  /** A timer is set after which is sent. */
  readonly waiting: boolean;
  /** Failures in a row. */
  readonly failures: number;
  readonly shown: Omit<UploadState, 'unsent' | 'ackedSeq'>;
  /** What a signature made now says of its time, UTC ms: by our clock, unless the province held that for wrong. */
  signedAtMs(): number;
  clockWrong(theirNowMs: number): void;
  hear(news: Heard): void;
  show(state: UploadStateName, why?: Why): void;
  /** Says the state again, because a number in it has changed. */
  say(): void;
  sendAfter(ms: number): void;
  /** Waits in a state that says why and until when. */
  wait(state: UploadStateName, ms: number, lastError: string, more?: { readonly parkedSeq?: number }): void;
  retryLater(offline: boolean, reason: string): void;
  /** A good answer came. */
  healthy(): void;
  /** Sending, with nothing wrong; it is said with what comes next. */
  onward(): void;
  /** Whether the last failure is at least this old. */
  quietFor(ms: number): boolean;
  /** Until the next start. */
  halt(reason: string): void;
  /** Whatever goes wrong inside is a failure like any other: shown, and tried again. */
  run(work: (abort: AbortController) => Promise<() => void>): void;
  start(): void;
  /** Gives up what is under way and waits until it has ended. */
  stop(): Promise<void>;
}

export function createLine(parts: {
  readonly clock: Clock;
  readonly random: () => number;
  readonly limits: BackoffLimits;
  readonly onShown: () => void;
  /** A wait is over. */
  readonly onTurn: () => void;
  readonly onHalt: () => void;
}): Line {
  const { clock, random, limits } = parts;
  let running = false;
  let failures = 0;
  let failedAtMonoMs = 0;
  let signWithOffsetMs = 0;
  let cancelTimer: (() => void) | undefined;
  let flight: { readonly abort: AbortController; readonly landed: Promise<void> } | undefined;
  let heard: Heard = {};
  let shown: Line['shown'] = { state: 'idle', sinceMs: clock.nowMs() };

  const line: Line = {
    get running() {
      return running;
    },
    get busy() {
      return flight !== undefined;
    },
    get waiting() {
      return cancelTimer !== undefined;
    },
    get failures() {
      return failures;
    },
    get shown() {
      return shown;
    },
    signedAtMs: () => clock.nowMs() + signWithOffsetMs,
    clockWrong(theirNowMs) {
      signWithOffsetMs = theirNowMs - clock.nowMs();
    },
    hear(news) {
      heard = { ...heard, ...news };
      shown = { ...shown, ...heard };
    },
    show(state, why = {}) {
      const sinceMs = shown.state === state ? shown.sinceMs : clock.nowMs();
      shown = { state, sinceMs, ...why, ...heard };
      // A wait that something else has ended: its timer would make the next entry believe that one is set for it.
      if (state === 'idle' || state === 'sending') endWait();
      parts.onShown();
    },
    say: parts.onShown,
    sendAfter(ms) {
      cancelTimer?.();
      cancelTimer = clock.after(ms, () => {
        cancelTimer = undefined;
        parts.onTurn();
      });
    },
    wait(state, ms, lastError, more = {}) {
      line.sendAfter(ms);
      line.show(state, { lastError, retryAtMs: clock.nowMs() + Math.round(ms), ...more });
    },
    retryLater(offline, reason) {
      failedAtMonoMs = clock.monoMs();
      const capMs = offline ? Math.min(limits.capMs, OFFLINE_CAP_MS) : limits.capMs;
      const ms = backoff(failures++, random, { ...limits, capMs });
      line.wait(offline ? 'offline' : 'waiting', ms, reason);
    },
    healthy() {
      failures = 0;
    },
    onward() {
      shown = { state: 'sending', sinceMs: shown.sinceMs, ...heard };
    },
    quietFor: (ms) => clock.monoMs() - failedAtMonoMs >= ms,
    halt(reason) {
      endWait();
      parts.onHalt();
      line.show('stopped', { lastError: reason });
    },
    run(work) {
      const abort = new AbortController();
      flight = { abort, landed: fly(abort, work) };
    },
    start() {
      running = true;
    },
    async stop() {
      running = false;
      endWait();
      flight?.abort.abort();
      await flight?.landed;
    },
  };

  function endWait(): void {
    cancelTimer?.();
    cancelTimer = undefined;
  }

  async function fly(abort: AbortController, work: Parameters<Line['run']>[0]): Promise<void> {
    let next: () => void;
    try {
      next = await work(abort);
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
      line.retryLater(false, `Sending failed on this side; nothing is lost. (${messageOf(error)})`);
    }
  }

  return line;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
