import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** A password is a line, a private key in PEM some thousand characters; nothing honest comes near this. */
const MAX_SECRET_BYTES = 16 * 1024;

/** Why a secret could not be had: absent, unreadable, empty or too long; or readable by other users of the machine. */
export const SECRET_FAULTS = ['secretFile', 'secretOpen'] as const;
export type SecretFault = (typeof SECRET_FAULTS)[number];
export type Secret = { readonly secret: string } | { readonly fault: SecretFault };

/**
 * Reads a password or key from the file that the settings name, where it is needed and no earlier. The text is what
 * stands in the file without white space around it.
 */
export function readSecretFile(path: string): Secret {
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
    ? `读不到密钥文件“${path}”：请检查文件是否存在、可读、不为空。`
    : `密钥文件“${path}”可被本机其他用户读取，未使用：请把权限改为仅本程序可读（chmod 600）。`;
}
