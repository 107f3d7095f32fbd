import type { Clock } from '../shared/clock.ts';

/** @returns a function that says true when more than `perSecond` things fell into one second. */
export function createRateGate(clock: Clock, perSecond: number): (things?: number) => boolean {
  let windowStartMs = clock.monoMs();
  let count = 0;
  return (things = 1) => {
    const nowMs = clock.monoMs();
    if (nowMs - windowStartMs >= 1000) {
      windowStartMs = nowMs;
      count = 0;
    }
    count += things;
    return count > perSecond;
  };
}

/** So many may come together before the first of them waits. */
const BURST = 10;

/** @returns a function that says how long to wait, ms, so that in the long run `perSecond` are taken; 0 = now. */
export function createPacer(clock: Clock, perSecond: number): () => number {
  const stepMs = 1000 / perSecond;
  let freeAtMs = clock.monoMs();
  return () => {
    const nowMs = clock.monoMs();
    freeAtMs = Math.max(freeAtMs, nowMs) + stepMs;
    return Math.max(0, Math.ceil(freeAtMs - nowMs - BURST * stepMs));
  };
}
