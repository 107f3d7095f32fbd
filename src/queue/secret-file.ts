import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { assertNever } from '../shared/words.ts';

/** Why a file that holds a password or a key is of no use. */
export const SECRET_FAULTS = ['secretMissing', 'secretOpen', 'secretUnusable'] as const;
export type SecretFault = (typeof SECRET_FAULTS)[number];

export type Secret =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly fault: SecretFault };

/** A password is a line; a private key in PEM is some thousand bytes. */
const MAX_BYTES = 16 * 1024;

/**
 * Credentials stand in no settings file but in a file of their own (0600, in the data folder), read each time a link
 * connects. What everybody on the machine may read is not taken: nobody would notice otherwise.
 */
export function readSecretFile(path: string): Secret {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return { ok: false, fault: 'secretMissing' };
  }
  try {
    const { mode, size } = fstatSync(fd);
    // Windows has no such bits; there the data folder's own rights decide.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) return { ok: false, fault: 'secretOpen' };
    if (size > MAX_BYTES) return { ok: false, fault: 'secretUnusable' };
    const bytes = Buffer.alloc(MAX_BYTES);
    const length = readSync(fd, bytes, 0, MAX_BYTES, 0);
    const text = new TextDecoder('utf-8', { fatal: true })
      .decode(bytes.subarray(0, length))
      .replace(/\r?\n$/, '');
    return text === '' || text.includes('\0') ? { ok: false, fault: 'secretUnusable' } : { ok: true, text };
  } catch {
    return { ok: false, fault: 'secretUnusable' };
  } finally {
    closeSync(fd);
  }
}

/** zh-CN, names the file and what to do with it; never what is in it. */
export function secretReason(fault: SecretFault, file: string): string {
  switch (fault) {
    case 'secretMissing':
      return `读不到密码或密钥文件“${file}”：请检查文件是否存在、本机程序是否有权读取，或重新配对。`;
    case 'secretOpen':
      return `密码或密钥文件“${file}”其他用户也能读取，因此没有使用：请把权限改为仅本机程序可读（chmod 600）。`;
    case 'secretUnusable':
      return `密码或密钥文件“${file}”为空、过大或不是文本：请重新写入，或重新配对。`;
    default:
      return assertNever(fault);
  }
}
