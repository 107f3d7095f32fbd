import { closeSync, fstatSync, openSync, readSync, statSync, writeSync } from 'node:fs';

/** A sector of a worn-out disk; a page of the journal begins where one of these does. */
const BLOCK_BYTES = 4096;
/** What a disk reads ahead at once: a worn one may take long for it before it gives it. */
const BLOCKS_A_TURN = 32;

/**
 * A copy of a file that may lie on unreadable sectors: as long as the file, each block where it was, zeros where the
 * disk gives none. What the system offers for copying stops at the first such block, or begins anew and mixes blocks up.
 *
 * @returns how many blocks could not be read. Throws what else the file system throws.
 */
export function copyReadableSync(from: string, to: string): number {
  return drained(copying(from, to));
}

function drained(steps: Generator<number, number>): number {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/**
 * The same, and lets others go on between: a disk may take a second to say of one block that it cannot read it.
 *
 * @param lost where blocks begin that an earlier copy of the same file could not read: they are not asked for again, and
 * count as unread. Those of this one are added.
 */
export function copyReadable(from: string, to: string, lost = new Set<number>()): Promise<number> {
  return inTurns(copying(from, to, lost));
}

/**
 * Whether there is a file that can be opened: no folder, no link to what is gone, nothing of another user. Throws where
 * nobody can say for good: another program holds it for a moment, the disk reports an error, this process has too many
 * files open. Who asks tries again then, because a copy that is passed over is one whose entries are taken for lost.
 */
export function canBeOpened(file: string): boolean {
  try {
    // Opening a pipe would wait for somebody to write into it.
    if (!statSync(file).isFile()) return false;
    closeSync(openSync(file, 'r'));
    return true;
  } catch (error) {
    if (!isForGood(error)) throw error;
    return false;
  }
}

/** The same, and false where nobody can say: for whoever does as well with another file. */
export function opensNow(file: string): boolean {
  try {
    return canBeOpened(file);
  } catch {
    return false;
  }
}

/** Whether the file that `copyReadable` was to read from is none for good, and it was not its copy, nor but a moment. */
export function isOfSource(error: unknown, from: string): boolean {
  if (!(error instanceof Error) || !('syscall' in error) || !isForGood(error)) return false;
  return error.syscall === 'read' || ('path' in error && error.path === from);
}

/**
 * Whether a block of a database or of its WAL cannot be read; not so where it is the whole file that cannot be opened.
 * Asks no further than to the first.
 */
export function hasUnreadable(database: string): boolean {
  return [database, `${database}-wal`].some((file) => {
    try {
      for (const unread of reading(file)) if (unread > 0) return true;
      return false;
    } catch {
      return false;
    }
  });
}

/** How many blocks of a file cannot be read. */
export function countUnreadable(file: string): Promise<number> {
  return inTurns(reading(file));
}

async function inTurns(steps: Generator<number, number>): Promise<number> {
  try {
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
  } finally {
    steps.return(0);
  }
}

function* copying(from: string, to: string, lost = new Set<number>()): Generator<number, number> {
  const source = openSync(from, 'r');
  try {
    const target = openSync(to, 'w', 0o600);
    try {
      return yield* blocks(source, target, lost);
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}

function* reading(file: string): Generator<number, number> {
  const source = openSync(file, 'r');
  try {
    return yield* blocks(source, undefined, new Set());
  } finally {
    closeSync(source);
  }
}

/** Yields where others may go on: how many blocks could not be read so far. */
function* blocks(source: number, target: number | undefined, lost: Set<number>): Generator<number, number> {
  const block = Buffer.alloc(BLOCK_BYTES);
  const { size } = fstatSync(source);
  let unread = 0;
  for (let at = 0, count = 1; at < size; count++) {
    // A short read leaves the next one in the middle of a block; a block that is lost is lost up to where it ends.
    const wanted = Math.min(BLOCK_BYTES - (at % BLOCK_BYTES), size - at);
    const known = lost.has(at);
    const found = known ? undefined : readOrLost(source, block, wanted, at);
    // It has become shorter meanwhile.
    if (found === 0) break;
    const bytes = found ?? wanted;
    if (found === undefined) {
      block.fill(0);
      lost.add(at);
      unread++;
    }
    for (let written = 0; target !== undefined && written < bytes; )
      written += writeSync(target, block, written, bytes - written, at + written);
    const inVain = found === undefined && !known;
    if (inVain || count % BLOCKS_A_TURN === 0) yield unread;
    at += bytes;
  }
  return unread;
}

/** @returns how many bytes there were; undefined where the disk does not give them. */
function readOrLost(source: number, block: Buffer, wanted: number, at: number): number | undefined {
  try {
    return readSync(source, block, 0, wanted, at);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return undefined;
  }
}

function isUnreadable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EIO';
}

/** Trying again will not help: what the name stands for is not there, is no file, or is somebody else's. */
function isForGood(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return /^(ENOENT|ELOOP|ENOTDIR|EISDIR|EACCES|EPERM|ENXIO)$/.test(String(error.code));
}
