import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { KioskStatus } from '../../src/core/running-kiosk.ts';
import { kioskJson } from '../../tools/queue-sim/kiosk-json.ts';
import { createQueueSim, type QueueSim } from '../../tools/queue-sim/queue-sim.ts';
import { httpPushWire } from '../../tools/queue-sim/wires/http-push.ts';
import { SIM_LINK_NAMES, SIM_LINKS, type SimLinkName } from '../../tools/queue-sim/wires.ts';
import { type HeadlessKiosk, startHeadless } from '../support/headless-kiosk.ts';
import { type Figure, figure, quantile } from './figures.ts';

const COUNTER = '3';
const LOOK_EVERY_MS = 10;
const LIMIT_MS = 30_000;
/** Their wire cannot be asked what is so: back is when the link is ready. */
const CANNOT_SAY: readonly SimLinkName[] = ['pad', 'ff68-caller'];
/** There is nothing to be cut. */
const NO_WIRE: readonly SimLinkName[] = ['manual'];

interface Times {
  readonly lost: number[];
  readonly back: number[];
}

/**
 * Every link with a simulator, cut in turn as a refused connection and as a pulled cable, at moments that have nothing
 * to do with its rhythm. Lost: from the cut to the state that the staff screen shows. Back: from the repaired network to
 * the true state, a ticket that was called meanwhile. On the core alone, in a process of its own.
 */
export async function benchQueueLoss(runs: number): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const name of SIM_LINK_NAMES) {
    if (NO_WIRE.includes(name)) continue;
    const { lost, back } = await timesOf(name, runs);
    const what = CANNOT_SAY.includes(name) ? 'ready' : 'true state';
    figures.push(
      figure(`${name}: cut → shown as lost`, 'ms', lost),
      figure('… slowest (goal ≤ 2 s)', 'ms', [quantile(lost, 1)]),
      figure(`${name}: network back → ${what}`, 'ms', back),
      figure('… slowest (goal ≤ 3 s)', 'ms', [quantile(back, 1)]),
    );
  }
  return figures;
}

async function timesOf(name: SimLinkName, runs: number): Promise<Times> {
  // A queue system of a hall says how it is once a second; the simulator's own days are in more of a hurry.
  const wire = name === 'http-push' ? httpPushWire() : await SIM_LINKS[name].load();
  const sim = await createQueueSim({ wire, counters: [COUNTER] });
  const folder = mkdtempSync(join(tmpdir(), 'yiping-bench-loss-'));
  const config = join(folder, 'kiosk.json');
  writeFileSync(config, JSON.stringify(kioskJson(sim, COUNTER)));
  const kiosk = startHeadless({ config, data: join(folder, 'data') });
  const link = watchLink(kiosk);
  const times: Times = { lost: [], back: [] };
  try {
    await link.until('ready');
    for (let run = 0; run < runs; run++)
      await cutOnce({ name, sim, kiosk, link, times, how: run % 2 === 0 ? 'refuse' : 'freeze' });
  } finally {
    link.stop();
    await kiosk.stop();
    await sim.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return times;
}

async function cutOnce(parts: {
  readonly name: SimLinkName;
  readonly sim: QueueSim;
  readonly kiosk: HeadlessKiosk;
  readonly link: ReturnType<typeof watchLink>;
  readonly times: Times;
  readonly how: 'refuse' | 'freeze';
}): Promise<void> {
  const { name, sim, kiosk, link, times, how } = parts;
  const canSay = !CANNOT_SAY.includes(name);
  await passed(Math.random() * 1_500);
  const cutAt = performance.now();
  sim.cut(how);
  times.lost.push((await link.until('lost')) - cutAt);
  const { number } = sim.callNext(COUNTER);
  await passed(Math.random() * 4_000);
  const backAt = performance.now();
  sim.restore();
  const readyAt = await link.until('ready');
  if (!canSay) {
    times.back.push(readyAt - backAt);
    return;
  }
  await kiosk.until(
    `${name}: ${number}`,
    ({ screen }) => screen.name === 'serving' && screen.ticketNumber === number,
    LIMIT_MS,
  );
  times.back.push(performance.now() - backAt);
}

/** The state of the one queue link, as the staff screen is told it, asked for all the time. */
function watchLink(kiosk: HeadlessKiosk) {
  let state: string | undefined;
  let waiting: (() => void) | undefined;
  if (!kiosk.process.stdout) throw new Error('the kiosk was started without its output');
  createInterface({ input: kiosk.process.stdout }).on('line', (line) => {
    if (!line.startsWith('{"type":"status"')) return;
    const { status }: { readonly status: Partial<KioskStatus> } = JSON.parse(line);
    state = status.queue?.[0]?.state.state;
    waiting?.();
  });
  const asking = setInterval(() => kiosk.process.stdin?.write('status\n'), LOOK_EVERY_MS);
  return {
    /** @returns when it was so. */
    until: (wanted: 'ready' | 'lost') =>
      new Promise<number>((resolve, reject) => {
        const limit = setTimeout(
          () => reject(new Error(`the link was not ${wanted} within ${LIMIT_MS} ms\n${kiosk.log()}`)),
          LIMIT_MS,
        );
        waiting = () => {
          if (state !== wanted) return;
          waiting = undefined;
          clearTimeout(limit);
          resolve(performance.now());
        };
      }),
    stop: () => clearInterval(asking),
  };
}

const passed = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
