import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readSecretFile } from '../secret-file.ts';
import { newSealKey, SEAL_KEY_FILE, sealSecret, unsealSecret } from './sealed-secret.ts';

const SECRET = 'ein-Geheimnis-钥';

it('is opened by its own key under its own name, and by nothing else', () => {
  const key = newSealKey();
  const sealed = sealSecret(SECRET, { key, name: 'passwordFile' });
  expect(sealed).not.toContain(SECRET);
  expect(sealSecret(SECRET, { key, name: 'passwordFile' })).not.toBe(sealed);
  expect(unsealSecret(sealed, { key, name: 'passwordFile' })).toBe(SECRET);
  expect(unsealSecret(sealed, { key, name: 'keyFile' })).toBeNull();
  expect(unsealSecret(sealed, { key: newSealKey(), name: 'passwordFile' })).toBeNull();
  expect(unsealSecret('yiping-sealed:1:', { key, name: 'passwordFile' })).toBeNull();
  const head = 'yiping-sealed:1:'.length;
  const bytes = Buffer.from(sealed.slice(head), 'base64');
  for (const at of bytes.keys()) {
    const bent = Buffer.from(bytes);
    bent[at] = (bent[at] ?? 0) ^ 1;
    const text = `yiping-sealed:1:${bent.toString('base64')}`;
    expect(unsealSecret(text, { key, name: 'passwordFile' })).toBeNull();
  }
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealed-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('is read by every link as any other secret, as long as its key lies beside it', () => {
  const key = newSealKey();
  const path = join(folder, 'passwordFile');
  const keyPath = join(folder, SEAL_KEY_FILE);
  writeFileSync(path, `${sealSecret(SECRET, { key, name: 'passwordFile' })}\n`, { mode: 0o600 });
  expect(readSecretFile(path)).toEqual({ fault: 'secretFile' });
  writeFileSync(keyPath, `${key}\n`, { mode: 0o600 });
  expect(readSecretFile(path)).toEqual({ secret: SECRET });
  chmodSync(keyPath, 0o644);
  expect(readSecretFile(path)).toEqual({ fault: 'secretFile' });
  chmodSync(keyPath, 0o600);
  writeFileSync(keyPath, newSealKey());
  expect(readSecretFile(path)).toEqual({ fault: 'secretFile' });
  expect(readFileSync(path, 'utf8')).not.toContain(SECRET);
});
