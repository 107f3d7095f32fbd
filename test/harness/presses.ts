/**
 * `npm run presses [-- --times 1000 --seed N]`: so many services rated by a bouncing contact (5–20 ms), so many by a double
 * tap (30–500 ms), and one by a key at 10 Hz for 60 s, on a clock that is turned by hand. Each service must have exactly one
 * rating. Exit 1 when one has not.
 */
import { harnessOptions } from './harness-options.ts';
import { pressAway } from './presses-run.ts';

const given = harnessOptions({ command: 'npm run presses', numbers: { times: 1000 } });
const times = given.number('times');
const seed = given.number('seed');
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
