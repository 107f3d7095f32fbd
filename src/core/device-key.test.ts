import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SUITE_NAMES, type SuiteName } from '../shared/journal/suite.ts';
import { JOURNAL_FILE } from '../store/store.ts';
import { loadOrMakeDeviceKey } from './device-key.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yiping-key-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const keyOf = async (suite: SuiteName = 'ed25519-sha256') => {
  const key = await loadOrMakeDeviceKey(folder, suite);
  if (!key.ok) throw new Error(key.message);
  return Buffer.from(key.signer.publicKey).toString('hex');
};

it.each(SUITE_NAMES)('is made once and stays: %s', async (suite) => {
  expect(await keyOf(suite)).toBe(await keyOf(suite));
});

it.each(SUITE_NAMES)('can be read by the kiosk’s user alone: %s', async (suite) => {
  await keyOf(suite);
  expect(statSync(join(folder, 'device-key.pem')).mode & 0o777).toBe(0o600);
});

it('is never made anew beside a journal that another key signed', async () => {
  writeFileSync(join(folder, JOURNAL_FILE), '');
  expect(await loadOrMakeDeviceKey(folder, 'ed25519-sha256')).toMatchObject({
    ok: false,
    message: expect.stringContaining('设备密钥'),
  });
});

it('that is damaged is said to be so, and is left as it is', async () => {
  writeFileSync(join(folder, 'device-key.pem'), 'nonsense');
  expect(await loadOrMakeDeviceKey(folder, 'ed25519-sha256')).toMatchObject({ ok: false });
  expect(statSync(join(folder, 'device-key.pem')).size).toBe(8);
});

it('of another suite than the settings name is refused, and is left as it is', async () => {
  const key = await keyOf('sm2-sm3');
  expect(await loadOrMakeDeviceKey(folder, 'ed25519-sha256')).toMatchObject({
    ok: false,
    message: expect.stringContaining('suite'),
  });
  expect(await keyOf('sm2-sm3')).toBe(key);
});
