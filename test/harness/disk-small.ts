import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SIZE_MB = 16;

/** A real file system of a few megabytes that can be filled to its last block. */
export interface SmallDisk {
  readonly folder: string;
  fill(): void;
  free(): void;
  close(): void;
}

/** @returns undefined where this process may not mount. */
export function mountSmallDisk(): SmallDisk | undefined {
  const place = mkdtempSync(join(tmpdir(), 'yiping-disk-'));
  const disk = join(place, 'disk');
  mkdirSync(disk);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m`, 'tmpfs', disk]);
  if (mounted.status !== 0) {
    rmSync(place, { recursive: true });
    return undefined;
  }
  const ballast = join(disk, 'ballast');
  return {
    folder: join(disk, 'data'),
    fill() {
      const file = openSync(ballast, 'a');
      try {
        // A block at a time to the very end; a larger write could leave some.
        for (const block of [Buffer.alloc(1 << 16, 1), Buffer.alloc(1 << 12, 1)])
          while (written(file, block));
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(ballast, { force: true }),
    close() {
      spawnSync('umount', ['-l', disk]);
      rmSync(place, { recursive: true, force: true });
    },
  };
}

function written(file: number, block: Buffer): boolean {
  try {
    return writeSync(file, block) === block.length;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false;
    throw error;
  }
}

/** The same program again with a mount table of its own, which an ordinary user may change. */
export function againWhereMountingIsAllowed(program: string, args: readonly string[]): number | undefined {
  if (process.env['YIPING_DISK_UNSHARED']) return undefined;
  const allowed = spawnSync('unshare', ['-rm', 'true']).status === 0;
  if (!allowed) return undefined;
  const run = spawnSync('unshare', ['-rm', process.execPath, program, ...args], {
    stdio: 'inherit',
    env: { ...process.env, YIPING_DISK_UNSHARED: '1' },
  });
  return run.status ?? 1;
}
