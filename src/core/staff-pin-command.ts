import { chownSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { STAFF_PIN_FILE, setPin } from './staff-pin.ts';

/** Sets the PIN of a data folder. @returns what to tell the technician, and the exit code. */
export async function setPinOf(
  dataFolder: string,
  pin: string | null,
): Promise<{ readonly code: 0 | 1 | 2; readonly out: string }> {
  if (pin === null) return { code: 1, out: '两次输入不同或已取消，口令未变。(Nothing was changed.)\n' };
  const path = join(dataFolder, STAFF_PIN_FILE);
  try {
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { code: 2, out: `无法使用数据文件夹 ${dataFolder}：${detail}\n` };
  }
  const set = await setPin(path, pin);
  if (!set.ok) return { code: 2, out: `${set.message}\n` };
  giveToOwnerOf(dataFolder, path);
  return { code: 0, out: `口令已设置：${path}。运行中的评价程序立即采用。(The PIN is set.)\n` };
}

/** Set by root, it must be readable by the kiosk's own user all the same. */
function giveToOwnerOf(folder: string, path: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(folder);
  chownSync(path, uid, gid);
}
