import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { placeName, type Whereabouts } from '../settings.ts';
import type { PortFault } from './port.ts';

/** A node that could be meant, and what the kernel says of the device behind it. */
export interface UsbNode {
  readonly path: string;
  /** Small hexadecimal, four digits. */
  readonly vendorId: string;
  readonly productId: string;
  readonly serial: string | undefined;
  /** The socket: bus, port, and the ports of hubs between; `1-1.2`. */
  readonly port: string;
}

export type Found<Node> =
  | { readonly ok: true; readonly node: Node }
  | { readonly ok: false; readonly fault: PortFault };

/**
 * The one that is meant; two that could be are a fault, because a guess would put a press on the wrong counter.
 * A model without ids is found where the site says that it is, and by nothing else.
 */
export function theOneAt<Node extends UsbNode>(
  where: Extract<Whereabouts, { readonly by: 'usb' }>,
  nodes: readonly Node[],
): Found<Node> {
  const named = where.serial !== undefined || where.port !== undefined;
  const found = nodes.filter(
    (node) =>
      (where.ids.length === 0
        ? named
        : where.ids.some((id) => id.vendorId === node.vendorId && id.productId === node.productId)) &&
      (where.serial === undefined || where.serial === node.serial) &&
      (where.port === undefined || where.port === node.port),
  );
  const [only, ...more] = found;
  const place = placeName(where);
  if (!only) return { ok: false, fault: { code: 'absent', path: place, detail: 'not on USB' } };
  if (more.length === 0) return { ok: true, node: only };
  const names = found.map(({ path, serial, port }) => `${path} (${serial ? `#${serial} ` : ''}@${port})`);
  return { ok: false, fault: { code: 'ambiguous', path: place, detail: names.join(', ') } };
}

/** One line of the kernel's tables; undefined when it is not there, or the device went while it was read. */
export async function kernelSays(folder: string, name: string): Promise<string | undefined> {
  return readFile(join(folder, name), 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
}
