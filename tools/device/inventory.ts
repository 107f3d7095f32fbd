/** What hangs on this machine, from the kernel's own tables: nothing is opened, no library is needed. */
import { constants } from 'node:fs';
import { access, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeviceModel } from '../../src/device/buttons.ts';
import { usbKeyboards } from '../../src/device/transport/find-keyboard.ts';
import { usbSerialPorts } from '../../src/device/transport/find-serial.ts';
import { kernelSays } from '../../src/device/transport/find-usb.ts';
import { portHolders } from '../../src/device/transport/port-holder.ts';

export interface Found {
  readonly kind: 'serial' | 'hid' | 'keyboard';
  readonly path: string;
  readonly name: string | undefined;
  readonly usb: { readonly vendorId: string; readonly productId: string } | undefined;
  readonly serial: string | undefined;
  readonly socket: string | undefined;
  /** Models that name these ids; `mayFit` are those that name none and travel on such a thing. */
  readonly fits: readonly string[];
  readonly mayFit: readonly string[];
  readonly allowed: boolean;
  /** Programs that have it open, as far as this user may see. */
  readonly heldBy: readonly string[];
}

type Seen = Omit<Found, 'fits' | 'mayFit' | 'allowed' | 'heldBy'> & {
  readonly usagePage?: number | undefined;
};

/** Where the kernel tells; tests bring their own. */
export interface Roots {
  readonly tty: string;
  readonly hidraw: string;
  readonly usb: string;
  readonly dev: string;
}
export const KERNEL: Roots = {
  tty: '/sys/class/tty',
  hidraw: '/sys/class/hidraw',
  usb: '/sys/bus/usb/devices',
  dev: '/dev',
};

export async function takeInventory(
  models: readonly DeviceModel[],
  roots: Roots = KERNEL,
): Promise<readonly Found[]> {
  const keyboards = await seenKeyboards(roots);
  const sockets = keyboards.map(({ socket }) => socket);
  const raw = await seenHidraw(roots);
  const seen = [
    ...(await seenSerial(roots)),
    // What types is listed once, as what it is.
    ...raw.filter(({ socket }) => socket === undefined || !sockets.includes(socket)),
    ...keyboards,
  ];
  return Promise.all(
    seen.map(async ({ usagePage, ...one }) => ({
      ...one,
      ...fitting(models, one, usagePage),
      allowed: await isAllowed(one.path),
      heldBy: await portHolders(one.path),
    })),
  );
}

async function seenSerial(roots: Roots): Promise<readonly Seen[]> {
  const onUsb = await usbSerialPorts(roots.tty);
  const names = (await readdir(roots.tty).catch(() => [])).filter((name) => /^ttyS\d+$/.test(name));
  const builtIn = await Promise.all(
    names.map(async (name) => {
      // The kernel keeps names for ports that no board has; their type is 0.
      const type = await kernelSays(join(roots.tty, name), 'type');
      const path = join(roots.dev, name);
      const isThere = type !== undefined && type !== '0' && (await stat(path).catch(() => undefined));
      return isThere ? path : undefined;
    }),
  );
  return [
    ...onUsb.map(({ path, vendorId, productId, serial, port }) => ({
      kind: 'serial' as const,
      path,
      name: undefined,
      usb: { vendorId, productId },
      serial,
      socket: port,
    })),
    ...builtIn
      .filter((path) => path !== undefined)
      .map((path) => ({
        kind: 'serial' as const,
        path,
        name: undefined,
        usb: undefined,
        serial: undefined,
        socket: undefined,
      })),
  ].sort((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true }));
}

async function seenHidraw(roots: Roots): Promise<readonly Seen[]> {
  const names = (await readdir(roots.hidraw).catch(() => [])).sort();
  const found = await Promise.all(
    names.map(async (name): Promise<Seen | undefined> => {
      try {
        const folder = await realpath(join(roots.hidraw, name, 'device'));
        const said = Object.fromEntries(
          (await readFile(join(folder, 'uevent'), 'utf8'))
            .split('\n')
            .map((line) => line.split(/=(.*)/s).slice(0, 2)),
        );
        // 0003:00000FC5:0000B080: the bus, then both ids.
        const [, vendor, product] =
          /^[^:]*:0*([0-9A-F]{4}):0*([0-9A-F]{4})$/i.exec(said['HID_ID'] ?? '') ?? [];
        const socket = folder.split('/').at(-3);
        return {
          kind: 'hid',
          path: join(roots.dev, name),
          name: said['HID_NAME'] || undefined,
          usb:
            vendor && product
              ? { vendorId: vendor.toLowerCase(), productId: product.toLowerCase() }
              : undefined,
          serial: said['HID_UNIQ'] || undefined,
          socket: socket && /^\d+-\d+(\.\d+)*$/.test(socket) ? socket : undefined,
          usagePage: usagePageOf(await readFile(join(folder, 'report_descriptor'))),
        };
      } catch {
        // It went while it was looked at.
        return undefined;
      }
    }),
  );
  return found.filter((one) => one !== undefined);
}

async function seenKeyboards(roots: Roots): Promise<readonly Seen[]> {
  const devices = await usbKeyboards(roots.usb);
  return Promise.all(
    devices.map(async ({ path, vendorId, productId, serial, port }) => ({
      kind: 'keyboard' as const,
      path,
      name: await kernelSays(join(roots.usb, port), 'product'),
      usb: { vendorId, productId },
      serial,
      socket: port,
    })),
  );
}

/** The first item of a report descriptor names the page: one byte (05) or two (06, low byte first). */
function usagePageOf(descriptor: Uint8Array): number | undefined {
  const [tag, low = 0, high = 0] = descriptor;
  if (tag === 0x05) return low;
  return tag === 0x06 ? low + high * 256 : undefined;
}

function fitting(
  models: readonly DeviceModel[],
  { kind, usb }: Pick<Seen, 'kind' | 'usb'>,
  usagePage: number | undefined,
): Pick<Found, 'fits' | 'mayFit'> {
  const onIt = models.filter(({ transport }) => transport.kind === kind);
  const has = (model: DeviceModel) =>
    usb !== undefined &&
    model.usb?.some((id) => id.vendorId === usb.vendorId && id.productId === usb.productId) === true;
  const may = ({ usb: ids, transport }: DeviceModel) =>
    ids === undefined &&
    (transport.kind === 'keyboard' ||
      (transport.kind === 'hid' && (transport.usagePage === undefined || transport.usagePage === usagePage)));
  return {
    fits: onIt.filter(has).map(({ id }) => id),
    // Any serial model may speak on any line: naming them all would help nobody.
    mayFit: onIt.filter(may).map(({ id }) => id),
  };
}

async function isAllowed(path: string): Promise<boolean> {
  return access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
}
