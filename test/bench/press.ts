import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SerialPort } from 'serialport';
import { createDriverProcess, type Driver } from '../../src/device/buttons.ts';
import { createForkedDrivers } from '../../src/device/process/fork-driver.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { createPluggableBox, type PluggableBox } from '../../tools/button-box/pluggable.ts';
import { shippedModel } from '../support/device-model.ts';
import { type Figure, figure, quantile } from './figures.ts';

const KEYS = ['0', '1', '2', '3'];
/** A turn of each, so that a slow minute of the machine is slow for both. */
const TURN = 20;

interface Listener {
  /** Resolves when the next press has come in. */
  next(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Byte in → press event in the core's process, through a driver in a process of its own, against the bare `data`
 * event of serialport in this process: the same pty, in turn.
 */
export async function benchPress(runs: number): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'yiping-bench-'));
  const model = await shippedModel('ff68');
  const box = createPluggableBox({ folder, model, address: 0x81, owner: undefined, onChange: () => {} });
  await box.plug();
  const samples: Record<'bare' | 'ours', number[]> = { bare: [], ours: [] };
  try {
    for (let done = 0; done < runs; done += TURN) {
      for (const [name, open] of [
        ['bare', listenBare],
        ['ours', listenThroughProcess],
      ] as const) {
        const listener = await open(box.hostPath);
        await pressed(box, listener, 4);
        samples[name].push(...(await pressed(box, listener, Math.min(TURN, runs - done))));
        await listener.close();
      }
    }
  } finally {
    await box.pull();
    await rm(folder, { recursive: true, force: true });
  }
  const more = quantile(samples.ours, 0.5) - quantile(samples.bare, 0.5);
  return [
    figure('byte in → press event in the core (driver in its own process)', 'ms', samples.ours, {
      what: 'bare serialport `data`',
      samples: samples.bare,
    }),
    figure('the same, more than the bare event at the median (goal ≤ 1 ms)', 'ms', [more]),
  ];
}

/** Far enough apart that none is taken for a bounce, and so seldom that it is no play with the box. */
const APART_MS = 600;

/** Each key in turn. */
async function pressed(box: PluggableBox, listener: Listener, times: number): Promise<readonly number[]> {
  const took: number[] = [];
  for (let press = 0; press < times; press++) {
    await pause(APART_MS);
    const heard = listener.next();
    const since = performance.now();
    void box.press(KEYS[press % KEYS.length] ?? '0');
    await heard;
    took.push(performance.now() - since);
  }
  return took;
}

async function listenBare(path: string): Promise<Listener> {
  const port = new SerialPort({ path, baudRate: 9600, autoOpen: false });
  let heard = () => {};
  port.on('data', () => heard());
  await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
  return {
    next: () => new Promise((resolve) => (heard = resolve)),
    close: () => new Promise((resolve) => port.close(() => resolve())),
  };
}

async function listenThroughProcess(path: string): Promise<Listener> {
  const model = await shippedModel('ff68');
  const settings = {
    model: 'ff68',
    path,
    address: 0x81,
    levels: { '0': 2, '1': 3, '2': 4, '3': 5 },
  } as const;
  let heard = () => {};
  let ready = () => {};
  const opened = new Promise<void>((resolve) => (ready = resolve));
  const driver: Driver = createDriverProcess({
    boxes: [{ settings, model }],
    clock: systemClock,
    spawn: createForkedDrivers(),
    onEvent(event) {
      if (event.type === 'press') heard();
      if (event.type === 'state' && event.state.state === 'ready') ready();
    },
  });
  driver.start();
  await opened;
  return { next: () => new Promise((resolve) => (heard = resolve)), close: () => driver.stop() };
}
