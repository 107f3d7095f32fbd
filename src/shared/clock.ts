/**
 * Time as a part. Every delay in the house goes through this, so that tests turn the hands themselves.
 */
export interface Clock {
  /** Wall clock, UTC ms. May jump; never decides order. */
  nowMs(): number;
  /** Monotonic ms since an arbitrary start. */
  monoMs(): number;
  /** Calls `run` once after `ms`. @returns a function that cancels it. */
  after(ms: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monoMs: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
