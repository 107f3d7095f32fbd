import { readdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { placeName, type Whereabouts } from '../settings.ts';
import type { PortFault } from './port.ts';

export type FoundSerial =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly fault: PortFault };

/** What the kernel says of one serial port on USB. */
export interface UsbSerialPort {
  readonly path: string;
  /** Small hexadecimal, four digits. */
  readonly vendorId: string;
  readonly productId: string;
  readonly serial: string | undefined;
  /** The socket: bus, port, and the ports of hubs between; `1-1.2`. */
  readonly port: string;
}

/**
 * The node of the one port that is meant. The kernel's own tables are read: they are there before udev has
 * finished, cost a few milliseconds and need no other program.
 *
 * @param ports what there is; given by tests.
 */
export async function findSerial(
  where: Whereabouts,
  ports: () => Promise<readonly UsbSerialPort[]> = usbSerialPorts,
): Promise<FoundSerial> {
  if (where.by === 'path') return { ok: true, path: where.path };
  const found = (await ports()).filter(
    (port) =>
      where.ids.some((id) => id.vendorId === port.vendorId && id.productId === port.productId) &&
      (where.serial === undefined || where.serial === port.serial) &&
      (where.port === undefined || where.port === port.port),
  );
  const [only, ...more] = found;
  const place = placeName(where);
  if (!only) return { ok: false, fault: { code: 'absent', path: place, detail: 'not on USB' } };
  if (more.length === 0) return { ok: true, path: only.path };
  const names = found.map(({ path, serial, port }) => `${path} (${serial ? `#${serial} ` : ''}@${port})`);
  return { ok: false, fault: { code: 'ambiguous', path: place, detail: names.join(', ') } };
}

/** @param root the tree of the kernel's devices. */
export async function usbSerialPorts(root = '/sys/class/tty'): Promise<readonly UsbSerialPort[]> {
  const names = await readdir(root).catch(() => []);
  const found = await Promise.all(
    names.filter((name) => /^tty(USB|ACM)\d+$/.test(name)).map((name) => usbPort(root, name)),
  );
  return found.filter((port) => port !== undefined);
}

async function usbPort(root: string, name: string): Promise<UsbSerialPort | undefined> {
  try {
    let folder = await realpath(join(root, name, 'device'));
    // The interface, then (for bridge chips one more step down) the device that carries the ids.
    for (let steps = 0; steps < 4; steps++) {
      const vendorId = await read(folder, 'idVendor');
      if (vendorId) {
        const [productId, serial] = await Promise.all([read(folder, 'idProduct'), read(folder, 'serial')]);
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

async function read(folder: string, name: string): Promise<string | undefined> {
  return readFile(join(folder, name), 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
}
