/**
 * `npm run replug [-- --cycles 200 --unread 20]`: pulls and plugs the cable of a box on a pty under a running kiosk, and
 * ends drivers whose box does not read. Shown and reopened within two seconds, no press lost after a return, quit within
 * a second. Event loops: how long each stood still, beside an idle process on the same machine. Exit 1 when not.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { figure, table } from '../bench/figures.ts';
import { replug, unread } from './replug-run.ts';

const { values } = parseArgs({
  options: { cycles: { type: 'string', default: '200' }, unread: { type: 'string', default: '20' } },
});
const idle = idleProcess();
const { cycles, pressed, counted, stoodStill } = await replug({ cycles: Number(values.cycles) });
const idleMs = idle.end();
const { quitMs, filled, stoodStillMs } = await unread({ times: Number(values.unread) });
const shown = cycles.map(({ shownMs }) => shownMs);
const reopened = cycles.map(({ reopenedMs }) => reopenedMs);
console.log(
  table([
    figure('pulled → shown', 'ms', shown),
    figure('plugged → open again', 'ms', reopened),
    figure('quit with a box that does not read', 'ms', quitMs),
  ]),
);
console.log(
  `\nslowest: shown ${Math.max(...shown).toFixed(0)} ms, open again ${Math.max(...reopened).toFixed(0)} ms, quit ${Math.max(...quitMs).toFixed(0)} ms`,
);
console.log(`presses after a return: ${pressed}, counted ${counted}`);
for (const [what, { maxMs, workedMs }] of stoodStill)
  console.log(
    `event loop of ${what} stood still at most ${maxMs.toFixed(0)} ms; without a pause it worked at most ${workedMs.toFixed(0)} ms`,
  );
console.log(
  `an idle process beside them stood still ${idleMs.toFixed(0)} ms; the core's side while a box does not read: ${stoodStillMs.toFixed(0)} ms`,
);
const kept =
  Math.max(...shown) <= 2_000 &&
  Math.max(...reopened) <= 2_000 &&
  Math.max(...quitMs) <= 1_000 &&
  counted === pressed &&
  filled === quitMs.length;
if (!kept) process.exitCode = 1;

/** What the machine itself does to an event loop that has nothing to do. */
function idleProcess(): { end(): number } {
  const folder = mkdtempSync(join(tmpdir(), 'yiping-idle-'));
  const watch = pathToFileURL(join(import.meta.dirname, 'loop-watch.mjs')).href;
  writeFileSync(join(folder, 'begin'), '');
  const child = spawn(process.execPath, [`--import=${watch}`, '-e', 'setInterval(() => {}, 1000)'], {
    env: { ...process.env, YIPING_LOOP_WATCH: folder },
    stdio: 'ignore',
  });
  process.once('exit', () => child.kill('SIGKILL'));
  return {
    end() {
      child.kill('SIGKILL');
      const [name] = readdirSync(folder).filter((file) => file.endsWith('.json'));
      const maxMs = name ? Number(JSON.parse(readFileSync(join(folder, name), 'utf8')).maxMs) : Number.NaN;
      rmSync(folder, { recursive: true, force: true });
      return maxMs;
    },
  };
}
