import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { createDriverProcess } from '../../src/device/buttons.ts';
import { createForkedDrivers } from '../../src/device/process/fork-driver.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { createPtyPair } from '../../tools/button-box/pty-pair.ts';
import { treeOf } from '../bench/process-tree.ts';
import { shippedModel } from '../support/device-model.ts';
import type { HeadlessKiosk } from '../support/headless-kiosk.ts';
import { LEVELS, makeLineSite, SETTLE_MS, type StoodStill } from './line-site.ts';

export interface ReplugCycle {
  /** From the pull until the kiosk says that the box is gone. */
  readonly shownMs: number;
  /** From the plug until it is open again. */
  readonly reopenedMs: number;
}

export interface Replugs {
  readonly cycles: readonly ReplugCycle[];
  readonly pressed: number;
  readonly counted: number;
  /** Of each process's event loop, by what it runs. */
  readonly stoodStill: ReadonlyMap<string, StoodStill>;
}

/** Pulls and plugs the cable of a running kiosk, and presses a key after each return. */
export async function replug(parts: { readonly cycles: number }): Promise<Replugs> {
  const site = await makeLineSite();
  const kiosk = site.start();
  const refused = refusedIn(kiosk);
  const cycles: ReplugCycle[] = [];
  let pressed = 0;
  let counted = 0;
  try {
    await kiosk.until('the box', ({ buttons }) => buttons === 'ready', 30_000);
    await pause(3_000);
    site.watchLoops();
    for (let cycle = 0; cycle < parts.cycles; cycle++) {
      const pulledAt = performance.now();
      await Promise.all([site.box.pull(), kiosk.until('the loss', ({ buttons }) => buttons === 'lost')]);
      const shownMs = performance.now() - pulledAt;
      await site.box.plug();
      const pluggedAt = performance.now();
      await kiosk.until('the return', ({ buttons }) => buttons === 'ready');
      cycles.push({ shownMs, reopenedMs: performance.now() - pluggedAt });
      await pause(SETTLE_MS);
      await site.box.press('2');
      pressed += 1;
      // Pulled only when it has come in: what is still in the cable is nobody's press.
      counted = await refused(counted + 1);
    }
    return { cycles, pressed, counted, stoodStill: site.stoodStill() };
  } finally {
    await kiosk.stop();
    await site.close();
  }
}

/**
 * Nobody is asked, so the session refuses every press, and counts them: what came in is what it refused.
 * @returns a reader that waits a little for that many.
 */
function refusedIn({ process: { stdin, stdout } }: HeadlessKiosk): (expected: number) => Promise<number> {
  if (!stdin || !stdout) throw new Error('the kiosk has no ends to speak to');
  const lines = createInterface({ input: stdout });
  return async (expected) => {
    let counted = 0;
    for (let tries = 0; tries < 100 && counted < expected; tries++) {
      stdin.write('status\n');
      const [line] = await once(lines, 'line');
      const said: unknown = JSON.parse(String(line));
      const refusals = Object(Reflect.get(Object(Reflect.get(Object(said), 'status')), 'refusals'));
      counted = Object.values(refusals).reduce<number>((sum, count) => sum + Number(count), 0);
      await pause(20);
    }
    return counted;
  };
}

export interface Unread {
  readonly quitMs: readonly number[];
  /** How often the line was really full. */
  readonly filled: number;
  /** Longest stand-still of this process's event loop, where the core's side of the driver is, ms. */
  readonly stoodStillMs: number;
}

const BURSTS = 1_000;

/** A box whose firmware does not read: its line fills up, and the driver is told to end. */
export async function unread(parts: { readonly times: number }): Promise<Unread> {
  const folder = mkdtempSync(join(tmpdir(), 'yiping-unread-'));
  const model = await shippedModel('ff68');
  const quitMs: number[] = [];
  let stoodStillMs = 0;
  let filled = 0;
  try {
    for (let time = 0; time < parts.times; time++) {
      const pair = createPtyPair({ folder });
      const others = new Set(treeOf(process.pid));
      await pair.plug();
      // Whoever carries the bytes stands still: what is written stays in the line.
      const carriers = treeOf(process.pid).filter((pid) => !others.has(pid));
      const settings = { model: 'ff68', path: pair.hostPath, address: 0x81, levels: LEVELS } as const;
      let ready = () => {};
      const opened = new Promise<void>((resolve) => {
        ready = resolve;
      });
      const driver = createDriverProcess({
        boxes: [{ settings, model }],
        clock: systemClock,
        spawn: createForkedDrivers(),
        onEvent(event) {
          if (event.type === 'state' && event.state.state === 'ready') ready();
        },
      });
      driver.start();
      await opened;
      for (const pid of carriers) process.kill(pid, 'SIGSTOP');
      const delays = monitorEventLoopDelay({ resolution: 2 });
      delays.enable();
      // Until nothing goes in any more: the line is full.
      for (let burst = 0; burst < BURSTS && driver.counters().dropped === 0; burst++) {
        for (let said = 0; said < 20; said++) driver.say('prompt');
        await pause(2);
      }
      if (driver.counters().dropped > 0) filled += 1;
      const since = performance.now();
      await driver.stop();
      quitMs.push(performance.now() - since);
      delays.disable();
      stoodStillMs = Math.max(stoodStillMs, delays.max / 1e6);
      for (const pid of carriers) process.kill(pid, 'SIGCONT');
      await pair.pull();
    }
    return { quitMs, filled, stoodStillMs };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
