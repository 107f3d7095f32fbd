import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Snapshot } from '../../src/shared/screen/snapshot.ts';
import { createPluggableBox, type PluggableBox } from '../../tools/button-box/pluggable.ts';
import { createQueueSim, type QueueSim } from '../../tools/queue-sim/queue-sim.ts';
import { treeOf } from '../bench/process-tree.ts';
import { shippedModel } from '../support/device-model.ts';
import { type HeadlessKiosk, startHeadless } from '../support/headless-kiosk.ts';

export const COUNTER = '3';
/** Key → level, as the site has decided. */
export const LEVELS = { '0': 2, '1': 3, '2': 4, '3': 5 } as const;
export const SETTLE_MS = 320;

/** A counter with a box on a pty, a queue system, and the real core in plain Node; no province. */
/** Of an event loop: how long it stood still at most, and how long it worked without a pause. */
export interface StoodStill {
  readonly maxMs: number;
  readonly workedMs: number;
}

export interface LineSite {
  readonly sim: QueueSim;
  readonly box: PluggableBox;
  readonly data: string;
  start(onSnapshot?: (snapshot: Snapshot) => void): HeadlessKiosk;
  /** From now on; a process that is only starting is not looked at. */
  watchLoops(): void;
  /** Of each process since then, by what it runs. */
  stoodStill(): ReadonlyMap<string, StoodStill>;
  close(): Promise<void>;
}

export async function makeLineSite(): Promise<LineSite> {
  const folder = mkdtempSync(join(tmpdir(), 'yiping-line-'));
  const [data, loops] = [join(folder, 'data'), join(folder, 'loops')];
  mkdirSync(data, { mode: 0o700 });
  mkdirSync(loops);
  const sim = await createQueueSim({});
  const model = await shippedModel('ff68');
  const box = createPluggableBox({
    folder: join(folder, 'box'),
    model,
    address: 0x81,
    owner: undefined,
    onChange: () => {},
  });
  await box.plug();
  const config = join(folder, 'kiosk.json');
  writeFileSync(
    config,
    JSON.stringify({
      device: 'line-device-1',
      hall: { id: 'yunxi', name: { 'zh-CN': '云溪市政务服务中心' } },
      counter: { number: COUNTER },
      queue: [{ kind: 'rate-service', url: sim.url, userCode: '1001', extensions: true }],
      buttons: [{ model: 'ff68', path: box.hostPath, address: 0x81, acknowledge: 'A', levels: LEVELS }],
      delays: { inviting: 60_000, chosen: 500, details: 500, thanks: 500 },
    }),
  );
  const watch = pathToFileURL(join(import.meta.dirname, 'loop-watch.mjs')).href;
  return {
    sim,
    box,
    data,
    start: (onSnapshot) =>
      startHeadless({
        config,
        data,
        ...(onSnapshot ? { onSnapshot } : {}),
        env: { NODE_OPTIONS: `--import=${watch}`, YIPING_LOOP_WATCH: loops },
      }),
    watchLoops: () => writeFileSync(join(loops, 'begin'), ''),
    stoodStill() {
      const longest = new Map<string, StoodStill>();
      for (const name of readdirSync(loops).filter((file) => file.endsWith('.json'))) {
        const told = JSON.parse(readFileSync(join(loops, name), 'utf8')) as StoodStill & {
          readonly entry: string;
        };
        const what = basename(told.entry);
        const before = longest.get(what) ?? { maxMs: 0, workedMs: 0 };
        longest.set(what, {
          maxMs: Math.max(before.maxMs, told.maxMs),
          workedMs: Math.max(before.workedMs, told.workedMs),
        });
      }
      return longest;
    },
    async close() {
      await box.pull();
      await sim.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The process of the kiosk's one line; undefined between two. */
export function driverOf(kiosk: HeadlessKiosk): number | undefined {
  return treeOf(kiosk.pid).find((pid) => pid !== kiosk.pid);
}
