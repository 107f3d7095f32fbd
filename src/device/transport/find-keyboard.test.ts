import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findKeyboard, usbKeyboards } from './find-keyboard.ts';

let root: string;

const tell = async (folder: string, says: Readonly<Record<string, string>>) => {
  await mkdir(join(root, folder), { recursive: true });
  await Promise.all(
    Object.entries(says).map(([name, text]) => writeFile(join(root, folder, name), `${text}\n`)),
  );
};

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'yiping-usb-'));
  const pad = { idVendor: '1a2c', idProduct: '0e24', busnum: '1' };
  await tell('usb1', { idVendor: '1d6b', idProduct: '0002', busnum: '1', devnum: '1' });
  await tell('1-1.2', { ...pad, devnum: '7' });
  // Media keys first: what is meant is the interface that types.
  await tell('1-1.2:1.0', { bInterfaceClass: '03', bInterfaceProtocol: '00' });
  await tell('1-1.2:1.1', { bInterfaceClass: '03', bInterfaceProtocol: '01' });
  await tell('1-1.2:1.2', { bInterfaceClass: '08', bInterfaceProtocol: '50' });
  await tell('1-2', { ...pad, devnum: '12', serial: 'PAD9' });
  await tell('1-2:1.0', { bInterfaceClass: '03', bInterfaceProtocol: '01' });
  await tell('1-3', { ...pad, devnum: '13' });
  await tell('1-3:1.0', { bInterfaceClass: '03', bInterfaceProtocol: '02' });
});
afterEach(() => rm(root, { recursive: true, force: true }));

const ids = [{ vendorId: '1a2c', productId: '0e24' }];

it('finds the pad in a socket, with its typing interface first and all others that report', async () => {
  expect(await findKeyboard({ by: 'usb', ids, port: '1-1.2' }, () => usbKeyboards(root))).toMatchObject({
    ok: true,
    node: { path: '/dev/bus/usb/001/007', interfaces: ['1-1.2:1.1', '1-1.2:1.0'] },
  });
});

it('finds a pad by its serial number alone where the model has no ids', async () => {
  expect(await findKeyboard({ by: 'usb', ids: [], serial: 'PAD9' }, () => usbKeyboards(root))).toMatchObject({
    ok: true,
    node: { port: '1-2' },
  });
});

it('takes no keyboard that nobody named', async () => {
  expect(await findKeyboard({ by: 'usb', ids: [] }, () => usbKeyboards(root))).toMatchObject({
    ok: false,
    fault: { code: 'absent' },
  });
});

it('does not choose between two pads, and a mouse is none of them', async () => {
  const found = await findKeyboard({ by: 'usb', ids }, () => usbKeyboards(root));
  expect(found).toMatchObject({ ok: false, fault: { code: 'ambiguous' } });
  expect(found.ok ? '' : found.fault.detail).not.toContain('@1-3');
});
