import { beforeEach, describe, expect, it } from 'vitest';
import { shippedModel } from '../../../test/support/device-model.ts';
import { createFakeClock, type FakeClock } from '../../../test/support/fake-clock.ts';
import { createInProcessDrivers, type InProcessDrivers } from '../../../test/support/in-process-drivers.ts';
import type { Press } from '../../shared/press.ts';
import type { Driver, DriverEvent } from '../driver-words.ts';
import { createSimulatedBox, type SimulatedBox } from '../simulated.ts';
import { BEAT_MS, SILENT_LOOKS, START_LOOKS, STOP_LIMIT_MS } from './driver-port.ts';
import { createDriverProcess } from './driver-process.ts';

const model = await shippedModel('ff68');
const settings = {
  model: 'ff68',
  path: '/simulated/box',
  address: 0x81,
  acknowledge: 'A',
  levels: { '0': 2, '1': 3, '2': 4, '3': 5 },
} as const;
const boxes = [{ settings, model }] as const;

describe('a driver in a process of its own', () => {
  let clock: FakeClock;
  let box: SimulatedBox;
  let processes: InProcessDrivers;
  let driver: Driver;
  let events: DriverEvent[];

  const settled = async () => {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  /** In small steps, as time goes: promises have their turn between. */
  const pass = async (ms: number) => {
    for (let gone = 0; gone < ms; gone += 50) {
      clock.advance(50);
      await settled();
    }
  };
  const presses = () => events.flatMap((event) => (event.type === 'press' ? [event.press] : []));
  const states = () => events.flatMap((event) => (event.type === 'state' ? [event.state.state] : []));
  const faults = () =>
    events.flatMap((event) =>
      event.type === 'fault' && event.fault.kind === 'driver' ? [event.fault.reason] : [],
    );

  beforeEach(async () => {
    clock = createFakeClock();
    box = createSimulatedBox({ model, settings });
    processes = createInProcessDrivers({ clock, openPort: box.openPort });
    events = [];
    driver = createDriverProcess({
      boxes,
      clock,
      spawn: processes.spawn,
      onEvent: (event) => events.push(event),
    });
    driver.start();
    await pass(3_000);
  });

  it('is ready, and its presses come in order with their own times', async () => {
    expect(driver.state().state).toBe('ready');
    box.press('3');
    const firstAtMs = clock.nowMs();
    await pass(2_000);
    box.press('0');
    expect(presses()).toMatchObject([
      { control: 5, atMs: firstAtMs, source: 'serial' },
      { control: 2, atMs: clock.nowMs() },
    ]);
    expect(states()).toEqual(['connecting', 'ready']);
  });

  it('hears what is to be said to the box, and an acknowledgement only when it is given', async () => {
    box.press('3');
    expect(box.received()).toEqual([]);
    for (const press of presses()) driver.acknowledge(press);
    driver.say('prompt');
    driver.showStars(4);
    expect(box.received().map(({ output }) => output)).toEqual(['acknowledge', 'prompt', 'stars']);
    await pass(BEAT_MS);
    expect(driver.counters()).toMatchObject({ presses: 1, outputs: 3, dropped: 0 });
  });

  it('a caller key goes through as it is', () => {
    box.send(Uint8Array.from([0xff, 0x68, 0x03, 0x03, 0x68, 0x01, 0x02, 0x0c, 0x0f, 0x16]));
    expect(events.at(-1)).toEqual({ type: 'caller', address: 1, func: 2, key: 0x0c, digits: [] });
  });

  it('tells the caller what it is told to, and nothing that is no order', async () => {
    driver.beep();
    driver.display('A023');
    driver.display('9'.repeat(100_000));
    driver.beep(0x181);
    driver.display('1', -1);
    expect(box.received()).toEqual([
      { output: 'beep' },
      { output: 'display', digits: '   023' },
      { output: 'display', digits: '999999' },
    ]);
    await pass(BEAT_MS);
    expect(driver.counters()).toMatchObject({ outputs: 3 });
  });

  it('that crashes is lost with a reason in words, and back at once; a press counts again', async () => {
    processes.crash('SIGSEGV');
    expect(driver.state()).toMatchObject({ state: 'lost', reason: expect.stringContaining('意外停止') });
    expect(faults()).toEqual([expect.stringContaining('SIGSEGV')]);
    driver.say('prompt');
    await pass(200);
    expect(driver.state().state).toBe('ready');
    await pass(2_000);
    box.press('2');
    expect(presses()).toMatchObject([{ control: 4 }]);
    // What was said meanwhile must not light the box now, nor be kept as if it had been said.
    expect(box.received()).toEqual([]);
    expect(driver.counters().dropped).toBe(1);
    expect(states()).toEqual(['connecting', 'ready', 'lost', 'ready']);
  });

  it('counts over all its processes', async () => {
    box.press('2');
    await pass(BEAT_MS);
    processes.crash('SIGABRT');
    await pass(3_000);
    box.press('3');
    await pass(BEAT_MS);
    expect(driver.counters()).toMatchObject({ presses: 2, connections: 2 });
  });

  it('that hangs is noticed within two seconds, killed, and back within three', async () => {
    processes.stillborn(true);
    processes.hang();
    await pass(BEAT_MS * SILENT_LOOKS);
    expect(driver.state()).toMatchObject({ state: 'lost', reason: expect.stringContaining('没有响应') });
    processes.stillborn(false);
    processes.crash('SIGKILL');
    await pass(1_000);
    expect(driver.state().state).toBe('ready');
    expect(faults()[0]).toContain('silent');
  });

  it('that does not start is given the time of a cold disk, then ended and tried again', async () => {
    processes.stillborn(true);
    processes.crash('SIGKILL');
    await pass(BEAT_MS * (START_LOOKS - 2));
    expect(processes.spawned).toBe(2);
    processes.stillborn(false);
    await pass(BEAT_MS * 4);
    expect(processes.spawned).toBe(3);
    expect(driver.state().state).toBe('ready');
  });

  it('that keeps crashing is started less and less often', async () => {
    const startsIn = async (ms: number) => {
      const before = processes.spawned;
      for (let gone = 0; gone < ms; gone += 50) {
        processes.crash('SIGSEGV');
        await pass(50);
      }
      return processes.spawned - before;
    };
    expect(await startsIn(10_000)).toBeLessThan(9);
    expect(await startsIn(60_000)).toBeLessThan(9);
  });

  it.each<[string, unknown]>([
    ['no text', { type: 'alive' }],
    ['no JSON', '{'],
    ['an unknown report', '{"type":"rating","level":5}'],
    ['a field too many', '{"type":"stopped","now":true}'],
    ['far too long a text', JSON.stringify({ type: 'stopped', pad: 'x'.repeat(20_000) })],
    ['a stop that nobody asked for', '{"type":"stopped"}'],
  ])('that says %s is ended and replaced', async (_what, data) => {
    processes.inject(data);
    expect(driver.state().state).toBe('lost');
    expect(presses()).toEqual([]);
    await pass(1_000);
    expect(driver.state().state).toBe('ready');
  });

  const press = { source: 'serial', deviceId: 'ff68:81@box', control: 5, atMs: 1 };
  it.each<[string, Partial<Record<keyof Press, unknown>>]>([
    ['another box', { ...press, deviceId: 'other' }],
    ['a finger', { ...press, source: 'touch' }],
    ['a level that no key of the box has', { ...press, control: 1 }],
    ['an invitation', { ...press, invitation: '018f3b1e-5c1a-7000-8000-000000000000' }],
  ])('cannot pretend to be %s', (_what, forged) => {
    processes.inject(JSON.stringify({ type: 'event', event: { type: 'press', press: forged } }));
    expect(presses()).toEqual([]);
    expect(faults()).toHaveLength(1);
  });

  it('that floods the kiosk is ended', () => {
    const report = JSON.stringify({ type: 'event', event: { type: 'press', press } });
    for (let sent = 0; sent < 1_000; sent++) processes.inject(report);
    expect(presses().length).toBeLessThanOrEqual(400);
    expect(faults()).toEqual([expect.stringContaining('floods')]);
  });

  it('keeps a flood on the line to itself: the kiosk hears a few dozen messages a second', async () => {
    const before = processes.said.length;
    const noise = Uint8Array.from({ length: 10_000 }, (_, at) => (at * 7919) & 0xff);
    const keys = ['0', '1', '2', '3'];
    for (let turn = 0; turn < 100; turn++) {
      box.send(noise);
      box.press(keys[turn % keys.length] ?? '0');
      box.send(Uint8Array.from([0xff, 0x68, 0x03, 0x03, 0x68, 0x01, 0x02, 0x0c, 0x0f, 0x16]));
      clock.advance(10);
    }
    await settled();
    expect(processes.said.length - before).toBeLessThan(200);
    for (const text of processes.said) expect(text.length).toBeLessThan(4_000);
    await pass(2_000);
    expect(driver.state().state).toBe('ready');
  });

  it('whose box is pulled says so in the words of the box, not of the process', async () => {
    box.pull();
    expect(driver.state()).toMatchObject({ state: 'lost', reason: expect.stringContaining('断开') });
    box.plug();
    await pass(2_000);
    expect(driver.state().state).toBe('ready');
    expect(processes.spawned).toBe(1);
  });

  it('stops in order, frees the line, and reports nothing afterwards', async () => {
    const stopped = driver.stop();
    await pass(100);
    await stopped;
    const known = events.length;
    expect(box.press('3')).toBe(false);
    await pass(5_000);
    expect(events).toHaveLength(known);
    expect(processes.spawned).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('that hangs at the end holds nobody up', async () => {
    processes.hang();
    let over = false;
    const stopped = driver.stop().then(() => {
      over = true;
    });
    await pass(STOP_LIMIT_MS);
    await stopped;
    expect(over).toBe(true);
  });
});

it('a port that takes half a minute to close does not hold up the end', async () => {
  const clock = createFakeClock();
  const never = new Promise<void>(() => {});
  const processes = createInProcessDrivers({
    clock,
    openPort: () => Promise.resolve({ ok: true, port: { write: () => true, close: () => never } }),
  });
  const driver = createDriverProcess({ boxes, clock, spawn: processes.spawn, onEvent: () => {} });
  driver.start();
  clock.advance(100);
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  const stopped = driver.stop();
  clock.advance(STOP_LIMIT_MS);
  await stopped;
  expect(clock.pending).toBeLessThanOrEqual(1);
});
