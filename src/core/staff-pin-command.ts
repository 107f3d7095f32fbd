import { chownSync, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { STAFF_PIN_FILE, setPin } from './staff-pin.ts';

/** Named here: for a name alone this small program shall not load the store. */
const IN_A_KIOSKS_FOLDER = ['kiosk.json', 'journal.sqlite'];

/** Sets the PIN of a data folder. @returns what to tell the technician, and the exit code. */
export async function setPinOf(
  dataFolder: string,
  pin: string | null,
): Promise<{ readonly code: 0 | 1 | 2; readonly out: string }> {
  if (pin === null) return { code: 1, out: '两次输入不同或已取消，口令未变。(Nothing was changed.)\n' };
  // Made here, a folder would take the PIN and no kiosk would ever look into it.
  if (!IN_A_KIOSKS_FOLDER.some((name) => existsSync(join(dataFolder, name))))
    return {
      code: 2,
      out: `${dataFolder} 不是评价程序的数据文件夹（看不到 ${IN_A_KIOSKS_FOLDER.join('、')}），口令未设置。请以评价程序的用户运行，并用 --yiping-data= 指明其数据文件夹，例如 yiping staff-pin --yiping-data=/var/lib/yiping/kiosk。(No kiosk's folder, or not to be seen: nothing was set. Run as the kiosk's user and name its folder with --yiping-data=.)\n`,
    };
  const path = join(dataFolder, STAFF_PIN_FILE);
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
