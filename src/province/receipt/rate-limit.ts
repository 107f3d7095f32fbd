import type { Clock } from '../../shared/clock.ts';

/** Addresses remembered at the same time; the bucket of the longest silent one is forgotten first. */
const ADDRESSES_KEPT = 10_000;

/** A token bucket per address: `burst` at once, then one every `everyMs`. */
export function createRateLimit(parts: {
  readonly clock: Clock;
  readonly burst: number;
  readonly everyMs: number;
}): { take(address: string): boolean } {
  const buckets = new Map<string, { tokens: number; atMs: number }>();
  return {
    take(address) {
      const nowMs = parts.clock.monoMs();
      const before = buckets.get(address) ?? { tokens: parts.burst, atMs: nowMs };
      const tokens = Math.min(parts.burst, before.tokens + (nowMs - before.atMs) / parts.everyMs);
      const granted = tokens >= 1;
      // Deleted and set again: a Map keeps the order of insertion, so the first key is the longest silent.
      buckets.delete(address);
      buckets.set(address, { tokens: granted ? tokens - 1 : tokens, atMs: nowMs });
      if (buckets.size > ADDRESSES_KEPT) {
        const oldest = buckets.keys().next();
        if (!oldest.done) buckets.delete(oldest.value);
      }
      return granted;
    },
  };
}
