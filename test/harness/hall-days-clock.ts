import type { Clock } from '../../src/shared/clock.ts';

/**
 * Time of a simulated hall: it runs as the machine's, so that sockets, brokers and databases are what they are, and
 * between two acts of the hall it is moved on. What falls due on the way happens in its order, at its own time.
 */
export interface HallClock extends Clock {
  /** Moves on to this time, UTC ms; not back. */
  moveTo(atMs: number): void;
  stop(): void;
}

interface Timer {
  readonly dueMs: number;
  readonly run: () => void;
  over: boolean;
}

export function createHallClock(startMs: number): HallClock {
  const realStartMs = performance.now();
  /** Soonest last. */
  const waiting: Timer[] = [];
  let skippedMs = 0;
  /** While timers run: the time that they fall due. */
  let heldMs: number | null = null;
  let alarm: NodeJS.Timeout | undefined;

  const monoMs = () => heldMs ?? performance.now() - realStartMs + skippedMs;

  const put = (timer: Timer) => {
    let low = 0;
    let high = waiting.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((waiting[middle]?.dueMs ?? 0) > timer.dueMs) low = middle + 1;
      else high = middle;
    }
    waiting.splice(low, 0, timer);
  };

  const run = (untilMs: number) => {
    for (let next = waiting.at(-1); next && next.dueMs <= untilMs; next = waiting.at(-1)) {
      waiting.pop();
      if (next.over) continue;
      heldMs = Math.max(heldMs ?? 0, next.dueMs);
      next.run();
    }
  };

  const setAlarm = () => {
    clearTimeout(alarm);
    const next = waiting.at(-1);
    if (!next) return;
    alarm = setTimeout(
      () => {
        const nowMs = monoMs();
        heldMs = nowMs;
        run(nowMs);
        heldMs = null;
        setAlarm();
      },
      Math.max(0, next.dueMs - monoMs()),
    );
  };

  return {
    monoMs,
    nowMs: () => Math.round(startMs + monoMs()),
    after(ms, todo) {
      const timer: Timer = { dueMs: monoMs() + Math.max(0, ms), run: todo, over: false };
      put(timer);
      if (heldMs === null && waiting.at(-1) === timer) setAlarm();
      return () => {
        timer.over = true;
      };
    },
    moveTo(atMs) {
      const untilMs = atMs - startMs;
      const fromMs = monoMs();
      if (untilMs <= fromMs) return;
      heldMs = fromMs;
      run(untilMs);
      heldMs = null;
      skippedMs = untilMs - (performance.now() - realStartMs);
      setAlarm();
    },
    stop() {
      clearTimeout(alarm);
      waiting.length = 0;
    },
  };
}
