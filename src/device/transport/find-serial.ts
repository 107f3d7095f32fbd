import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Whereabouts } from '../settings.ts';
import { kernelSays, theOneAt, type UsbNode } from './find-usb.ts';
import type { PortFault } from './port.ts';

export type FoundSerial =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly fault: PortFault };

/**
 * The node of the one port that is meant. The kernel's own tables are read: they are there before udev has
 * finished, cost a few milliseconds and need no other program.
 *
 * @param ports what there is; given by tests.
 */
export async function findSerial(
  where: Whereabouts,
  ports: () => Promise<readonly UsbNode[]> = usbSerialPorts,
): Promise<FoundSerial> {
  if (where.by === 'path') return { ok: true, path: where.path };
  const found = theOneAt(where, await ports());
  return found.ok ? { ok: true, path: found.node.path } : found;
}

/** @param root the tree of the kernel's devices. */
export async function usbSerialPorts(root = '/sys/class/tty'): Promise<readonly UsbNode[]> {
  const names = await readdir(root).catch(() => []);
  const found = await Promise.all(
    names.filter((name) => /^tty(USB|ACM)\d+$/.test(name)).map((name) => usbPort(root, name)),
  );
  return found.filter((port) => port !== undefined);
}

async function usbPort(root: string, name: string): Promise<UsbNode | undefined> {
  try {
    let folder = await realpath(join(root, name, 'device'));
    // The interface, then (for bridge chips one more step down) the device that carries the ids.
    for (let steps = 0; steps < 4; steps++) {
      const vendorId = await kernelSays(folder, 'idVendor');
      if (vendorId) {
        const [productId, serial] = await Promise.all([
          kernelSays(folder, 'idProduct'),
          kernelSays(folder, 'serial'),
        ]);
        const port = folder.split('/').at(-1) ?? '';
        return { path: `/dev/${name}`, vendorId, productId: productId ?? '', serial, port };
      }
      folder = join(folder, '..');
    }
    return undefined;
  } catch {
    // It went while it was looked at.
    return undefined;
  }
}
