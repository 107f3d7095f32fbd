import type { Clock } from '../../src/shared/clock.ts';

export interface FakeClock extends Clock {
  /** Runs everything that falls due in the next `ms`, in order of time, also what those set themselves. */
  advance(ms: number): void;
  /** Moves only the wall clock, as somebody setting it would. */
  jumpWall(ms: number): void;
  /** Delays that still wait. */
  readonly pending: number;
}

/** A clock that stands still until a test moves it. */
export function createFakeClock(startMs = Date.UTC(2026, 4, 6, 1, 0, 0)): FakeClock {
  let mono = 0;
  let wallOffset = startMs;
  let order = 0;
  const waiting = new Set<{ readonly dueMs: number; readonly order: number; readonly run: () => void }>();

  const next = (untilMs: number) =>
    [...waiting]
      .filter((timer) => timer.dueMs <= untilMs)
      .sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)[0];

  return {
    nowMs: () => Math.round(wallOffset + mono),
    monoMs: () => mono,
    after(ms, run) {
      const timer = { dueMs: mono + Math.max(0, ms), order: order++, run };
      waiting.add(timer);
      return () => waiting.delete(timer);
    },
    advance(ms) {
      const untilMs = mono + ms;
      for (let timer = next(untilMs); timer; timer = next(untilMs)) {
        waiting.delete(timer);
        mono = timer.dueMs;
        timer.run();
      }
      mono = untilMs;
    },
    jumpWall(ms) {
      wallOffset += ms;
    },
    get pending() {
      return waiting.size;
    },
  };
}
