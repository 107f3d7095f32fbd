import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BACKOFF, backoff } from './backoff.ts';

it('doubles its upper bound until the cap, and stays there for years', () => {
  const longest = (attempt: number) => backoff(attempt, () => 1 - Number.EPSILON);
  expect([0, 1, 2, 3, 8, 9, 100, 1e9].map(longest)).toEqual([
    1_000, 2_000, 4_000, 8_000, 256_000, 300_000, 300_000, 300_000,
  ]);
});

it('uses the whole range, so that nobody comes back together', () => {
  expect(backoff(5, () => 0.5)).toBe(16_000);
  expect(backoff(5, () => 0)).toBe(200);
});

it('is never a loop and never beyond the cap', () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, draw) => {
      const ms = backoff(attempt, () => draw);
      expect(ms).toBeGreaterThanOrEqual(200);
      expect(ms).toBeLessThanOrEqual(BACKOFF.capMs);
    }),
  );
});
