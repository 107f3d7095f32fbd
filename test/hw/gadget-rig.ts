import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Saying } from '../../src/device/framing/framing.ts';
import { framingOf } from '../../src/device/framing/framing-of.ts';
import type { DeviceModel } from '../../src/device/models.ts';
import { createPorts } from '../../src/device/transport/ports.ts';
import type { Clock } from '../../src/shared/clock.ts';
import { type DeviceRig, settingsFor } from '../contract/device-contract.ts';
import { until } from '../support/until.ts';
import { descriptorFor } from './descriptor.ts';
import { createGadget, type Gadget, type GadgetIdentity } from './gadget.ts';

/** A model played by a real USB device: only the far side of the cable is ours. Made once, plugged in often. */
export interface GadgetBox {
  /** Plugs it in, as if it had never been used; `dispose` pulls it. */
  rig(clock: Clock): Promise<DeviceRig>;
  remove(): Promise<void>;
}

/** The host fetches a report when it likes: the last one, that a key is up again, is to be there with the press. */
const FETCHED_MS = 60;

let made = 0;

/** A model on a serial line is a box on a USB line of another maker. */
export async function createGadgetBox(model: DeviceModel): Promise<GadgetBox> {
  const ids = model.usb?.[0] ?? { vendorId: '1209', productId: '0001' };
  made += 1;
  const identity: GadgetIdentity = { name: `box${made}`, ...ids, serial: `YP${process.pid}N${made}` };
  const framing = framingOf(model, settingsFor(model, {}));
  let end = framing.box();
  let sayings: Saying[] = [];

  const hear = (bytes: Uint8Array) => {
    const { sayings: said, answers } = end.hear(bytes);
    sayings.push(...said);
    for (const answer of answers) void device.send(answer);
  };
  const device: Gadget = await createGadget({
    ...identity,
    functions: await functionsFor(model, identity.name),
    onBytes(bytes) {
      for (const message of reportsOf(model, bytes)) hear(message);
    },
  });
  const plug = async () => {
    end = framing.box();
    await device.plug();
  };
  return {
    async rig(clock) {
      sayings = [];
      await plug();
      await known(identity.serial);
      return {
        place:
          model.transport.kind === 'serial'
            ? { path: `/dev/serial/by-id/usb-hidbench_${identity.name}_${identity.serial}-if00` }
            : { usbSerial: identity.serial },
        openPort: createPorts({ clock }),
        async press(key) {
          for (const piece of end.press(key)) await device.send(piece);
          if (model.transport.kind !== 'serial') await wait(FETCHED_MS);
        },
        async send(bytes) {
          await device.send(bytes);
        },
        received: () => [...sayings],
        pull: () => device.pull(),
        plug,
        dispose: () => device.pull(),
      };
    },
    remove: () => device.remove(),
  };
}

/** Until the host knows the device and udev has given it its names and its permissions. */
async function known(serial: string): Promise<void> {
  const root = '/sys/bus/usb/devices';
  const there = () =>
    readdirSync(root).some((name) => {
      const file = join(root, name, 'serial');
      return existsSync(file) && readFileSync(file, 'utf8').trim() === serial;
    });
  await until(() => assert.ok(there(), `${serial} is not on USB`));
  await settled();
}

/** udev of a machine this slow now and then drops the question; then it is asked again. */
async function settled(): Promise<void> {
  for (let ask = 1; ; ask++)
    try {
      await promisify(execFile)('udevadm', ['settle']);
      return;
    } catch (error) {
      if (ask === 3) throw error;
    }
}

async function functionsFor({ transport }: DeviceModel, name: string): Promise<readonly string[]> {
  switch (transport.kind) {
    case 'serial':
      return ['acm'];
    case 'hid':
      return [`hid:${await descriptorFor(name, transport)},${transport.reportBytes}`];
    case 'keyboard':
      return ['hid:keyboard'];
  }
}

/** Bytes as they come on a line; reports one by one and with the report id that the bus does not carry. */
function reportsOf({ transport }: DeviceModel, bytes: Uint8Array): readonly Uint8Array[] {
  if (transport.kind === 'serial') return [bytes];
  const length = transport.kind === 'hid' ? transport.reportBytes : 1;
  const count = Math.ceil(bytes.length / length);
  return Array.from({ length: count }, (_, at) =>
    Uint8Array.from([0, ...bytes.subarray(at * length, (at + 1) * length)]),
  );
}
