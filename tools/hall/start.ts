/** `npm start`: prepares the machine, starts the hall and its bench page, ends all of it with Ctrl-C. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type Purpose, prepareMachine } from '../preflight/preflight.ts';
import { SIM_LINKS } from '../queue-sim/wires.ts';
import { ordinaryUser, resolveRuntime, Trouble } from '../runtime/runtime.ts';
import { type BenchServer, startBenchServer } from './bench-server.ts';
import { buildApp, buildNeed } from './build-app.ts';
import { openDataFolder } from './data-folder.ts';
import { type Hall, startHall } from './hall.ts';
import { electronKiosk, headlessKiosk } from './kiosk-runner.ts';
import { type MemoryScreen, startMemoryScreen } from './memory-screen.ts';
import { DEFAULT_PORT, type HallOptions, readOptions, USAGE } from './options.ts';
import { killSeen, processTree } from './process-tree.ts';
import { checkReach } from './reach.ts';

const APP = join(import.meta.dirname, '../..');
const PORTS_TRIED = 50;
/** When the polite end takes longer, the rest is ended the hard way. */
const STOP_LIMIT_MS = 4_500;

const say = (label: string, words: string) => process.stdout.write(`  ${label.padEnd(10)}${words}\n`);

/** What is to be ended, last started first. */
const ends: (() => Promise<void>)[] = [];
let stopping: Promise<void> | undefined;

function stop(): Promise<void> {
  stopping ??= (async () => {
    for (const end of ends.reverse()) await end().catch(() => {});
  })();
  return stopping;
}

function endAll(code: number): void {
  setTimeout(() => {
    for (const seen of processTree(process.pid)) if (seen.pid !== process.pid) killSeen(seen);
    process.exit(1);
  }, STOP_LIMIT_MS).unref();
  void stop().then(() => process.exit(code));
}

async function prepare(options: HallOptions): Promise<void> {
  if (process.platform !== 'linux')
    throw new Trouble(
      'The hall bench needs Linux (pseudo serial ports, /proc). The kiosk itself also runs on Windows.',
    );
  if (options.headless) return;
  // A broker or a database of the machine's own is what the tests want of it too.
  const purposes: readonly Purpose[] = SIM_LINKS[options.link].needs === '' ? ['run'] : ['run', 'test'];
  const look = { purposes, env: process.env };
  const before = await prepareMachine({ ...look, executable: undefined });
  if (before.kind === 'lacking') throw new Trouble(before.advice);
  const runtime = await resolveRuntime();
  const after = await prepareMachine({ ...look, executable: runtime.executable });
  if (after.kind === 'lacking') throw new Trouble(after.advice);
  const installed = [...before.installed, ...after.installed];
  if (installed.length > 0) say('installed', installed.join(' '));
  const need = await buildNeed(APP);
  if (need === 'none') return;
  say('building', need === 'missing' ? 'the app, for the first time' : 'the app, its source is newer');
  await buildApp(APP);
}

async function run(options: HallOptions): Promise<{ hall: Hall; bench: BenchServer }> {
  await prepare(options);
  const user = options.headless ? undefined : await ordinaryUser();
  const folder = await openDataFolder({ path: options.dataFolder, fresh: options.fresh, user });
  ends.push(folder.release);
  await checkReach(user, folder.path);
  say('data', `${folder.path} (${folder.isNew ? 'new' : 'kept from before; -- --fresh begins anew'})`);

  const size = options.portrait ? { width: 800, height: 1280 } : { width: 1280, height: 800 };
  const hasDisplay = (process.env['DISPLAY'] ?? '') !== '' || (process.env['WAYLAND_DISPLAY'] ?? '') !== '';
  let screen: MemoryScreen | null = null;
  if (!options.headless && !hasDisplay) {
    screen = await startMemoryScreen({ size, folder: folder.screen });
    ends.push(screen.stop);
  }

  const files = { app: APP, configPath: join(folder.kiosk, 'kiosk.json'), dataFolder: folder.kiosk };
  const { command, runtime } = options.headless
    ? { command: headlessKiosk(files), runtime: 'only its core, in Node' }
    : await electronKiosk({ files, size, env: { ...process.env, ...screen?.env } });
  const hall = await startHall({
    app: APP,
    folder,
    link: options.link,
    env: process.env,
    plan: { command, headless: options.headless, user, configPath: files.configPath, size, screen },
  });
  ends.push(hall.stop);
  say('province', `${hall.provinceUrl} (${process.env['DATABASE_URL'] ? 'DATABASE_URL' : 'embedded'})`);
  say(
    'queue',
    `the simulated hall over ${options.link}${options.link === 'rate-service' ? '; -- --link NAME takes another' : ''}`,
  );
  const where = screen ? 'its screen is on the bench page' : options.headless ? 'no screen' : 'in a window';
  say('kiosk', `${runtime}, as ${user?.name ?? 'yourself'}, ${size.width}×${size.height}, ${where}`);

  const ports =
    options.port === undefined
      ? Array.from({ length: PORTS_TRIED }, (_, index) => DEFAULT_PORT + index)
      : [options.port];
  const bench = await startBenchServer({ hall, ports });
  ends.push(bench.stop);
  if (hasDisplay && user === undefined) openInBrowser(bench.url);
  return { hall, bench };
}

/** Where there is nothing to open it with, the printed address has to do. */
function openInBrowser(url: string): void {
  const child = spawn('xdg-open', [url], { stdio: 'ignore', detached: true });
  child.once('error', () => {});
  child.unref();
}

// Whoever reads us may be gone first.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => endAll(0));

try {
  const options = readOptions(process.argv.slice(2), { env: process.env, isRoot: process.getuid?.() === 0 });
  if (options.help) process.stdout.write(`${USAGE}\n`);
  else {
    process.stdout.write('一评 Yiping · hall bench\n');
    const { bench } = await run(options);
    say('bench', `${bench.url}   ← open this; Ctrl-C ends everything`);
  }
} catch (error) {
  if (!stopping) {
    process.stderr.write(
      `${error instanceof Trouble ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    endAll(1);
  }
}
