import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Signer, SuiteName } from '../shared/journal/suite.ts';
import { loadSigner, makePrivateKey } from '../shared/journal/suites.ts';
import { hasTraces, JOURNAL_FILE } from '../store/store.ts';
import { writeWhole } from './whole-file.ts';

/**
 * The device's own key: made here, never leaves, readable by the kiosk's user only. Without it the journal
 * cannot go on, so a missing key beside an existing journal is an error and never silently made anew
 * (src/store refuses a journal of another key).
 */
export type DeviceKey =
  | { readonly ok: true; readonly signer: Signer }
  | { readonly ok: false; readonly message: string };

export async function loadOrMakeDeviceKey(folder: string, suite: SuiteName): Promise<DeviceKey> {
  const path = join(folder, 'device-key.pem');
  try {
    if (!existsSync(path)) {
      if (existsSync(join(folder, JOURNAL_FILE)) || hasTraces(folder))
        return {
          ok: false,
          message: `设备密钥 ${path} 不见了，但日志库还在。请从备份恢复该密钥文件；若无备份，请联系管理员重新登记设备。`,
        };
      // Whole or not at all: a half-written key would lock the device out of its own journal.
      const written = writeWhole(path, await makePrivateKey(suite));
      if (!written.ok) throw new Error(written.detail);
    }
    chmodSync(path, 0o600);
    return { ok: true, signer: await loadSigner(suite, readFileSync(path, 'utf8')) };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      message: `无法读取或创建设备密钥 ${path}：${detail}。请检查该文件夹的权限与磁盘空间，以及设置 suite（现为 ${suite}）是否与该密钥一致。`,
    };
  }
}
