import { expect, it } from 'vitest';
import { runClock, sayClock } from './clock.ts';
import { CLOCK_FAULTS } from './clock-faults.ts';
import { newSeed } from './crash-chance.ts';

/** The short form of `npm run clock`. */
it.each(CLOCK_FAULTS)(
  'a clock that is wrong ($name): order right, every interval true, all delivered',
  async (fault) => {
    const result = await runClock({ fault, tickets: 3, seed: newSeed() });
    console.log(sayClock(result));
    expect(result.wrong).toEqual([]);
    // A jump forward before the first observation may have been sleep: wide, and true.
    if (!('sets' in fault)) expect(result.widestMs).toBeLessThan(60_000);
  },
);
