import { readdir, readFile, readlink, realpath } from 'node:fs/promises';

/** How many names are asked for at once: each answer costs the event loop a moment, and nobody waits for this one. */
const AT_ONCE = 2;

/**
 * Which programs hold a port, as a technician can find them: `minicom (4711)`. Linux tells of our own user's
 * programs only, unless we are root. In small portions, because presses come over the same event loop.
 * @returns an empty list when nobody is found, or where the system does not tell.
 */
export async function portHolders(path: string): Promise<readonly string[]> {
  try {
    const device = await realpath(path);
    const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const found: string[] = [];
    for (const pid of processes) if (await holds(pid, device)) found.push(await nameOf(pid));
    return found;
  } catch {
    return [];
  }
}

/** @returns whether the program has the device open; processes come and go while we look. */
async function holds(pid: string, device: string): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  const open = await readdir(folder).catch(() => []);
  for (let from = 0; from < open.length; from += AT_ONCE) {
    const portion = open.slice(from, from + AT_ONCE);
    const leadTo = await Promise.all(portion.map((fd) => readlink(`${folder}/${fd}`).catch(() => '')));
    if (leadTo.includes(device)) return true;
  }
  return false;
}

async function nameOf(pid: string): Promise<string> {
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
  return `${name.trim() || '?'} (${pid})`;
}
