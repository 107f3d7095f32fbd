import { describe, expect, it } from 'vitest';
import { createPacing } from './pacing.ts';

const LIMITS = { uploadsAtOnce: 4, retryAfterS: 2, retryAfterMostS: 60 };

describe('createPacing', () => {
  it('lets in as many as it may, and one more for each that leaves', () => {
    const pacing = createPacing(LIMITS);
    expect(Array.from({ length: 5 }, () => pacing.enter())).toEqual([true, true, true, true, false]);
    pacing.leave();
    expect([pacing.enter(), pacing.enter(), pacing.working]).toEqual([true, false, 4]);
  });

  it('sends the next away for longer, the more were turned away, up to the most', () => {
    const pacing = createPacing(LIMITS);
    const told = Array.from({ length: 200 }, () => {
      pacing.enter();
      return pacing.retryAfterS;
    });
    expect(told.slice(0, 4)).toEqual([2, 2, 2, 2]);
    expect(told.slice(7, 9)).toEqual([4, 5]);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.at(-1)).toBe(60);
  });

  it('forgets the crowd as it is served, and at once when there is nothing to do', () => {
    const pacing = createPacing(LIMITS);
    for (let device = 0; device < 12; device++) pacing.enter();
    const crowded = pacing.retryAfterS;
    for (let served = 0; served < 8; served++) {
      pacing.leave();
      pacing.enter();
    }
    expect(pacing.retryAfterS).toBeLessThan(crowded);
    for (let rest = 0; rest < 4; rest++) pacing.leave();
    expect(pacing.retryAfterS).toBe(2);
  });
});
