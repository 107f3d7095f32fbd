import type { Clock } from '../shared/clock.ts';

/** @returns a function that says true when more than `perSecond` calls fell into one second. */
export function createRateGate(clock: Clock, perSecond: number): () => boolean {
  let windowStartMs = clock.monoMs();
  let count = 0;
  return () => {
    const nowMs = clock.monoMs();
    if (nowMs - windowStartMs >= 1000) {
      windowStartMs = nowMs;
      count = 0;
    }
    count += 1;
    return count > perSecond;
  };
}
