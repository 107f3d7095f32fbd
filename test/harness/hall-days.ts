/**
 * `npm run hall-days [-- --days 30 --first-day 1 --counters 20 --link all --seed N]`: whole days of a hall over each link, with faults
 * of single messages, of the network, of the queue system and of tablets drawn from the seed. Exit 1 when a served
 * ticket is neither invited nor its reason named, a rating is on a wrong ticket, or anything is there twice.
 */
import { parseArgs } from 'node:util';
import { isSimLink, SIM_LINK_NAMES } from '../../tools/queue-sim/wires.ts';
import { newSeed } from './crash-chance.ts';
import { type HallDaysResult, playHallDays } from './hall-days-run.ts';

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '30' },
    'first-day': { type: 'string', default: '1' },
    counters: { type: 'string', default: '20' },
    link: { type: 'string', default: 'all' },
    seed: { type: 'string', default: String(newSeed()) },
    faults: { type: 'string', default: '0.02' },
  },
});
const links = values.link === 'all' ? SIM_LINK_NAMES : values.link.split(',').filter(isSimLink);
if (links.length === 0) {
  console.error(`No link is called ${values.link}. There are: ${SIM_LINK_NAMES.join(', ')}, all.`);
  process.exit(2);
}
const seed = Number(values.seed);
console.log(
  `seed ${seed}, ${values.days} days × ${values.counters} counters, ${Number(values.faults) * 100} % of messages at fault`,
);
for (const link of links) {
  const startedMs = performance.now();
  const result = await playHallDays({
    link,
    seed,
    days: Number(values.days),
    firstDay: Number(values['first-day']) - 1,
    counters: Number(values.counters),
    faultShare: Number(values.faults),
    onDay: (day) =>
      process.stderr.write(`  ${link}: day ${day + 1} in the evening, ${seconds(startedMs)} s\n`),
  });
  print(link, result, seconds(startedMs));
  if (result.violations.length > 0 || result.unseen.length > 0) process.exitCode = 1;
}

function print(link: string, result: HallDaysResult, took: number): void {
  const { handlings, served, ratings, outcomes, messageFaults, troubles, violations, unseen } = result;
  const none = violations.length === 0 && unseen.length === 0;
  console.log(
    `${link}: ${handlings} tickets called, ${served} served, ${ratings} ratings, faults ${JSON.stringify(messageFaults)}, ${troubles} cuts and restarts, ${took} s ${none ? 'ok' : 'WRONG'}`,
  );
  for (const [outcome, count] of Object.entries(outcomes).sort(([, a], [, b]) => b - a))
    console.log(`  ${String(count).padStart(7)}  ${outcome}`);
  for (const line of unseen.slice(0, 5)) console.log(`  not seen: ${line}`);
  if (none) return;
  const kinds = new Map<string, number>();
  for (const { what } of violations) kinds.set(what, (kinds.get(what) ?? 0) + 1);
  for (const [what, count] of kinds) console.log(`  ${count} × ${what}`);
  const [first] = violations;
  if (first) console.log(`  first: seed ${seed}, counter ${first.counter}: ${first.what}`);
  for (const line of result.history) console.log(`    ${line}`);
}

function seconds(sinceMs: number): number {
  return Math.round((performance.now() - sinceMs) / 1000);
}
