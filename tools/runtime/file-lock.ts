/**
 * One at a time, across processes. The lock is the kernel's (`flock`), held by a small child process for as
 * long as our end of its input is open: however this process dies, the lock is free in that moment. No stale
 * lock can exist, so none has to be recognised or stolen. The owner's pid is in the file for people to read.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { Trouble } from './trouble.ts';

/** `flock`'s exit code for "somebody else has it"; any number that `sh` does not use by itself. */
const BUSY = 75;
/** The holder speaks when it has the lock, then stays until its input ends. */
const HOLD = 'echo held; exec cat >/dev/null';

type Attempt = { readonly kind: 'held'; readonly holder: ChildProcess } | { readonly kind: 'busy' };

async function attempt(file: string, mode: 'wait' | 'at-once'): Promise<Attempt> {
  const flags = mode === 'wait' ? [] : ['--nonblock', '--conflict-exit-code', String(BUSY)];
  const holder = spawn('flock', ['--exclusive', ...flags, file, 'sh', '-c', HOLD], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  return new Promise((resolve, reject) => {
    holder.once('error', (error) =>
      reject(
        new Trouble(
          `Cannot lock ${file}: ${error.message}. The program flock (package util-linux) is needed.`,
        ),
      ),
    );
    holder.stdout.once('data', () => resolve({ kind: 'held', holder }));
    holder.once('exit', (code) => {
      if (code === BUSY) resolve({ kind: 'busy' });
      else
        reject(
          new Trouble(`Cannot lock ${file}: flock ended with ${code}. Is the folder there and writable?`),
        );
    });
  });
}

async function release(holder: ChildProcess): Promise<void> {
  const gone = new Promise<void>((resolve) => {
    holder.once('exit', () => resolve());
  });
  holder.stdin?.end();
  await gone;
}

/**
 * Runs `work` while holding the lock on `file`; waits for another owner and calls `onWait` with the owner's
 * pid as far as known. On systems without `flock` (not Linux) it runs unlocked.
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  onWait: (ownerPid: string) => void = () => undefined,
): Promise<T> {
  if (process.platform !== 'linux') return work();
  let lock = await attempt(file, 'at-once');
  if (lock.kind === 'busy') {
    onWait((await readFile(file, 'utf8').catch(() => '')).trim());
    lock = await attempt(file, 'wait');
  }
  if (lock.kind === 'busy') throw new Trouble(`Cannot lock ${file}: another process keeps it.`);
  try {
    await writeFile(file, `${process.pid}\n`);
    return await work();
  } finally {
    await release(lock.holder);
  }
}
