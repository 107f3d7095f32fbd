import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { JOURNAL_FILE } from '../store/store.ts';
import { loadOrMakeDeviceKey } from './device-key.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yiping-key-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const keyOf = () => {
  const key = loadOrMakeDeviceKey(folder);
  if (!key.ok) throw new Error(key.message);
  return Buffer.from(key.signer.publicKey).toString('hex');
};

it('is made once and stays', () => {
  expect(keyOf()).toBe(keyOf());
});

it('can be read by the kiosk’s user alone', () => {
  keyOf();
  expect(statSync(join(folder, 'device-key.pem')).mode & 0o777).toBe(0o600);
});

it('is never made anew beside a journal that another key signed', () => {
  writeFileSync(join(folder, JOURNAL_FILE), '');
  expect(loadOrMakeDeviceKey(folder)).toMatchObject({
    ok: false,
    message: expect.stringContaining('设备密钥'),
  });
});

it('that is damaged is said to be so, and is left as it is', () => {
  writeFileSync(join(folder, 'device-key.pem'), 'nonsense');
  expect(loadOrMakeDeviceKey(folder)).toMatchObject({ ok: false });
  expect(statSync(join(folder, 'device-key.pem')).size).toBe(8);
});
