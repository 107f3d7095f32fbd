import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSerialPorts, type DeviceModel } from '../../src/device/buttons.ts';
import type { Clock } from '../../src/shared/clock.ts';
import { createPluggableBox } from '../../tools/button-box/pluggable.ts';
import { type DeviceRig, settingsFor } from './device-contract.ts';

/** A box on a real serial port: pseudo terminals joined by socat, plugged. */
export async function makePtyRig(model: DeviceModel, clock: Clock): Promise<DeviceRig> {
  const folder = await mkdtemp(join(tmpdir(), 'yiping-box-'));
  const { address } = settingsFor(model, {});
  const box = createPluggableBox({
    folder,
    model,
    ...(address === undefined ? {} : { address }),
    owner: undefined,
    onChange: () => {},
  });
  await box.plug();
  return {
    place: { path: box.hostPath },
    openPort: createSerialPorts({ clock }),
    press: (key) => box.press(key),
    send: (bytes) => box.send(bytes),
    received: () => box.received(),
    pull: () => box.pull(),
    plug: () => box.plug(),
    async dispose() {
      await box.pull();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
