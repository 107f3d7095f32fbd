import { closeSync, fstatSync, openSync, readSync, statSync, writeSync } from 'node:fs';

/** A sector of a worn-out disk; a page of the journal begins where one of these does. */
const BLOCK_BYTES = 4096;
/** Some milliseconds of work on a sound disk. */
const BLOCKS_A_TURN = 512;

/**
 * A copy of a file that may lie on unreadable sectors: as long as the file, each block where it was, zeros where the
 * disk gives none. What the system offers for copying stops at the first such block, or begins anew and mixes blocks up.
 *
 * @returns how many blocks could not be read. Throws what else the file system throws.
 */
export function copyReadableSync(from: string, to: string): number {
  return drained(copying(from, to));
}

function drained(steps: Generator<void, number>): number {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The same, and lets others go on between. */
export function copyReadable(from: string, to: string): Promise<number> {
  return inTurns(copying(from, to));
}

/**
 * Whether there is a file that can be opened: no folder, no link to what is gone, nothing of another user. Throws where it
 * is this process that can open no more.
 */
export function canBeOpened(file: string): boolean {
  try {
    // Opening a pipe would wait for somebody to write into it.
    if (!statSync(file).isFile()) return false;
    closeSync(openSync(file, 'r'));
    return true;
  } catch (error) {
    if (isOfThisProcess(error)) throw error;
    return false;
  }
}

/** Whether it was the file that `copyReadable` was to read from, and neither its copy nor this process. */
export function isOfSource(error: unknown, from: string): boolean {
  if (!(error instanceof Error) || !('syscall' in error) || isOfThisProcess(error)) return false;
  return error.syscall === 'read' || ('path' in error && error.path === from);
}

/** Whether a block of a file cannot be read; not so where it is the whole file that cannot be opened. */
export function hasUnreadable(file: string): boolean {
  try {
    return drained(reading(file)) > 0;
  } catch {
    return false;
  }
}

/** How many blocks of a file cannot be read. */
export function countUnreadable(file: string): Promise<number> {
  return inTurns(reading(file));
}

async function inTurns(steps: Generator<void, number>): Promise<number> {
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

function* copying(from: string, to: string): Generator<void, number> {
  const source = openSync(from, 'r');
  try {
    const target = openSync(to, 'w', 0o600);
    try {
      return yield* blocks(source, target);
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}

function* reading(file: string): Generator<void, number> {
  const source = openSync(file, 'r');
  try {
    return yield* blocks(source, undefined);
  } finally {
    closeSync(source);
  }
}

function* blocks(source: number, target: number | undefined): Generator<void, number> {
  const block = Buffer.alloc(BLOCK_BYTES);
  const { size } = fstatSync(source);
  let unread = 0;
  for (let at = 0, count = 0; at < size; count++) {
    if (count % BLOCKS_A_TURN === BLOCKS_A_TURN - 1) yield;
    // A short read leaves the next one in the middle of a block; a block that is lost is lost up to where it ends.
    const wanted = Math.min(BLOCK_BYTES - (at % BLOCK_BYTES), size - at);
    let bytes: number;
    try {
      bytes = readSync(source, block, 0, wanted, at);
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      unread++;
      block.fill(0);
      bytes = wanted;
    }
    // It has become shorter meanwhile.
    if (bytes === 0) break;
    for (let written = 0; target !== undefined && written < bytes; )
      written += writeSync(target, block, written, bytes - written, at + written);
    at += bytes;
  }
  return unread;
}

function isUnreadable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EIO';
}

function isOfThisProcess(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(EMFILE|ENFILE|ENOMEM)$/.test(String(error.code));
}
