/** The last step before something finished gets its name: whole, readable for all, and on the disk. */
import { randomUUID } from 'node:crypto';
import { chmod, open, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Makes what was written to a file, or the names in a folder, survive a power cut. */
export async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Whatever the umask and the modes at the source: everybody may read, programs may be run. Then synced. */
export async function settle(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const isOpen = entry.isDirectory() || ((await stat(path)).mode & 0o100) !== 0;
    await chmod(path, isOpen ? 0o755 : 0o644);
    await sync(path);
  }
  await chmod(folder, 0o755);
  await sync(folder);
}

/** Writes a small file so that others see it whole or not at all. */
export async function writeWhole(file: string, content: string, mode = 0o644): Promise<void> {
  const passing = `${file}.${randomUUID()}`;
  await writeFile(passing, content, { mode });
  await rename(passing, file);
}
