/**
 * `npm run chaos [-- --ratings 10000 --seeds 5 --seed N --tls]`: ratings in all, over so many seeds; a seed can be
 * repeated. DATABASE_URL names a PostgreSQL for the province; without it the embedded database.
 */
import { parseArgs } from 'node:util';
import { runChaos } from './chaos-run.ts';

const { values } = parseArgs({
  options: {
    ratings: { type: 'string', default: '400' },
    seeds: { type: 'string', default: '2' },
    seed: { type: 'string' },
    tls: { type: 'boolean', default: false },
  },
});
const first = values.seed === undefined ? Math.floor(Math.random() * 1_000_000) : Number(values.seed);
const seeds = Number(values.seeds);
const each = Math.ceil(Number(values.ratings) / seeds);
if (![first, seeds, each].every((number) => Number.isSafeInteger(number) && number > 0))
  throw new Error('Give whole numbers: --ratings, --seeds, --seed.');

let wrong = 0;
for (let seed = first; seed < first + seeds; seed++) {
  const { tls } = values;
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
