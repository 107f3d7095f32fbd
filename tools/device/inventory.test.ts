import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkModelFolders } from '../../src/device/buttons.ts';
import { modelFolder } from '../../test/support/device-model.ts';
import { takeInventory } from './inventory.ts';
import { linesOf } from './list.ts';
import { wordsIn } from './words.ts';

/** The kernel's tables of a machine with a lamp and a board without a name, as they are laid out in /sys. */
const { models } = await checkModelFolders([modelFolder]);
let root: string;
const roots = () => ({
  tty: join(root, 'tty'),
  hidraw: join(root, 'hidraw'),
  usb: join(root, 'usb'),
  dev: join(root, 'dev'),
});

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'yiping-sys-'));
  for (const folder of Object.values(roots())) await mkdir(folder);
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function plugHid(name: string, ids: string, descriptor: readonly number[]): Promise<void> {
  const device = join(root, 'devices', '1-1.2', '1-1.2:1.0', `0003:${name}`);
  await mkdir(device, { recursive: true });
  await writeFile(join(device, 'uevent'), `HID_ID=${ids}\nHID_NAME=A lamp\nHID_UNIQ=PAD7\n`);
  await writeFile(join(device, 'report_descriptor'), Uint8Array.from(descriptor));
  await mkdir(join(root, 'hidraw', name));
  await symlink(device, join(root, 'hidraw', name, 'device'));
  await writeFile(join(root, 'dev', name), '');
}

it('a device is listed with ids, serial number, socket and the model that names it', async () => {
  await plugHid('hidraw0', '0003:00000FC5:0000B080', [0x06, 0x00, 0xff]);
  const [found] = await takeInventory(models, roots());
  expect(found).toMatchObject({
    usb: { vendorId: '0fc5', productId: 'b080' },
    serial: 'PAD7',
    socket: '1-1.2',
    fits: ['delcom-lamp'],
    allowed: true,
  });
});

it('one that no model names is one to try, where its usage page is right', async () => {
  await plugHid('hidraw0', '0003:00001209:00000001', [0x06, 0x00, 0xff]);
  await plugHid('hidraw1', '0003:00001209:00000002', [0x05, 0x01]);
  const found = await takeInventory(models, roots());
  expect(found.map(({ mayFit }) => mayFit)).toEqual([['generic-hid-pad'], []]);
});

it('a missing right names the udev rules, a holder is named, and nothing is said to be nothing', async () => {
  await plugHid('hidraw0', '0003:00000FC5:0000B080', [0x06, 0x00, 0xff]);
  const say = wordsIn('zh-CN').list;
  const [one] = await takeInventory(models, roots());
  if (!one) throw new Error('not found');
  expect(linesOf([{ ...one, allowed: false }], say).join()).toContain('assets/udev/70-yiping-devices.rules');
  expect(linesOf([{ ...one, heldBy: ['minicom (4711)'] }], say).join()).toContain('被占用：minicom (4711)');
  expect(linesOf([], say)).toEqual(['串口：没有', 'HID 设备：没有', '键盘类设备：没有']);
});
