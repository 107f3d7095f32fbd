import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newFolder } from '../../test/support/store-parts.ts';
import {
  canBeOpened,
  copyReadable,
  copyReadableSync,
  countUnreadable,
  hasUnreadable,
  isOfSource,
  opensNow,
} from './readable-copy.ts';

const BLOCK = 4096;
const BLOCKS = 1_000;
const realRead = fs.readSync;

let folder: string;
let remove: () => void;
let file: string;
let copy: string;
let content: Buffer;
/** Blocks that were read, in order; those of `bad` were asked for in vain. */
let asked: number[];
let bad: ReadonlySet<number>;

beforeEach(() => {
  ({ folder, remove } = newFolder());
  file = join(folder, 'file');
  copy = join(folder, 'copy');
  // Its last block is not a whole one.
  content = Buffer.alloc(BLOCKS * BLOCK - 100, 1);
  for (let n = 0; n < BLOCKS; n++) content.writeUInt32BE(n, n * BLOCK);
  fs.writeFileSync(file, content);
  asked = [];
  bad = new Set();
  Object.assign(fs, { readSync: readSectors });
  syncBuiltinESMExports();
});
afterEach(() => {
  Object.assign(fs, { readSync: realRead });
  syncBuiltinESMExports();
  remove();
});

/** As the system reads from a disk with bad sectors: a read that comes to one fails, and nothing of it is given. */
function readSectors(fd: number, buffer: Buffer, offset: number, length: number, position: number): number {
  const block = Math.floor(position / BLOCK);
  asked.push(block);
  if (bad.has(block))
    throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' });
  return realRead(fd, buffer, offset, length, position);
}

/** What a copy looks like. */
function withoutBad(): Buffer {
  const left = Buffer.from(content);
  for (const block of bad) left.fill(0, block * BLOCK, Math.min((block + 1) * BLOCK, left.length));
  return left;
}

/** How much was asked of the disk between two turns of others, at most. */
async function mostAtOnce(work: Promise<unknown>, counts: (block: number) => boolean): Promise<number> {
  let most = 0;
  let over = false;
  const others = (async () => {
    while (!over) {
      most = Math.max(most, asked.filter(counts).length);
      asked = [];
      await turn();
    }
  })();
  await work;
  over = true;
  await others;
  return most;
}

describe('a disk with bad sectors takes its time to say so for each: a copy', () => {
  beforeEach(() => {
    bad = new Set([0, ...Array.from({ length: 64 }, (_, n) => 300 + n), BLOCKS - 1]);
  });

  it('lets others go on after every one of them', async () => {
    expect(await mostAtOnce(copyReadable(file, copy), (block) => bad.has(block))).toBe(1);
    expect(fs.readFileSync(copy).equals(withoutBad())).toBe(true);
  });

  it('and a count of them too', async () => {
    expect(await mostAtOnce(countUnreadable(file), (block) => bad.has(block))).toBe(1);
  });

  it('says how many there are, and leaves the others where they were', async () => {
    expect(await copyReadable(file, copy)).toBe(66);
    expect(fs.readFileSync(copy).equals(withoutBad())).toBe(true);
    expect(copyReadableSync(file, copy)).toBe(66);
    expect(fs.readFileSync(copy).equals(withoutBad())).toBe(true);
    expect(await countUnreadable(file)).toBe(66);
  });

  it('made again asks for none of them again, also where more have come', async () => {
    const lost = new Set<number>();
    expect(await copyReadable(file, copy, lost)).toBe(66);
    const before = bad;
    bad = new Set([...before, 500]);
    asked = [];
    expect(await copyReadable(file, copy, lost)).toBe(67);
    expect(asked.filter((block) => before.has(block))).toEqual([]);
    expect(fs.readFileSync(copy).equals(withoutBad())).toBe(true);
    asked = [];
    expect(await copyReadable(file, copy, lost)).toBe(67);
    expect(asked.filter((block) => bad.has(block))).toEqual([]);
  });
});

it('a copy from a sound disk lets others go on after little, because a worn one may be slow to give it', async () => {
  expect(await mostAtOnce(copyReadable(file, copy), () => true)).toBeLessThanOrEqual(32);
  expect(fs.readFileSync(copy).equals(content)).toBe(true);
});

describe('whether there is a bad sector', () => {
  it('is known at the first, and no other is asked for', () => {
    bad = new Set([300, 301, 700]);
    expect(hasUnreadable(file)).toBe(true);
    expect(asked.at(-1)).toBe(300);
  });

  it('is known also of the last, and of a WAL', () => {
    bad = new Set([BLOCKS - 1]);
    expect(hasUnreadable(file)).toBe(true);
    const database = join(folder, 'database');
    fs.writeFileSync(database, content.subarray(0, BLOCK));
    expect(hasUnreadable(database)).toBe(false);
    fs.renameSync(file, `${database}-wal`);
    expect(hasUnreadable(database)).toBe(true);
  });

  it('is not so of a sound file, of an empty one, and of none', () => {
    expect(hasUnreadable(file)).toBe(false);
    fs.writeFileSync(copy, '');
    expect(hasUnreadable(copy)).toBe(false);
    expect(hasUnreadable(join(folder, 'none'))).toBe(false);
  });
});

describe('what cannot be copied', () => {
  const failed = async (from: string, to: string) =>
    await copyReadable(from, to).then(
      () => undefined,
      (error: unknown) => error,
    );

  it('for the sake of the file itself is told from what its copy meets', async () => {
    const gone = join(folder, 'gone');
    expect(isOfSource(await failed(gone, copy), gone)).toBe(true);
    expect(isOfSource(await failed(folder, copy), folder)).toBe(true);
    expect(isOfSource(await failed(file, join(folder, 'gone', 'copy')), file)).toBe(false);
    expect(isOfSource(new Error('a bug'), file)).toBe(false);
  });

  it.each(['EMFILE', 'ENOMEM', 'EBUSY', 'EIO', 'EAGAIN'])('for a moment (%s) is neither', (code) => {
    const momentary = Object.assign(new Error(code), { code, syscall: 'open', path: file });
    expect(isOfSource(momentary, file)).toBe(false);
    const realOpen = fs.openSync;
    Object.assign(fs, {
      openSync: () => {
        throw momentary;
      },
    });
    syncBuiltinESMExports();
    try {
      expect(() => canBeOpened(file)).toThrow(momentary);
      expect(opensNow(file)).toBe(false);
    } finally {
      Object.assign(fs, { openSync: realOpen });
      syncBuiltinESMExports();
    }
  });

  it('is seen before', () => {
    expect(canBeOpened(file)).toBe(true);
    expect(opensNow(file)).toBe(true);
    expect(canBeOpened(folder)).toBe(false);
    expect(canBeOpened(join(folder, 'gone'))).toBe(false);
  });
});
