/**
 * `npm run presses [-- --times 1000 --seed N]`: so many services rated by a bouncing contact (5–20 ms), so many by a double
 * tap (30–500 ms), and one by a key at 10 Hz for 60 s, on a clock that is turned by hand. Each service must have exactly one
 * rating. Exit 1 when one has not.
 */
import { parseArgs } from 'node:util';
import { pressAway } from './presses-run.ts';

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const times = Number(values.times);
const seed = Number(values.seed);
console.log(`seed ${seed}`);
for (const [hand, count] of [
  ['bounces', times],
  ['doubleTaps', times],
  ['hammering', 600],
] as const) {
  const result = await pressAway({ hand, times: count, seed });
  const good = result.ratings === result.services && result.rated === result.services;
  console.log(
    `${hand}: ${result.signals} signals, ${result.choices} choices, ${result.ratings} ratings of ${result.services} services ${good ? 'ok' : 'WRONG'}`,
  );
  if (!good) process.exitCode = 1;
}
