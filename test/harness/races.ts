/**
 * `npm run races [-- --services 200 --seed N]`: for each service fifteen presses race, five from each source: touch
 * (frames on five screens), serial (a box on a real pty) and phone or keyboard (as presses). Online, offline, and with two
 * kiosks at one counter. The province must count each service once. Exit 1 when it does not.
 */
import { harnessOptions } from './harness-options.ts';
import { type RaceOptions, race } from './races-run.ts';

const given = harnessOptions({ command: 'npm run races', numbers: { services: 200 } });
const services = given.number('services');
const seed = given.number('seed');
console.log(`seed ${seed}, ${services} services, 3 sources, 5 racers each`);
const rounds: readonly Pick<RaceOptions, 'network' | 'kiosks'>[] = [
  { network: 'online', kiosks: 1 },
  { network: 'offline', kiosks: 1 },
  { network: 'online', kiosks: 2 },
];
for (const round of rounds) {
  const result = await race({ services, seed, ...round });
  const good =
    result.counted === services &&
    result.services === services &&
    result.secondRatingAlarms === (round.kiosks - 1) * services;
  console.log(
    `${round.network}, ${round.kiosks} kiosk(s): counted ${result.counted} of ${services}; first choices ${result.firstChoices}; alarms ${result.secondRatingAlarms}; won by ${JSON.stringify(result.wonBy)} ${good ? 'ok' : 'WRONG'}`,
  );
  if (!good) process.exitCode = 1;
}
