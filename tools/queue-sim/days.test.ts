import { expect, it } from 'vitest';
import { CLOSES_MS, OPENS_MS, planDay } from './days.ts';

const PLAN = { seed: 7, counters: ['1', '2', '3', '4'] } as const;

it('is the same day for the same seed, and another day for another', () => {
  expect(planDay({ ...PLAN, day: 0 })).toEqual(planDay({ ...PLAN, day: 0 }));
  expect(planDay({ ...PLAN, day: 1 })).not.toEqual(planDay({ ...PLAN, day: 0 }));
  expect(planDay({ ...PLAN, seed: 8, day: 0 })).not.toEqual(planDay({ ...PLAN, day: 0 }));
});

it('has everything a hall has, while it is open, in order', () => {
  const acts = Array.from({ length: 10 }, (_, day) => planDay({ ...PLAN, day }));
  const kinds = new Set(acts.flat().map(({ act }) => act));
  expect([...kinds].sort()).toEqual(
    ['call', 'pause', 'recall', 'relieve', 'resume', 'served', 'skip', 'transfer'].sort(),
  );
  for (const day of acts) {
    const times = day.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(OPENS_MS);
    expect(times.at(-1)).toBeLessThan(CLOSES_MS + 45 * 60_000);
  }
});

it('is some sixty tickets a counter, more in the rush, few at lunch', () => {
  const calls = planDay({ ...PLAN, day: 3 }).filter(({ act }) => act === 'call');
  expect(calls.length / PLAN.counters.length).toBeGreaterThan(40);
  expect(calls.length / PLAN.counters.length).toBeLessThan(120);
  const within = (from: number, to: number) =>
    calls.filter(({ atMs }) => atMs >= from * 3_600_000 && atMs < to * 3_600_000).length;
  expect(within(10, 11)).toBeGreaterThan(within(12, 13));
});
