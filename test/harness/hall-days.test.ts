import { expect, it } from 'vitest';
import { playHallDays } from './hall-days-run.ts';

/** One that is told by a socket, one by a broker and one by a clerk; the others run in the long form. */
const LINKS = ['rate-service', 'mqtt', 'manual'] as const;

it.each(LINKS)(
  'a day of a hall with faults on the way, every served ticket accounted for: %s',
  async (link) => {
    const result = await playHallDays({ link, days: 1, counters: 3, seed: 1, faultShare: 0.03 });
    expect(result.history).toEqual([]);
    expect(result.violations).toEqual([]);
    expect(result.unseen).toEqual([]);
    expect(result.ratings).toBeGreaterThan(50);
  },
);
