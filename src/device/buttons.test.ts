import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock, type FakeClock } from '../../test/support/fake-clock.ts';
import type { Press } from '../shared/press.ts';
import { type ButtonFault, type Buttons, deviceIdOf } from './buttons.ts';
import { parseDeviceModel } from './models.ts';
import type { ButtonSettings } from './settings.ts';
import { createSimulatedButtons, type SimulatedBox } from './simulated.ts';

const file = fileURLToPath(new URL('../../assets/device-models/ff68.json', import.meta.url));
const read = parseDeviceModel(file, readFileSync(file, 'utf8'));
if (!read.ok) throw new Error(read.message);
const { model } = read;

const settings: ButtonSettings = {
  model: 'ff68',
  path: '/dev/ttyUSB0',
  address: 0x81,
  acknowledge: 'B',
  levels: { '0': 1, '1': 1, '2': 4, '3': 5 },
};

describe('buttons, beyond what the contract asks of every line', () => {
  let clock: FakeClock;
  let presses: Press[];
  let faults: ButtonFault[];
  let buttons: Buttons & { readonly box: SimulatedBox };

  beforeEach(async () => {
    clock = createFakeClock();
    presses = [];
    faults = [];
    buttons = createSimulatedButtons({
      settings,
      model,
      clock,
      onPress: (press) => presses.push(press),
      onState: () => {},
      onFault: (fault) => faults.push(fault),
    });
    buttons.start();
    await Promise.resolve();
    await Promise.resolve();
    clock.advance(model.timing.settleMs);
  });

  it('the device is named by model, address and port', () => {
    expect(deviceIdOf(settings)).toBe('ff68:81@ttyUSB0');
    expect(deviceIdOf({ ...settings, address: 7 })).toBe('ff68:07@ttyUSB0');
  });

  it('only the press of this device is acknowledged, in the variant of the site', () => {
    buttons.box.press(3);
    const [press] = presses;
    if (!press) throw new Error('no press');
    buttons.acknowledge({ ...press, deviceId: 'ff68:82@ttyUSB1' });
    buttons.acknowledge(press);
    expect(buttons.box.received()).toEqual([{ kind: 'acknowledge', variant: 'B' }]);
  });

  it('two keys may mean one level; each is a press', () => {
    buttons.box.press(0);
    buttons.box.press(1);
    expect(presses.map((press) => press.control)).toEqual([1, 1]);
  });

  it('setting the wall clock makes no press out of a bounce', () => {
    buttons.box.press(3);
    clock.jumpWall(3_600_000);
    buttons.box.press(3);
    expect(presses).toHaveLength(1);
  });

  it('a fault names its bytes', () => {
    buttons.box.send(Uint8Array.of(0xff, 0x68, 3, 3, 0x68, 0x81, 0x11, 3, 0x99, 0x16));
    expect(faults).toEqual([
      { kind: 'line', fault: { code: 'badChecksum', bytes: 'FF 68 03 03 68 81 11 03 99 16' } },
    ]);
  });

  it('half a frame from before a replug does not join the half after it', async () => {
    buttons.box.send(Uint8Array.of(0xff, 0x68, 3, 3, 0x68));
    buttons.box.pull();
    buttons.box.plug();
    clock.advance(500);
    await Promise.resolve();
    await Promise.resolve();
    clock.advance(model.timing.settleMs);
    buttons.box.send(Uint8Array.of(0x81, 0x11, 3, 0x95, 0x16));
    expect(presses).toEqual([]);
    buttons.box.press(3);
    expect(presses).toHaveLength(1);
  });
});
