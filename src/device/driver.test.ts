import { beforeEach, describe, expect, it } from 'vitest';
import { shippedModel } from '../../test/support/device-model.ts';
import { createFakeClock, type FakeClock } from '../../test/support/fake-clock.ts';
import type { Press } from '../shared/press.ts';
import type { LinkState } from '../shared/queue-event.ts';
import { fromHex, hex } from './decode/hex.ts';
import { createDriver } from './driver.ts';
import type { ButtonFault, Driver, DriverEvent } from './driver-words.ts';
import { type ButtonSettings, deviceIdOf } from './settings.ts';
import { createSimulatedBox, type SimulatedBox } from './simulated.ts';

const model = await shippedModel('ff68');

const settings: ButtonSettings = {
  model: 'ff68',
  path: '/dev/ttyUSB0',
  address: 0x81,
  acknowledge: 'B',
  levels: { '0': 1, '1': 1, '2': 4, '3': 5 },
};

describe('a driver, beyond what the contract asks of every line', () => {
  let clock: FakeClock;
  let presses: Press[];
  let faults: ButtonFault[];
  let withdrawn: Press[];
  let callers: Extract<DriverEvent, { type: 'caller' }>[];
  let written: string[];
  let box: SimulatedBox;
  let driver: Driver;

  beforeEach(async () => {
    clock = createFakeClock();
    presses = [];
    faults = [];
    withdrawn = [];
    callers = [];
    written = [];
    box = createSimulatedBox({ model, settings });
    driver = createDriver({
      boxes: [{ settings, model }],
      clock,
      async openPort(request) {
        const result = await box.openPort(request);
        if (!result.ok) return result;
        const { port } = result;
        const write = (bytes: Uint8Array) => {
          written.push(hex(bytes));
          return port.write(bytes);
        };
        return { ok: true, port: { ...port, write } };
      },
      onEvent(event) {
        if (event.type === 'press') presses.push(event.press);
        if (event.type === 'caller') callers.push(event);
        if (event.type === 'withdrawn') withdrawn.push(event.press);
        if (event.type === 'fault') faults.push(event.fault);
      },
    });
    driver.start();
    await Promise.resolve();
    await Promise.resolve();
    clock.advance(model.timing.settleMs);
  });

  it('the device is named by model, address and port', () => {
    expect(deviceIdOf(settings)).toBe('ff68:81@ttyUSB0');
    expect(deviceIdOf({ ...settings, address: 7 })).toBe('ff68:07@ttyUSB0');
  });

  it('only the press of this device is acknowledged, in the variant of the site', () => {
    box.press('3');
    const [press] = presses;
    if (!press) throw new Error('no press');
    driver.acknowledge({ ...press, deviceId: 'ff68:82@ttyUSB1' });
    driver.acknowledge(press);
    expect(box.received()).toEqual([{ output: 'acknowledge' }]);
  });

  it('two keys may mean one level; each is a press', () => {
    box.press('0');
    clock.advance(model.timing.togetherMs);
    box.press('1');
    expect(presses.map((press) => press.control)).toEqual([1, 1]);
  });

  it('two keys at once are told and taken back', () => {
    box.press('0');
    clock.advance(20);
    box.press('3');
    expect(presses).toHaveLength(1);
    expect(withdrawn).toEqual(presses);
    expect(driver.counters()).toMatchObject({ presses: 1, together: 2 });
  });

  it('a key that is held is no choice: it is taken back, asks for the voice, and in the end for none of it', async () => {
    const heldModel = await shippedModel('generic-hid-pad');
    const pad: ButtonSettings = {
      model: heldModel.id,
      path: '/dev/hidraw0',
      levels: { '1': 1, '2': 2, '3': 3, '4': 4, '5': 5 },
    };
    const line = createSimulatedBox({ model: heldModel, settings: pad });
    const told: string[] = [];
    const held = createDriver({
      boxes: [{ settings: pad, model: heldModel }],
      clock,
      openPort: line.openPort,
      onEvent(event) {
        if (event.type === 'press') told.push(`press ${event.press.control}`);
        if (event.type === 'withdrawn') told.push(`withdrawn ${event.press.control} ${event.reason}`);
        if (event.type === 'fault') told.push(event.fault.kind);
      },
    });
    held.start();
    await Promise.resolve();
    await Promise.resolve();
    clock.advance(heldModel.timing.settleMs);
    const report = (bits: number) => line.send(Uint8Array.of(bits, 0, 0, 0, 0, 0, 0, 0));
    report(4);
    clock.advance(1_400);
    report(0);
    clock.advance(5_000);
    expect(told).toEqual(['press 3']);
    report(8);
    clock.advance(3_900);
    expect(told.slice(1)).toEqual(['press 4', 'withdrawn 4 held', 'press repeat']);
    clock.advance(200);
    expect(told.slice(4)).toEqual(['press cancel']);
    clock.advance(heldModel.timing.stuckMs);
    expect(told.slice(5)).toEqual(['stuckKey']);
    expect(held.counters()).toMatchObject({ presses: 2, holds: 2 });
    await held.stop();
  });

  it('a stuck key is named with its box', () => {
    for (let passed = 0; passed < model.timing.stuckMs + 2_000; passed += 200) {
      box.press('2');
      clock.advance(200);
    }
    expect(presses).toHaveLength(1);
    expect(faults).toEqual([{ kind: 'stuckKey', key: '2', deviceId: deviceIdOf(settings) }]);
  });

  it('setting the wall clock makes no press out of a bounce', () => {
    box.press('3');
    clock.jumpWall(3_600_000);
    box.press('3');
    expect(presses).toHaveLength(1);
  });

  it('a fault names its bytes', () => {
    box.send(Uint8Array.of(0xff, 0x68, 3, 3, 0x68, 0x81, 0x11, 3, 0x99, 0x16));
    expect(faults).toEqual([
      { kind: 'line', fault: { code: 'badChecksum', bytes: 'FF 68 03 03 68 81 11 03 99 16' } },
    ]);
  });

  describe('a clerk’s keypad on the same line', () => {
    const CALL_NEXT = fromHex('FF 68 04 04 68 01 01 05 0C 13 16');

    it('is heard, and answered with its own frame only when it is to be', () => {
      box.send(CALL_NEXT);
      expect(callers).toEqual([{ type: 'caller', address: 1, func: 1, key: 0x0c, digits: [5] }]);
      expect(written).toEqual([]);
      for (const key of callers) driver.acknowledgeCaller(key);
      expect(written).toEqual([hex(CALL_NEXT)]);
    });

    it('presses nothing by our own words that a two-wire line gives back, however they were meant', () => {
      box.send(CALL_NEXT);
      for (const key of callers) driver.acknowledgeCaller(key);
      driver.display('   023');
      driver.beep();
      for (const words of written) box.send(fromHex(words));
      expect(callers).toHaveLength(1);
      // The clerk presses it once more.
      clock.advance(300);
      box.send(CALL_NEXT);
      expect(callers).toHaveLength(2);
    });

    it('of another address is beeped and written at by it', () => {
      driver.beep(7);
      driver.display('12', 7);
      expect(written).toEqual(['FF 68 02 02 68 07 03 0A 16', 'FF 68 08 08 68 07 02 0A 0A 0A 0A 01 02 34 16']);
    });
  });

  describe('a box that is asked', () => {
    const bus: ButtonSettings = {
      model: 'generic-modbus-rtu',
      path: '/dev/ttyUSB1',
      levels: { '1': 1, '2': 2, '3': 3, '4': 4, '5': 5 },
    };
    let mute: boolean;
    let states: LinkState[];
    let pad: SimulatedBox;
    let asked: Driver;

    /** In small steps: promises have their turn between. */
    const pass = async (ms: number) => {
      for (let gone = 0; gone < ms; gone += 50) {
        clock.advance(50);
        for (let turn = 0; turn < 4; turn++) await Promise.resolve();
      }
    };

    beforeEach(async () => {
      mute = false;
      states = [];
      const asking = await shippedModel('generic-modbus-rtu');
      pad = createSimulatedBox({ model: asking, settings: bus });
      asked = createDriver({
        boxes: [{ settings: bus, model: asking }],
        clock,
        async openPort(request) {
          const result = await pad.openPort(request);
          if (!result.ok) return result;
          const { port } = result;
          return { ok: true, port: { ...port, write: (bytes) => mute || port.write(bytes) } };
        },
        onEvent(event) {
          if (event.type === 'state') states.push(event.state);
          if (event.type === 'press') presses.push(event.press);
          if (event.type === 'fault') faults.push(event.fault);
        },
      });
    });
    const shown = () => states.map(({ state }) => state);

    it('and stops answering is lost within two seconds, and back when it answers, its first moments deaf', async () => {
      asked.start();
      await pass(1_000);
      pad.press('5');
      await pass(400);
      expect(presses).toMatchObject([{ control: 5 }]);
      mute = true;
      await pass(1_900);
      expect(asked.state()).toMatchObject({ state: 'lost', reason: expect.stringMatching(/不应答.*请检查/) });
      expect(faults).toMatchObject([{ kind: 'lost', fault: { code: 'silent' } }]);
      asked.say('prompt');
      expect(asked.counters()).toMatchObject({ dropped: 1, losses: 1 });
      await pass(60_000);
      mute = false;
      pad.press('1');
      await pass(200);
      expect(asked.state().state).toBe('ready');
      await pass(1_000);
      expect(asked.counters().settling).toBe(1);
      pad.press('2');
      await pass(200);
      expect(presses).toMatchObject([{ control: 5 }, { control: 2 }]);
      expect(shown()).toEqual(['connecting', 'ready', 'lost', 'ready']);
    });

    it('is not ready because a port opens, and is named within two seconds when nobody answers there', async () => {
      mute = true;
      asked.start();
      await pass(500);
      expect(shown()).toEqual(['connecting']);
      await pass(1_500);
      expect(shown()).toEqual(['connecting', 'lost']);
      mute = false;
      await pass(200);
      expect(asked.state().state).toBe('ready');
    });

    it('with a key that was down when it fell silent has not held it', async () => {
      asked.start();
      await pass(1_000);
      const down = Uint8Array.from([1, 2, 1, 1, 0x60, 0x48]);
      mute = true;
      pad.send(down);
      await pass(10_000);
      expect(presses).toMatchObject([{ control: 1 }]);
      expect(asked.counters().holds).toBe(0);
    });

    it('is not lost by a process that stood still, nor by one answer that is missing', async () => {
      asked.start();
      await pass(1_000);
      clock.advance(50);
      mute = true;
      await pass(100);
      mute = false;
      await pass(5_000);
      expect(shown()).toEqual(['connecting', 'ready']);
    });
  });

  it('half a frame from before a replug does not join the half after it', async () => {
    box.send(Uint8Array.of(0xff, 0x68, 3, 3, 0x68));
    box.pull();
    box.plug();
    clock.advance(500);
    await Promise.resolve();
    await Promise.resolve();
    clock.advance(model.timing.settleMs);
    box.send(Uint8Array.of(0x81, 0x11, 3, 0x95, 0x16));
    expect(presses).toEqual([]);
    box.press('3');
    expect(presses).toHaveLength(1);
  });
});
