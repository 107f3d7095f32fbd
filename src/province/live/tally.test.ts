import { describe, expect, it } from 'vitest';
import { businessDay, maySpeak } from './tally.ts';

describe('published counts', () => {
  it('stand still until a whole group has come', () => {
    expect([0, 4, 5, 9].map((total) => maySpeak(total, 0, 5))).toEqual([false, false, true, true]);
    expect([6, 9, 10].map((total) => maySpeak(total, 5, 5))).toEqual([false, false, true]);
  });

  it('never move by one, whatever is set', () => {
    expect(maySpeak(1, 0, 1)).toBe(false);
    expect(maySpeak(6, 5, 0)).toBe(false);
  });

  it('belong to a day that begins at midnight in the halls', () => {
    const lateEvening = Date.UTC(2026, 4, 6, 15, 59, 59, 999);
    expect(businessDay(lateEvening)).toMatchObject({ name: '2026-05-06', toMs: lateEvening + 1 });
    expect(businessDay(lateEvening + 1)).toMatchObject({ name: '2026-05-07', fromMs: lateEvening + 1 });
  });
});
