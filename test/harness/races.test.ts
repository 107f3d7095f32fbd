import { expect, it } from 'vitest';
import { type RaceOptions, race } from './races-run.ts';

const SERVICES = 12;

it.each<[string, Pick<RaceOptions, 'network' | 'kiosks'>]>([
  ['online', { network: 'online', kiosks: 1 }],
  ['offline', { network: 'offline', kiosks: 1 }],
  ['two kiosks at one counter', { network: 'online', kiosks: 2 }],
])('fifteen presses race for each service, and one counts: %s', async (_name, round) => {
  expect(await race({ services: SERVICES, seed: 1, ...round })).toMatchObject({
    counted: SERVICES,
    services: SERVICES,
    firstChoices: SERVICES * round.kiosks,
    secondRatingAlarms: SERVICES * (round.kiosks - 1),
  });
});
