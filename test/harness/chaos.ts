/**
 * `npm run chaos [-- --ratings 10000 --seeds 5 --seed N --tls]`: ratings in all, over so many seeds; a seed can be
 * repeated. DATABASE_URL names a PostgreSQL for the province; without it the embedded database.
 */

import { runChaos } from './chaos-run.ts';
import { harnessOptions } from './harness-options.ts';

const given = harnessOptions({
  command: 'npm run chaos',
  numbers: { ratings: 400, seeds: 2 },
  switches: ['tls'],
});
const first = given.number('seed');
const seeds = given.number('seeds');
const each = Math.ceil(given.number('ratings') / seeds);

let wrong = 0;
for (let seed = first; seed < first + seeds; seed++) {
  const tls = given.on('tls');
  console.log(`seed ${seed}, ${each} ratings`);
  const result = await runChaos({ seed, tls, ratings: each, kills: each > 1_000 ? 6 : 2, restarts: 10 });
  wrong += result.lost + result.doubled + result.disordered;
  const { seconds, alarms, ...counts } = result;
  const line = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  console.log(
    [...line, tls ? 'TLS' : 'plain', `alarms ${JSON.stringify(alarms)}`, `${seconds.toFixed(1)} s`].join(
      ' · ',
    ),
  );
}
if (wrong > 0) process.exitCode = 1;
