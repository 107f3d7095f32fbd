/**
 * `npm run fuzz-queue [-- --messages 1000000 --seed N --link mqtt]`: hostile messages through each queue link's reader
 * and follower. Exit 1 when one throws, leads to an event that is none, is written into a log, or memory grows.
 */
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { newSeed } from './crash-chance.ts';
import { FUZZED_LINKS } from './fuzz-queue-readers.ts';
import { fuzzQueueLink } from './fuzz-queue-run.ts';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(newSeed()) },
    link: { type: 'string' },
  },
});
const GROWTH_LIMIT_BYTES = 32 * 2 ** 20;
// Memory is judged by what is really held.
setFlagsFromString('--expose-gc');
Reflect.set(globalThis, 'gc', runInNewContext('gc'));

const seed = Number(values.seed);
const messages = Number(values.messages);
console.log(`seed ${seed}, ${messages} messages for each link`);
for (const link of FUZZED_LINKS) {
  if (values.link !== undefined && values.link !== link.name) continue;
  const startedMs = performance.now();
  const result = fuzzQueueLink(link, { messages, seed });
  const good = result.wrong.length === 0 && result.grownBytes < GROWTH_LIMIT_BYTES;
  console.log(
    `${link.name}: ${result.events} events, ${result.refused} refused, ${result.logLines} log lines, grown ${(result.grownBytes / 2 ** 20).toFixed(1)} MiB, ${Math.round((performance.now() - startedMs) / 1000)} s ${good ? 'ok' : 'WRONG'}`,
  );
  for (const line of result.wrong) console.log(`  ${line}`);
  if (!good) process.exitCode = 1;
}
