import { createHash } from 'node:crypto';
import { mkdir, realpath } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';

import type { Clock } from '../../shared/clock.ts';

/** A killed process may keep the name for a moment after its end was told, and one that is stopped while it ends. */
const TRY_FOR_MS = 2_000;
const EVERY_MS = 100;

/**
 * One process per data folder. The lock is a listening name of the operating system (an abstract socket on
 * Linux, a pipe on Windows), which vanishes with its process: nothing is left behind by a kill.
 *
 * @returns what releases it. Throws when another process keeps the folder for longer than a process takes to end.
 */
export async function lockFolder(folder: string, clock: Clock): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const digest = createHash('sha256')
    .update(await realpath(folder))
    .digest('hex')
    .slice(0, 32);
  const name = lockName(digest);
  if (name === undefined) return async () => {};
  const server = createServer((socket) => socket.destroy());
  for (let triedMs = 0; !(await takesName(server, name)); triedMs += EVERY_MS) {
    if (triedMs >= TRY_FOR_MS)
      throw new Error(
        `The data folder ${folder} is in use by another province process. Stop that one, or name another folder with --data.`,
      );
    await new Promise<void>((resolve) => clock.after(EVERY_MS, resolve));
  }
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
}

/** @returns false while somebody else listens there. */
function takesName(server: Server, name: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => {
      server.off('listening', taken);
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    };
    const taken = () => {
      server.off('error', failed);
      resolve(true);
    };
    server.once('error', failed);
    server.once('listening', taken);
    server.listen(name);
  });
}

function lockName(digest: string): string | undefined {
  if (process.platform === 'linux') return `\0yiping-province-${digest}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\yiping-province-${digest}`;
  return undefined;
}
