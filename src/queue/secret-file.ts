import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isSealed, SEAL_KEY_FILE, unsealSecret } from './pairing/sealed-secret.ts';

/** A password is a line, a private key in PEM some thousand characters; nothing honest comes near this. */
const MAX_SECRET_BYTES = 16 * 1024;

/**
 * Why a secret could not be had: absent, unreadable, empty, too long, or sealed under another key; or readable by other
 * users of the machine.
 */
export const SECRET_FAULTS = ['secretFile', 'secretOpen'] as const;
export type SecretFault = (typeof SECRET_FAULTS)[number];
export type Secret = { readonly secret: string } | { readonly fault: SecretFault };

/**
 * Reads a password or key from the file that the settings name, where it is needed and no earlier. The text is what
 * stands in the file without white space around it; one that a pairing has sealed is opened with the key beside it.
 */
export function readSecretFile(path: string): Secret {
  const found = readPrivateFile(path);
  if ('fault' in found || !isSealed(found.secret)) return found;
  const key = readPrivateFile(join(dirname(path), SEAL_KEY_FILE));
  const secret =
    'secret' in key ? unsealSecret(found.secret, { key: key.secret, name: basename(path) }) : null;
  return secret === null ? { fault: 'secretFile' } : { secret: secret.trim() };
}

function readPrivateFile(path: string): Secret {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const about = fstatSync(file);
    if (!about.isFile() || about.size > MAX_SECRET_BYTES) return { fault: 'secretFile' };
    // Windows has no such bits; there the folder's own rights protect it.
    if (process.platform !== 'win32' && (about.mode & 0o077) !== 0) return { fault: 'secretOpen' };
    const bytes = Buffer.alloc(MAX_SECRET_BYTES);
    const secret = bytes.toString('utf8', 0, readSync(file, bytes)).trim();
    return secret === '' ? { fault: 'secretFile' } : { secret };
  } catch {
    return { fault: 'secretFile' };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** zh-CN, names the remedy. */
export function secretReason(fault: SecretFault, path: string): string {
  return fault === 'secretFile'
    ? `读不到密钥文件“${path}”：请检查文件是否存在、可读、不为空；若是配对时保存的，请重新配对。`
    : `密钥文件“${path}”可被本机其他用户读取，未使用：请把权限改为仅本程序可读（chmod 600）。`;
}
