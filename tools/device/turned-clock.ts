import type { Clock } from '../../src/shared/clock.ts';

/** A clock that goes only when it is turned. */
export interface TurnedClock extends Clock {
  /** Runs what falls due on the way, in order. Never back. */
  turnTo(monoMs: number): void;
  turn(ms: number): void;
}

export function createTurnedClock(): TurnedClock {
  let monoMs = 0;
  const waiting = new Set<{ readonly dueMs: number; readonly run: () => void }>();
  const next = (untilMs: number) =>
    [...waiting].filter(({ dueMs }) => dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs)[0];
  const turnTo = (untilMs: number) => {
    for (let due = next(untilMs); due; due = next(untilMs)) {
      waiting.delete(due);
      monoMs = Math.max(monoMs, due.dueMs);
      due.run();
    }
    monoMs = Math.max(monoMs, untilMs);
  };
  return {
    nowMs: () => Math.round(monoMs),
    monoMs: () => monoMs,
    after(ms, run) {
      const timer = { dueMs: monoMs + Math.max(0, ms), run };
      waiting.add(timer);
      return () => waiting.delete(timer);
    },
    turnTo,
    turn: (ms) => turnTo(monoMs + ms),
  };
}
