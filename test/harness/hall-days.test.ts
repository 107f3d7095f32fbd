import { expect, it } from 'vitest';
import { SIM_LINK_NAMES } from '../../tools/queue-sim/wires.ts';
import { playHallDays } from './hall-days-run.ts';

it.each(SIM_LINK_NAMES)(
  'a day of a hall with faults on the way, every served ticket accounted for: %s',
  async (link) => {
    const result = await playHallDays({ link, days: 1, counters: 3, seed: 1, faultShare: 0.03 });
    expect(result.history).toEqual([]);
    expect(result.violations).toEqual([]);
    expect(result.unseen).toEqual([]);
    expect(result.ratings).toBeGreaterThan(50);
  },
);
