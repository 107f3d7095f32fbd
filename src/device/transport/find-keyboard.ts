import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { placeName, type Whereabouts } from '../settings.ts';
import { type Found, kernelSays, theOneAt, type UsbNode } from './find-usb.ts';

/** A device on USB with a keyboard in it. */
export interface KeyboardDevice extends UsbNode {
  /** The keyboard's interface first, then the others that report (media keys, a wheel): `1-1.2:1.0`. */
  readonly interfaces: readonly [string, ...string[]];
}

const HID_CLASS = '03';
const KEYBOARD_PROTOCOL = '01';

/** The one pad that types which is meant. */
export async function findKeyboard(
  where: Whereabouts,
  devices: () => Promise<readonly KeyboardDevice[]> = usbKeyboards,
): Promise<Found<KeyboardDevice>> {
  if (where.by === 'path') {
    // A keyboard's node is taken away from the kernel, so that its name means nothing.
    const detail = 'a pad that types is named by usbSerial or usbPort, not by path';
    return { ok: false, fault: { code: 'absent', path: placeName(where), detail } };
  }
  return theOneAt(where, await devices());
}

/**
 * From the kernel's own tables, which stay when the device is taken from the kernel's drivers.
 *
 * @param root the tree of the kernel's USB devices.
 */
export async function usbKeyboards(root = '/sys/bus/usb/devices'): Promise<readonly KeyboardDevice[]> {
  const names = await readdir(root).catch(() => []);
  const found = await Promise.all(
    names.filter((name) => /^\d+-\d+(\.\d+)*$/.test(name)).map((name) => keyboard(root, name, names)),
  );
  return found.filter((device) => device !== undefined);
}

async function keyboard(
  root: string,
  port: string,
  names: readonly string[],
): Promise<KeyboardDevice | undefined> {
  const says = (name: string) => kernelSays(join(root, port), name);
  const [vendorId, productId, serial, bus, number] = await Promise.all(
    ['idVendor', 'idProduct', 'serial', 'busnum', 'devnum'].map(says),
  );
  if (!vendorId || !productId || !bus || !number) return undefined;
  const reporting = await Promise.all(
    names
      .filter((name) => name.startsWith(`${port}:`))
      .sort()
      .map(async (name) => {
        const folder = join(root, name);
        const isHid = (await kernelSays(folder, 'bInterfaceClass')) === HID_CLASS;
        const types = (await kernelSays(folder, 'bInterfaceProtocol')) === KEYBOARD_PROTOCOL;
        return isHid ? { name: basename(folder), types } : undefined;
      }),
  );
  const all = reporting.filter((one) => one !== undefined);
  const main = all.find(({ types }) => types);
  if (!main) return undefined;
  const others = all.filter((one) => one !== main).map(({ name }) => name);
  const path = `/dev/bus/usb/${bus.padStart(3, '0')}/${number.padStart(3, '0')}`;
  return { path, vendorId, productId, serial, port, interfaces: [main.name, ...others] };
}
