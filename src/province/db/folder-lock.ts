import { createHash } from 'node:crypto';
import { mkdir, realpath } from 'node:fs/promises';
import { createServer } from 'node:net';

/**
 * One process per data folder. The lock is a listening name of the operating system (an abstract socket on
 * Linux, a pipe on Windows), which vanishes with its process: nothing is left behind by a kill.
 *
 * @returns what releases it. Throws when another process holds the folder.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const digest = createHash('sha256')
    .update(await realpath(folder))
    .digest('hex')
    .slice(0, 32);
  const name = lockName(digest);
  if (name === undefined) return async () => {};
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(
        taken
          ? new Error(
              `The data folder ${folder} is in use by another province process. Stop that one, or name another folder with --data.`,
            )
          : error,
      );
    });
    server.listen(name, resolve);
  });
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
}

function lockName(digest: string): string | undefined {
  if (process.platform === 'linux') return `\0yiping-province-${digest}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\yiping-province-${digest}`;
  return undefined;
}
