/**
 * `npm run tokens [-- --tokens 10000 --seed N]`: forged, replayed, expired, not yet valid, malformed and other counters'
 * served-ticket tokens, with honest ones among them, at the tablet's check and at a province that requires them. None may
 * be accepted, and no honest one refused. Exit 1 otherwise.
 */
import { harnessOptions } from './harness-options.ts';
import { runTokens } from './tokens-run.ts';

const given = harnessOptions({ command: 'npm run tokens', numbers: { tokens: 10_000 } });
const tokens = given.number('tokens');
const seed = given.number('seed');
const result = await runTokens({ tokens, seed });
const { tablet, province } = result;
console.log(`seed ${seed}: ${result.hostile} hostile tokens, ${result.honest} honest ones among them`);
console.log(
  `tablet: ${tablet.hostileAccepted} accepted, ${tablet.honestRefused} honest refused; ${JSON.stringify(tablet.reasons)}`,
);
console.log(
  `province: ${province.hostileAccepted} counted, ${province.honestRefused} honest not counted; ${JSON.stringify(province.reasons)}`,
);
console.log(
  `brought again by a second tablet: ${province.broughtAgainCounted} of ${province.broughtAgain} counted`,
);
for (const line of result.accepted.slice(0, 20)) console.log(`WRONG ${line}`);
if (result.accepted.length + tablet.honestRefused + province.honestRefused + province.broughtAgainCounted > 0)
  process.exitCode = 1;
