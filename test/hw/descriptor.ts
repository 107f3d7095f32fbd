import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Transport } from '../../src/device/models.ts';

/** @returns a file with the report descriptor of a device that fits: reports both ways, no report ids. */
export async function descriptorFor(
  name: string,
  { usagePage = 0xff00, usage = 1, reportBytes }: Extract<Transport, { readonly kind: 'hid' }>,
): Promise<string> {
  const two = (value: number) => [value & 0xff, value >> 8];
  const bytes = [0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, reportBytes];
  const descriptor = [
    ...[0x06, ...two(usagePage), 0x0a, ...two(usage), 0xa1, 0x01],
    ...[...bytes, 0x09, 0x02, 0x81, 0x02],
    ...[...bytes, 0x09, 0x03, 0x91, 0x02],
    0xc0,
  ];
  const file = join(tmpdir(), `${name}.descriptor`);
  await writeFile(file, Uint8Array.from(descriptor));
  return file;
}
