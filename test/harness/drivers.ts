/**
 * `npm run drivers [-- --rounds 20]`: kills (SIGSEGV, SIGABRT, SIGKILL) and hangs (SIGSTOP) the process of the line's
 * driver while the citizen is asked, between press and answer, and when the rating is frozen. The kiosk stays up, the
 * driver is back within three seconds, a press after that counts, nothing thanked for is lost. Exit 1 when not.
 */
import { parseArgs } from 'node:util';
import { figure, table } from '../bench/figures.ts';
import { hurtDrivers } from './drivers-run.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } });
const result = await hurtDrivers({
  rounds: Number(values.rounds),
  onRound: ({ signal, moment, shownMs, backMs }) =>
    console.log(
      `${signal} ${moment}: shown after ${shownMs.toFixed(0)} ms, back after ${backMs.toFixed(0)} ms`,
    ),
});
const { rounds, thanked, lost, deaf, quitMs } = result;
const slowest = Math.max(...rounds.map(({ backMs }) => backMs));
console.log(
  `\n${table([
    figure(
      'driver hurt → shown',
      'ms',
      rounds.map(({ shownMs }) => shownMs),
    ),
    figure(
      'driver hurt → back',
      'ms',
      rounds.map(({ backMs }) => backMs),
    ),
    figure('quit while the driver hangs', 'ms', [quitMs]),
  ])}\n\nslowest return ${slowest.toFixed(0)} ms; thanked for ${thanked}, of them lost ${lost.length}; presses after a return that did not count ${deaf}`,
);
for (const line of lost) console.log(line);
if (slowest > 3_000 || lost.length > 0 || deaf > 0 || quitMs > 1_000) process.exitCode = 1;
