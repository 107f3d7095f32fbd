import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Buttons, createButtons, createSerialPorts, type OpenPort } from '../../src/device/buttons.ts';
import type { Ff68HostCommand } from '../../src/device/decode/ff68.ts';
import { parseDeviceModel } from '../../src/device/models.ts';
import { createSimulatedBox } from '../../src/device/simulated.ts';
import type { Clock } from '../../src/shared/clock.ts';
import type { Press } from '../../src/shared/press.ts';
import type { LinkState } from '../../src/shared/queue-event.ts';
import { createPluggableBox } from '../../tools/button-box/pluggable.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';

/** A box and the way to it; everything else in the suite is the same for all. */
interface Rig {
  readonly path: string;
  readonly openPort: OpenPort;
  press(grade: number): Promise<void>;
  send(bytes: Uint8Array): Promise<void>;
  received(): readonly Ff68HostCommand[];
  pull(): Promise<void>;
  plug(): Promise<void>;
  dispose(): Promise<void>;
}

const rigs: Readonly<Record<string, (clock: Clock) => Promise<Rig>>> = {
  async 'a box in memory'() {
    const box = createSimulatedBox({ address: 0x81 });
    return {
      path: '/simulated/box',
      openPort: box.openPort,
      press: async (grade) => void box.press(grade),
      send: async (bytes) => void box.send(bytes),
      received: () => box.received(),
      pull: async () => box.pull(),
      plug: async () => box.plug(),
      dispose: async () => {},
    };
  },
  async 'a serial port (pseudo terminals joined by socat)'(clock) {
    const folder = await mkdtemp(join(tmpdir(), 'yiping-box-'));
    const box = createPluggableBox({ folder, address: 0x81, owner: undefined, onChange: () => {} });
    await box.plug();
    return {
      path: box.hostPath,
      openPort: createSerialPorts({ clock }),
      press: (grade) => box.press(grade),
      send: (bytes) => box.send(bytes),
      received: () => box.received(),
      pull: () => box.pull(),
      plug: () => box.plug(),
      dispose: async () => {
        await box.pull();
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
};

const file = fileURLToPath(new URL('../../assets/device-models/ff68.json', import.meta.url));
const read = parseDeviceModel(file, readFileSync(file, 'utf8'));
if (!read.ok) throw new Error(read.message);
const { model } = read;

const ran: string[] = [];
afterAll(() => console.log(`the button contract ran on: ${ran.join('; ')}`));

const bytes = (text: string) => Uint8Array.from(text.split(' '), (part) => Number.parseInt(part, 16));

describe.each(Object.entries(rigs))('buttons over %s', (name, makeRig) => {
  let clock: FakeClock;
  let rig: Rig;
  let buttons: Buttons;
  let presses: Press[];
  let states: LinkState[];

  const until = (what: () => void) => vi.waitFor(what, { timeout: 5_000, interval: 2 });
  const untilState = (state: LinkState['state']) => until(() => expect(buttons.state().state).toBe(state));
  /** For what needs a delay to pass: now and then a driver says nothing and only the look at the node tells. */
  const untilInTime = (state: LinkState['state']) =>
    until(() => {
      clock.advance(100);
      expect(buttons.state().state).toBe(state);
    });
  const heardPresses = (count: number) => until(() => expect(presses).toHaveLength(count));
  /** Everything sent before has been heard when this frame, which is no press, is counted: no waiting for nothing. */
  const untilQuiet = async () => {
    const before = buttons.counters().otherFunction;
    await rig.send(bytes('FF 68 03 03 68 81 55 00 D6 16'));
    await until(() => expect(buttons.counters().otherFunction).toBe(before + 1));
  };

  beforeEach(async () => {
    clock = createFakeClock();
    rig = await makeRig(clock);
    presses = [];
    states = [];
    buttons = createButtons({
      settings: {
        model: 'ff68',
        path: rig.path,
        address: 0x81,
        acknowledge: 'A',
        levels: { '0': 2, '1': 3, '2': 4, '3': 5 },
      },
      model,
      clock,
      openPort: rig.openPort,
      onPress: (press) => presses.push(press),
      onState: (state) => states.push(state),
    });
    buttons.start();
    await untilState('ready');
    clock.advance(model.timing.settleMs);
  });

  afterEach(async () => {
    await buttons.stop();
    await rig.dispose();
    if (!ran.includes(name)) ran.push(name);
  });

  it('a key becomes one press of the level the site gave it', async () => {
    for (const [grade, level] of [
      [0, 2],
      [1, 3],
      [2, 4],
      [3, 5],
    ] as const) {
      const before = presses.length;
      await rig.press(grade);
      await heardPresses(before + 1);
      expect(presses.at(-1)).toEqual({
        source: 'serial',
        deviceId: expect.stringMatching(/^ff68:81@/),
        control: level,
        atMs: clock.nowMs(),
      });
    }
  });

  it('the box hears the prompt, the answer to its press, and the stars', async () => {
    buttons.invite();
    await rig.press(3);
    await heardPresses(1);
    presses.forEach((press) => {
      buttons.acknowledge(press);
    });
    buttons.showStars(4);
    await until(() =>
      expect(rig.received()).toEqual([
        { kind: 'startRating' },
        { kind: 'acknowledge', variant: 'A', grade: 3 },
        { kind: 'stars', stars: 4 },
      ]),
    );
    expect(buttons.counters()).toMatchObject({ outputs: 3, dropped: 0 });
  });

  it('bounce and a held key are one press; after the pause the key is a press again', async () => {
    for (let again = 0; again < 5; again++) {
      await rig.press(2);
      await untilQuiet();
      clock.advance(100);
    }
    expect(presses).toHaveLength(1);
    expect(buttons.counters().repeats).toBe(4);
    clock.advance(model.timing.debounceMs);
    await rig.press(2);
    await heardPresses(2);
  });

  it('noise, a wrong checksum, another address and an unknown key press nothing', async () => {
    await rig.send(bytes('00 FF 68 68 16'));
    await rig.send(bytes('FF 68 03 03 68 81 11 03 99 16'));
    await rig.send(bytes('FF 68 03 03 68 83 11 03 97 16'));
    await rig.send(bytes('FF 68 03 03 68 81 11 07 99 16'));
    await untilQuiet();
    expect(presses).toEqual([]);
    expect(buttons.counters()).toMatchObject({
      badChecksum: 1,
      unknownKey: 1,
      foreignAddress: 1,
      presses: 0,
    });
    await rig.press(1);
    await heardPresses(1);
  });

  it('a pulled box is lost, a plugged one is ready again, and its first moments press nothing', async () => {
    await rig.pull();
    await untilInTime('lost');
    expect(buttons.state()).toMatchObject({ reason: expect.stringContaining(rig.path) });
    buttons.invite();
    expect(buttons.counters().dropped).toBe(1);

    await rig.plug();
    await untilInTime('ready');
    const known = presses.length;
    await rig.press(3);
    await until(() => expect(buttons.counters().settling).toBe(1));
    expect(presses).toHaveLength(known);
    clock.advance(model.timing.settleMs);
    await rig.press(0);
    await heardPresses(known + 1);
    expect(rig.received()).toEqual([]);
    expect(states.map((state) => state.state)).toEqual(['connecting', 'ready', 'lost', 'ready']);
  });

  it('a port that somebody else holds is named as busy, and taken once it is free', async () => {
    const second = createButtons({
      settings: {
        model: 'ff68',
        path: rig.path,
        address: 0x81,
        acknowledge: 'B',
        levels: { '0': 2, '1': 3, '2': 4, '3': 5 },
      },
      model,
      clock,
      openPort: rig.openPort,
      onPress: (press) => presses.push(press),
      onState: () => {},
    });
    second.start();
    await until(() => expect(second.state()).toMatchObject({ reason: expect.stringContaining('占用') }));
    await buttons.stop();
    await until(() => {
      clock.advance(100);
      expect(second.state().state).toBe('ready');
    });
    clock.advance(model.timing.settleMs);
    await rig.press(3);
    await heardPresses(1);
    await second.stop();
  });

  it('after stop nothing is reported', async () => {
    await buttons.stop();
    await rig.press(3);
    await rig.pull();
    expect(presses).toEqual([]);
    expect(states.map((state) => state.state)).toEqual(['connecting', 'ready']);
  });
});
