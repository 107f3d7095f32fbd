import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Transport } from '../models.ts';
import type { Whereabouts } from '../settings.ts';
import { type Found, theOneAt, type UsbNode } from './find-usb.ts';
import type { HidDevice } from './hid-library.ts';

type HidTransport = Extract<Transport, { readonly kind: 'hid' }>;

/**
 * The node of the one interface that is meant.
 *
 * @param devices as the library lists them: an interface once for every usage it has.
 * @param portOf the socket a node hangs on; given by tests.
 */
export async function findHid(
  where: Whereabouts,
  transport: HidTransport,
  devices: readonly HidDevice[],
  portOf: (path: string) => Promise<string> = usbPortOf,
): Promise<Found<Pick<UsbNode, 'path'>>> {
  if (where.by === 'path') return { ok: true, node: { path: where.path } };
  const { usagePage, usage, interface: number } = transport;
  const fitting = new Map<string, HidDevice>();
  for (const device of devices) {
    const fits =
      (usagePage === undefined || device.usagePage === usagePage) &&
      (usage === undefined || device.usage === usage) &&
      (number === undefined || device.interface === number);
    if (fits && device.path) fitting.set(device.path, device);
  }
  const nodes = await Promise.all(
    [...fitting].map(
      async ([path, { vendorId, productId, serialNumber }]): Promise<UsbNode> => ({
        path,
        vendorId: fourDigits(vendorId),
        productId: fourDigits(productId),
        serial: serialNumber || undefined,
        port: where.port === undefined ? '' : await portOf(path),
      }),
    ),
  );
  return theOneAt(where, nodes);
}

function fourDigits(id: number): string {
  return id.toString(16).padStart(4, '0');
}

/** `/dev/hidraw3` → `1-1.2`. The kernel's own table: the library does not tell. Empty where there is no such thing. */
async function usbPortOf(path: string): Promise<string> {
  try {
    const device = await realpath(`/sys/class/hidraw/${basename(path)}/device`);
    // …/1-1.2/1-1.2:1.0/0003:1209:0001.0004: the device, its interface, its HID node.
    return device.split('/').at(-3) ?? '';
  } catch {
    return '';
  }
}
