/**
 * `npm run bench [-- NAME …] [--runs N]`, the names are the table below: figures, never verdicts. Ratios hold only within one run;
 * absolute times hold for the machine that is named above them.
 */
import { existsSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { prepareMachine } from '../../tools/preflight/preflight.ts';
import { resolveRuntime } from '../../tools/runtime/runtime.ts';
import { benchAct } from './act.ts';
import { benchBacklog } from './backlog.ts';
import { benchDrain } from './drain.ts';
import { type Figure, table } from './figures.ts';
import { benchIngest } from './ingest.ts';
import { benchPouch } from './pouch.ts';
import { benchPress } from './press.ts';
import { benchQueue } from './queue-latency.ts';
import { benchQueueLoss } from './queue-loss.ts';
import { benchIdle, benchStartUp } from './start-up.ts';
import { benchTapDraining } from './tap-draining.ts';
import { benchPresses } from './taps.ts';
import { benchYear } from './year.ts';

const BENCHES: Readonly<Record<string, (runs: number | undefined) => Promise<readonly Figure[]>>> = {
  start: (runs) => benchStartUp(runs ?? 10),
  idle: (runs) => benchIdle(runs ?? 3),
  presses: (runs) => benchPresses(runs ?? 60),
  act: (runs) => benchAct(runs ?? 200),
  backlog: (runs) => benchBacklog(100_000, runs ?? 5),
  'tap-draining': (runs) => benchTapDraining(100_000, runs ?? 2),
  drain: (runs) => benchDrain(100_000, runs ?? 3),
  year: (runs) => benchYear(runs ?? 30),
  ingest: (runs) => benchIngest(50_000, runs ?? 3),
  pouch: (runs) => benchPouch(100_000, runs ?? 2),
  press: (runs) => benchPress(runs ?? 60),
  queue: async (runs) => [...(await benchQueue(runs ?? 200)), ...(await benchQueueLoss(runs ?? 12))],
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { runs: { type: 'string' } } });
/** Needs a package registry, so it runs only when it is named. */
const ONLY_BY_NAME = ['pouch'];
const wanted =
  positionals.length > 0 ? positionals : Object.keys(BENCHES).filter((name) => !ONLY_BY_NAME.includes(name));
const unknown = wanted.filter((name) => !Object.hasOwn(BENCHES, name));

if (unknown.length > 0) {
  console.error(`No bench is called ${unknown.join(', ')}. There are: ${Object.keys(BENCHES).join(', ')}.`);
  process.exitCode = 2;
} else if (!existsSync('out/main/main.js')) {
  console.error('The app is not built: npm run build.');
  process.exitCode = 2;
} else {
  const runtime = await resolveRuntime();
  await prepareMachine({ purposes: ['run', 'test'], executable: runtime.executable, env: process.env });
  const [cpu] = cpus();
  console.log(
    `${platform()} ${arch()} ${release()}, ${cpus().length} × ${cpu?.model ?? '?'}, ${Math.round(totalmem() / 2 ** 30)} GiB; Electron ${runtime.electronVersion} (${runtime.kind}), Node ${process.version}\n`,
  );
  const figures: Figure[] = [];
  for (const name of wanted)
    figures.push(...((await BENCHES[name]?.(values.runs ? Number(values.runs) : undefined)) ?? []));
  console.log(table(figures));
}
