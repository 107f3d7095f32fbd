import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';

const settings = { firstMs: 500, capMs: 15_000 };

describe('waiting before the next try', () => {
  it('starts within the first wait and doubles', () => {
    expect([1, 2, 3, 4].map((attempt) => backoffMs(attempt, settings, () => 1))).toEqual([
      500, 1000, 2000, 4000,
    ]);
  });

  it('never exceeds the cap, however long the queue system is away', () => {
    expect(backoffMs(10_000, settings, () => 1)).toBe(15_000);
  });

  it('spreads over the upper half only, so nobody retries at once', () => {
    expect(backoffMs(1, settings, () => 0)).toBe(250);
    expect(backoffMs(99, settings, () => 0)).toBe(7_500);
  });
});
