/**
 * `npm run fuzz-queue [-- --messages 1000000 --seed N --link mqtt]`: hostile messages through each queue link's reader
 * and follower. Exit 1 when one throws, leads to an event that is none, is written into a log, or memory grows.
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { FUZZED_LINKS } from './fuzz-queue-readers.ts';
import { fuzzQueueLink } from './fuzz-queue-run.ts';
import { harnessOptions } from './harness-options.ts';

const given = harnessOptions({
  command: 'npm run fuzz-queue',
  numbers: { messages: 1_000_000 },
  words: { link: FUZZED_LINKS.map(({ name }) => name) },
});
const GROWTH_LIMIT_BYTES = 32 * 2 ** 20;
// Memory is judged by what is really held.
setFlagsFromString('--expose-gc');
Reflect.set(globalThis, 'gc', runInNewContext('gc'));

const seed = given.number('seed');
const messages = given.number('messages');
console.log(`seed ${seed}, ${messages} messages for each link`);
for (const link of FUZZED_LINKS) {
  if ((given.word('link') ?? link.name) !== link.name) continue;
  const startedMs = performance.now();
  const result = fuzzQueueLink(link, { messages, seed });
  const good = result.wrong.length === 0 && result.grownBytes < GROWTH_LIMIT_BYTES;
  console.log(
    `${link.name}: ${result.events} events, ${result.refused} refused, ${result.logLines} log lines, grown ${(result.grownBytes / 2 ** 20).toFixed(1)} MiB, ${Math.round((performance.now() - startedMs) / 1000)} s ${good ? 'ok' : 'WRONG'}`,
  );
  for (const line of result.wrong) console.log(`  ${line}`);
  if (!good) process.exitCode = 1;
}
