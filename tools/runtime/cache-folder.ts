/** Where prepared runtimes, staged apps and remembered probe answers live. */
import { mkdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Root's cache lies where everybody may read: the kiosk that root starts runs as an ordinary user. */
export const SHARED_CACHE = '/var/cache/yiping';

export interface Who {
  readonly env: NodeJS.ProcessEnv;
  readonly isRoot: boolean;
  readonly home: string;
}

export function whoAmI(env: NodeJS.ProcessEnv = process.env): Who {
  return { env, isRoot: process.getuid?.() === 0, home: homedir() };
}

function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}

/** The folder this user writes to: `YIPING_CACHE`, else root's shared one, else the XDG cache folder. */
export function cacheFolder(who: Who): string {
  const chosen = absolute(who.env['YIPING_CACHE']);
  if (chosen !== undefined) return chosen;
  if (who.isRoot && process.platform === 'linux') return SHARED_CACHE;
  return join(absolute(who.env['XDG_CACHE_HOME']) ?? join(who.home, '.cache'), 'yiping');
}

/** Folders to look for something finished in: this user's own, then what root prepared for everybody. */
export async function readableCaches(who: Who): Promise<readonly string[]> {
  const own = cacheFolder(who);
  if (who.env['YIPING_CACHE'] !== undefined || own === SHARED_CACHE) return [own];
  return (await isOnlyRootsToWrite(SHARED_CACHE)) ? [own, SHARED_CACHE] : [own];
}

async function isOnlyRootsToWrite(folder: string): Promise<boolean> {
  const info = await stat(folder).catch(() => undefined);
  return info?.uid === 0 && (info.mode & 0o022) === 0;
}

/** Makes a folder, and those above it, that everybody can look into, whatever the umask. */
export async function makeOpenFolder(folder: string): Promise<void> {
  const mask = process.umask(0o022);
  try {
    await mkdir(folder, { recursive: true });
  } finally {
    process.umask(mask);
  }
}
