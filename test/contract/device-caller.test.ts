import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SerialPort } from 'serialport';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createDriver,
  createDriverProcess,
  createSerialPorts,
  type Driver,
  type DriverEvent,
} from '../../src/device/buttons.ts';
import { fromHex, hex } from '../../src/device/decode/hex.ts';
import { createForkedDrivers } from '../../src/device/process/fork-driver.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { createPtyPair, type PtyPair } from '../../tools/button-box/pty-pair.ts';
import { shippedModel } from '../support/device-model.ts';
import { settingsFor } from './device-contract.ts';

/** A clerk's keypad on a real line, as the bus is documented: keys in, answers, sounds and digits out. */
const model = await shippedModel('ff68');
const until = (what: () => void) => vi.waitFor(what, { timeout: 20_000, interval: 5 });

/** Key 0C after the digits 2 and 3: call number 23. */
const CALL_23 = 'FF 68 05 05 68 01 01 02 03 0C 13 16';

const made = {
  'in this process': (boxes, onEvent) =>
    createDriver({ boxes, clock: systemClock, openPort: createSerialPorts({ clock: systemClock }), onEvent }),
  'in a process of its own': (boxes, onEvent) =>
    createDriverProcess({ boxes, clock: systemClock, spawn: createForkedDrivers(), onEvent }),
} as const satisfies Record<
  string,
  (boxes: Parameters<typeof createDriver>[0]['boxes'], onEvent: (event: DriverEvent) => void) => Driver
>;

describe.each(Object.entries(made))('a clerk’s keypad on a serial port, its driver %s', (_where, make) => {
  let folder: string;
  let pty: PtyPair;
  let keypad: SerialPort;
  let heard: Buffer;
  let driver: Driver;
  let keys: Extract<DriverEvent, { type: 'caller' }>[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'yiping-caller-'));
    pty = createPtyPair({ folder });
    await pty.plug();
    heard = Buffer.alloc(0);
    keypad = new SerialPort({ path: pty.boxPath, baudRate: 9600 });
    keypad.on('error', () => {});
    keypad.on('data', (bytes: Buffer) => {
      heard = Buffer.concat([heard, bytes]);
    });
    keys = [];
    const settings = settingsFor(model, { path: pty.hostPath });
    driver = make([{ settings, model }], (event) => {
      if (event.type === 'caller') keys.push(event);
    });
    driver.start();
    await until(() => expect([driver.state().state, keypad.isOpen]).toEqual(['ready', true]));
  });

  afterEach(async () => {
    await driver.stop();
    await pty.pull();
    await new Promise<void>((resolve) => {
      if (keypad.isOpen) keypad.close(() => resolve());
      else resolve();
    });
    await rm(folder, { recursive: true, force: true });
  });

  it('a key is told with its digits, and answered by its own frame when it has been taken', async () => {
    keypad.write(Buffer.from(fromHex(CALL_23)));
    await until(() =>
      expect(keys).toEqual([{ type: 'caller', address: 1, func: 1, key: 0x0c, digits: [2, 3] }]),
    );
    expect(hex(heard)).toBe('');
    for (const key of keys) driver.acknowledgeCaller(key);
    await until(() => expect(hex(heard)).toBe(CALL_23));
  });

  it('is beeped at, shows six digits, and hears nothing of what is said to others', async () => {
    driver.beep();
    driver.display('A023');
    driver.display('', 7);
    const said = [
      'FF 68 02 02 68 01 03 04 16',
      'FF 68 08 08 68 01 02 0A 0A 0A 00 02 03 26 16',
      'FF 68 08 08 68 07 02 0A 0A 0A 0A 0A 0A 45 16',
    ];
    await until(() => expect(hex(heard)).toBe(said.join(' ')));
  });
});
