import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { electronCommand, type Runtime, resolveRuntime } from '../../tools/runtime/runtime.ts';
import { startScreen } from '../support/xvfb.ts';
import { type Figure, figure } from './figures.ts';
import { type Framebuffer, openFramebuffer } from './framebuffer.ts';
import { makeSite } from './kiosk-site.ts';
import { cpuOf, pssOf } from './process-tree.ts';

/** Where both the blank window and the idle screen put something large and dark. */
const HERO = { x: 520, y: 190, width: 240, height: 260 };
/** Paper on both; the bare screen behind is black, which alone would look like a hero. */
const CORNER = { x: 8, y: 760, width: 200, height: 32 };
/** Of the area's looked-at pixels; a line of text alone does not reach it. */
const HERO_DARK = 60;
const START_LIMIT_MS = 30_000;
const CALM_MS = 8_000;
const IDLE_MS = 30_000;

/** From spawn to the hero's pixels on the screen; polled every half millisecond. */
async function untilPainted(screen: Framebuffer, startedAt: number): Promise<number> {
  while (performance.now() - startedAt < START_LIMIT_MS) {
    if (screen.dark(HERO) >= HERO_DARK && screen.dark(CORNER) === 0) return performance.now() - startedAt;
    await wait(0.5);
  }
  throw new Error(`nothing was painted within ${START_LIMIT_MS} ms`);
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

type Name = 'kiosk' | 'blank';

interface Turn {
  readonly name: Name;
  readonly pid: number;
  readonly paintedMs: number;
  /** The first of each is a warm-up and not counted. */
  readonly warmUp: boolean;
}

/**
 * Kiosk and blank window in turn, so that a slow minute of the machine is slow for both. Both through the same
 * launcher (its own work is done before the clock starts), the same runtime, the same user, sandbox on.
 */
async function inTurn(runs: number, look: (turn: Turn) => Promise<void> | void): Promise<void> {
  const site = await makeSite();
  const folder = await mkdtemp(join(tmpdir(), 'yiping-screen-'));
  const screen = await startScreen({ width: 1280, height: 800, folder });
  const framebuffer = openFramebuffer(folder);
  const runtime = await resolveRuntime();
  const blank = await blankApp();
  const env = { ...process.env, DISPLAY: screen.display };
  const apps = {
    kiosk: { appDir: process.cwd(), args: site.args },
    blank: { appDir: blank.folder, args: [] },
  } as const;
  try {
    for (let run = -1; run < runs; run++) {
      for (const name of ['blank', 'kiosk'] as const) {
        const start = await prepared(apps[name], env, runtime);
        const startedAt = performance.now();
        const child = start();
        const paintedMs = await untilPainted(framebuffer, startedAt);
        await look({ name, pid: child.pid ?? 0, paintedMs, warmUp: run < 0 });
        await end(child);
      }
    }
  } finally {
    framebuffer.close();
    await screen.stop();
    await site.close();
    await blank.remove();
    await rm(folder, { recursive: true, force: true });
  }
}

export async function benchStartUp(runs: number): Promise<readonly Figure[]> {
  const started: Record<Name, number[]> = { kiosk: [], blank: [] };
  await inTurn(runs, ({ name, paintedMs, warmUp }) => {
    if (!warmUp) started[name].push(paintedMs);
  });
  return [
    figure('start: spawn → idle screen on the display', 'ms', started.kiosk, {
      what: 'blank window',
      samples: started.blank,
      goal: '≤ 2',
    }),
  ];
}

/** With the queue link, the box and the journal open, nobody in front of the screen. */
export async function benchIdle(runs: number): Promise<readonly Figure[]> {
  const memory: Record<Name, number[]> = { kiosk: [], blank: [] };
  const cpu: Record<Name, number[]> = { kiosk: [], blank: [] };
  await inTurn(runs, async ({ name, pid, warmUp }) => {
    if (warmUp) return;
    await wait(CALM_MS);
    memory[name].push(pssOf(pid));
    const before = cpuOf(pid);
    await wait(IDLE_MS);
    cpu[name].push(((cpuOf(pid) - before) / IDLE_MS) * 100);
  });
  return [
    figure('memory idle, PSS of all processes', 'MB', memory.kiosk, {
      what: 'blank window',
      samples: memory.blank,
      goal: '≤ 1.4',
    }),
    figure('processor idle over 30 s, of one core', '%', cpu.kiosk, {
      what: 'blank window',
      samples: cpu.blank,
    }),
  ];
}

/** Everything the launcher does before it spawns is done here, so that only the app's own start is timed. */
async function prepared(
  app: { readonly appDir: string; readonly args: readonly string[] },
  env: NodeJS.ProcessEnv,
  runtime: Runtime,
): Promise<() => ChildProcess> {
  const { command, args, env: full, cwd } = await electronCommand({ ...app, env, runtime });
  return () => spawn(command, args, { env: full, cwd, stdio: 'ignore' });
}

/** A copy that the ordinary user can read, wherever this checkout stands. */
async function blankApp(): Promise<{ readonly folder: string; readonly remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'yiping-blank-'));
  await cp(join(import.meta.dirname, 'blank-app'), folder, { recursive: true });
  await chmod(folder, 0o755);
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
