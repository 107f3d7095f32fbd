import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withLock } from './file-lock.ts';
import { Trouble } from './trouble.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yiping-lock-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Another process that takes the lock, says so, and keeps it until it dies. */
async function otherOwner(file: string): Promise<ChildProcess> {
  const program = `
    import { withLock } from ${JSON.stringify(join(import.meta.dirname, 'file-lock.ts'))};
    await withLock(${JSON.stringify(file)}, async () => {
      console.log('mine');
      await new Promise(() => {});
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

test('what is locked runs one after the other', async () => {
  const file = join(folder, 'a.lock');
  const order: string[] = [];
  const work = (name: string) => async () => {
    order.push(`${name} in`);
    await new Promise((resolve) => setImmediate(resolve));
    order.push(`${name} out`);
    return name;
  };
  const results = await Promise.all([
    withLock(file, work('a')),
    withLock(file, work('b')),
    withLock(file, work('c')),
  ]);
  expect(results).toEqual(['a', 'b', 'c']);
  for (let index = 0; index < order.length; index += 2) {
    expect(order[index + 1]).toBe(order[index]?.replace('in', 'out'));
  }
});

test('an owner who is killed leaves the lock free at once, and the one who waits is told whom it waits for', async () => {
  const file = join(folder, 'b.lock');
  const owner = await otherOwner(file);
  const waited: string[] = [];
  const mine = await withLock(
    file,
    async () => 'mine at last',
    (pid) => {
      waited.push(pid);
      owner.kill('SIGKILL');
    },
  );
  expect(mine).toBe('mine at last');
  expect(waited).toEqual([String(owner.pid)]);
});

test('the lock is free again when the work fails', async () => {
  const file = join(folder, 'c.lock');
  await expect(withLock(file, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await withLock(file, async () => 'next')).toBe('next');
});

test('a folder that is not there is named', async () => {
  const file = join(folder, 'nowhere', 'd.lock');
  await expect(withLock(file, async () => undefined)).rejects.toThrow(Trouble);
  await expect(withLock(file, async () => undefined)).rejects.toThrow(file);
});
