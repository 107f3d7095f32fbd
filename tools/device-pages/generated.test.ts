import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { shippedModel } from '../../test/support/device-model.ts';
import { generated } from './generated.ts';
import { udevRules } from './rules.ts';

describe('what is made from the models', () => {
  it('is what is there: after a change run npm run docs:devices', async () => {
    for (const { path, text } of await generated())
      expect(readFileSync(path, 'utf8'), basename(path)).toBe(text);
  });
});

describe('udev rules', () => {
  const usb = [{ vendorId: '1209', productId: '0003' }];
  const rulesFor = async (id: string) => udevRules([{ ...(await shippedModel(id)), usb }]);

  it('let a serial box be opened and keep the modem manager off it', async () => {
    expect(await rulesFor('generic-line')).toContain(
      'KERNEL=="tty*", SUBSYSTEM=="tty", ATTRS{idVendor}=="1209", ATTRS{idProduct}=="0003", MODE="0660", GROUP="plugdev", TAG+="uaccess", ENV{ID_MM_DEVICE_IGNORE}="1"',
    );
  });

  it('let a HID box be opened', async () => {
    const rules = await rulesFor('generic-hid-pad');
    expect(rules).toMatch(/^KERNEL=="hidraw\*".*TAG\+="uaccess"$/m);
    expect(rules).toMatch(/^SUBSYSTEM=="usb".*ATTR\{idVendor\}=="1209"/m);
    expect(rules).not.toContain('LIBINPUT');
  });

  it('keep a pad that types from everybody else', async () => {
    expect(await rulesFor('keypad-5')).toMatch(/^SUBSYSTEM=="input".*LIBINPUT_IGNORE_DEVICE\}="1"/m);
  });

  it('say nothing of boxes that say nothing of themselves', async () => {
    expect(udevRules([await shippedModel('ff68')])).not.toContain('ff68');
  });
});
