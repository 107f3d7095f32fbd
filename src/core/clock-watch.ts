import type { Clock } from '../shared/clock.ts';
import type { Draft } from '../shared/journal/entry.ts';
import type { ServerTime } from '../sync/uploader.ts';

/**
 * Writes into the journal what is known of time: what the province's clock showed, and that ours was moved.
 * Seldom, so that entries of time stay few beside those of citizens, and never because of anything a citizen
 * did (docs/time.md).
 */
export interface ClockWatch {
  start(): void;
  stop(): void;
  /** An acknowledgement told the far end's time. */
  observed(time: ServerTime): void;
}

/** Between two entries of a sort, whatever the clocks do. */
const SELDOM_MS = 15 * 60_000;
/** After this an observation is written although nothing moved. */
const AT_LEAST_MS = 60 * 60_000;
const MOVED_MS = 200;
const JUMPED_MS = 1_000;
const LOOK_EVERY_MS = 2_000;
const DRIFT_PPM = 700;

interface Written {
  readonly time: ServerTime;
  readonly offsetMs: number;
}

export function createClockWatch(parts: {
  readonly clock: Clock;
  /** Name of the link in the entries. */
  readonly link: string;
  /** @returns whether it was frozen; what was not is tried again with what is known then. */
  readonly append: (draft: Draft) => boolean;
}): ClockWatch {
  const { clock, link, append } = parts;
  let written: Written | undefined;
  /** Wall minus monotonic clock, as the journal's readers were last told. */
  let told = clock.nowMs() - clock.monoMs();
  let jumpToldAtMonoMs = -Infinity;
  let cancel: () => void = () => {};

  function due(time: ServerTime, offsetMs: number): boolean {
    if (!written) return true;
    const agoMs = time.monoMs - written.time.monoMs;
    if (agoMs < SELDOM_MS) return false;
    if (agoMs >= AT_LEAST_MS) return true;
    const room = time.errorMs + written.time.errorMs + MOVED_MS;
    // The wall clock was set; or the monotonic one stood still, as it does while a machine sleeps.
    const apartMs = time.theirMs - written.time.theirMs - agoMs;
    return (
      Math.abs(offsetMs - written.offsetMs) > room || Math.abs(apartMs) > room + (agoMs * DRIFT_PPM) / 1e6
    );
  }

  function look(): void {
    cancel = clock.after(LOOK_EVERY_MS, look);
    const monoMs = clock.monoMs();
    const difference = clock.nowMs() - monoMs;
    const byMs = Math.round(difference - told);
    if (Math.abs(byMs) <= JUMPED_MS || monoMs - jumpToldAtMonoMs < SELDOM_MS) return;
    if (!append({ kind: 'clock.jumped', body: { byMs } })) return;
    told = difference;
    jumpToldAtMonoMs = monoMs;
  }

  return {
    start() {
      cancel = clock.after(LOOK_EVERY_MS, look);
    },
    stop() {
      cancel();
    },
    observed(time) {
      const nowMs = clock.nowMs();
      const monoMs = clock.monoMs();
      const offsetMs = Math.round(time.theirMs + (monoMs - time.monoMs) - nowMs);
      if (!due(time, offsetMs)) return;
      const before = written;
      // Appending makes the uploader go on, and that may come back here.
      written = { time, offsetMs };
      const { theirMs, errorMs } = time;
      const mono = Math.max(0, Math.floor(time.monoMs));
      const frozen = append({ kind: 'clock.observed', body: { link, mono, theirMs, errorMs, offsetMs } });
      if (!frozen) written = before;
    },
  };
}
