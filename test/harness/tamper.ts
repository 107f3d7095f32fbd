/**
 * `npm run tamper [-- --changes 10000 --seed N]`: random changes to a good journal, by somebody who owns the
 * machine and has everything but the key. The verifier has to find every one and to name the first bad record.
 * It knows the key and the last head from elsewhere. Exit 1 when one was missed.
 */
import { harnessOptions } from './harness-options.ts';
import { tamper } from './tamper-run.ts';

const given = harnessOptions({ command: 'npm run tamper', numbers: { changes: 10_000 } });
const options = { changes: given.number('changes'), seed: given.number('seed') };
console.log(`seed ${options.seed}, ${options.changes} changes`);
const startedAtMs = performance.now();
const { tallies, missed } = tamper(options);
console.table(Object.fromEntries(tallies.map(({ kind, ...counts }) => [kind, counts])), [
  'tried',
  'found',
  'exact',
  'stretch',
  'file',
  'meaningless',
]);
const sum = (of: 'tried' | 'found') => tallies.reduce((total, tally) => total + tally[of], 0);
for (const line of missed.slice(0, 20)) console.log(line);
console.log(
  `found ${sum('found')} of ${sum('tried')}, named ${sum('tried') - missed.length}, in ${Math.round((performance.now() - startedAtMs) / 1000)} s (seed ${options.seed})`,
);
process.exitCode = missed.length > 0 ? 1 : 0;
