import { readdir, readFile, readlink, realpath } from 'node:fs/promises';

/**
 * Which programs hold a port, as a technician can find them: `minicom (4711)`. Linux tells of our own user's
 * programs only, unless we are root.
 * @returns an empty list when nobody is found, or where the system does not tell.
 */
export async function portHolders(path: string): Promise<readonly string[]> {
  try {
    const device = await realpath(path);
    const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const found = await Promise.all(processes.map((pid) => holds(pid, device)));
    return found.flatMap((name) => name ?? []);
  } catch {
    return [];
  }
}

/** @returns the program's name if it has the device open; processes come and go while we look. */
async function holds(pid: string, device: string): Promise<string | undefined> {
  try {
    const folder = `/proc/${pid}/fd`;
    const open = await Promise.all(
      (await readdir(folder)).map((fd) => readlink(`${folder}/${fd}`).catch(() => '')),
    );
    if (!open.includes(device)) return undefined;
    return `${(await readFile(`/proc/${pid}/comm`, 'utf8')).trim()} (${pid})`;
  } catch {
    return undefined;
  }
}
