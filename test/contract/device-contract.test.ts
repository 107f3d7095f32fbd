import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type SerialPort, SerialPortMock } from 'serialport';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDriver, createSerialPorts, type DeviceModel } from '../../src/device/buttons.ts';
import type { Saying } from '../../src/device/framing/framing.ts';
import { framingOf } from '../../src/device/framing/framing-of.ts';
import { createSimulatedBox } from '../../src/device/simulated.ts';
import { createPluggableBox } from '../../tools/button-box/pluggable.ts';
import { modelFolder, shippedModel } from '../support/device-model.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { driverContract, settingsFor, type TestRunner } from './device-contract.ts';
import { makePtyRig } from './device-pty-rig.ts';
import { createRanOn } from './device-ran-on.ts';

const ranOn = createRanOn();
const runner: TestRunner = { describe, it, beforeEach, afterEach };

const models = await Promise.all(
  readdirSync(modelFolder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => shippedModel(basename(name, '.json'))),
);

for (const model of models.filter(({ keys }) => keys.length > 0)) {
  driverContract({
    runner,
    model,
    ...ranOn({
      model,
      on: 'a line in memory',
      async makeRig() {
        const place = { path: '/simulated/box' };
        const box = createSimulatedBox({ model, settings: settingsFor(model, place) });
        return {
          place,
          openPort: box.openPort,
          press: async (key) => void box.press(key),
          send: async (bytes) => void box.send(bytes),
          received: () => box.received(),
          pull: async () => box.pull(),
          plug: async () => box.plug(),
          dispose: async () => {},
        };
      },
    }),
  });
}

// A box that is asked needs a clock that goes by itself on a real line: device-process.test.ts and device-asked.test.ts.
const speaksByItself = ({ transport, framing }: DeviceModel) =>
  transport.kind === 'serial' && framing.kind !== 'modbus-rtu';

for (const model of models.filter(speaksByItself)) {
  driverContract({
    runner,
    model,
    ...ranOn({
      model,
      on: 'a serial port (pseudo terminals joined by socat)',
      makeRig: (clock) => makePtyRig(model, clock),
    }),
  });
}

for (const model of models.filter(speaksByItself)) {
  driverContract({
    runner,
    model,
    ...ranOn({
      model,
      on: "serialport's own stand-in for a port",
      async makeRig(clock) {
        const folder = await mkdtemp(join(tmpdir(), 'yiping-mock-'));
        const path = join(folder, 'port');
        const settings = settingsFor(model, { path });
        const framing = framingOf(model, settings);
        let end = framing.box();
        let heardBytes = 0;
        let sayings: Saying[] = [];
        let open: SerialPortMock | undefined;
        const emit = (bytes: Uint8Array) => {
          if (open?.port?.isOpen) open.port.emitData(Buffer.from(bytes));
        };
        const plug = async () => {
          // The stand-in has no node; ours is looked at to see whether the cable is there.
          await writeFile(path, '');
          SerialPortMock.binding.createPort(path, { record: true });
          end = framing.box();
          heardBytes = 0;
          sayings = [];
        };
        await plug();
        const load = async () => {
          const Standin = class extends SerialPortMock {
            constructor(options: ConstructorParameters<typeof SerialPortMock>[0]) {
              super(options);
              open = this;
            }
          };
          return Standin as unknown as typeof SerialPort;
        };
        return {
          place: { path },
          openPort: createSerialPorts({ clock, load }),
          press: async (key) => end.press(key).forEach(emit),
          send: async (bytes) => void emit(bytes),
          received() {
            const said = open?.port?.recording ?? Buffer.alloc(0);
            sayings.push(...end.hear(said.subarray(heardBytes)).sayings);
            heardBytes = said.length;
            return sayings;
          },
          pull: () => rm(path, { force: true }),
          plug,
          dispose: () => rm(folder, { recursive: true, force: true }),
        };
      },
    }),
  });
}

describe('a serial port', () => {
  it('that somebody else holds is named as busy, and taken once it is free', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'yiping-box-'));
    const model = await shippedModel('ff68');
    const box = createPluggableBox({ folder, model, address: 0x81, owner: undefined, onChange: () => {} });
    await box.plug();
    const clock = createFakeClock();
    const make = () =>
      createDriver({
        boxes: [{ settings: settingsFor(model, { path: box.hostPath }), model }],
        clock,
        openPort: createSerialPorts({ clock }),
        onEvent: () => {},
      });
    const [first, second] = [make(), make()];
    first.start();
    const until = (what: () => void) => vi.waitFor(what, { timeout: 10_000, interval: 2 });
    await until(() => expect(first.state().state).toBe('ready'));
    second.start();
    await until(() => expect(second.state()).toMatchObject({ reason: expect.stringContaining('占用') }));
    await first.stop();
    await until(() => {
      clock.advance(100);
      expect(second.state().state).toBe('ready');
    });
    await second.stop();
    await box.pull();
    await rm(folder, { recursive: true, force: true });
  });
});
