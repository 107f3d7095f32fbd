import { expect, it } from 'vitest';
import { type Hand, pressAway } from './presses-run.ts';

/** The short form of `npm run presses`. */
it.each<[Hand, number]>([
  ['bounces', 40],
  ['doubleTaps', 40],
  ['hammering', 600],
])('%s give exactly one rating for each service', async (hand, times) => {
  const services = hand === 'hammering' ? 1 : times;
  const result = await pressAway({ hand, times, seed: 7 });
  expect(result).toMatchObject({ services, ratings: services, rated: services, choices: services });
});
