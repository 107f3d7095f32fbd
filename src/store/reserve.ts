import { closeSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Draft } from '../shared/journal/entry.ts';

const RESERVE_FILE = 'journal.reserve';
/** Some eighty acts; one citizen needs ten at most. */
export const RESERVE_BYTES = 1024 * 1024;

/**
 * A file of no content whose room is given back to the disk when that is full: so that the citizen who is being
 * asked is taken through to the end, and what a power cut left open is settled on a full disk as well.
 */
export interface Reserve {
  /** Whether it lies there; makes it if it does not and the disk has room for it and as much again. */
  inPlace(): boolean;
  /** Gives the room back. @returns false if there was none to give. */
  release(): boolean;
}

export function createReserve(folder: string): Reserve {
  const file = join(folder, RESERVE_FILE);
  let held = sizeOf(file) === RESERVE_BYTES;

  function make(): boolean {
    try {
      const { bavail, bsize } = statfsSync(folder);
      if (bavail * bsize < 2 * RESERVE_BYTES) return false;
      const opened = openSync(file, 'w', 0o600);
      try {
        // Written and not only sized: a sparse file keeps no room.
        return writeSync(opened, Buffer.alloc(RESERVE_BYTES, 1)) === RESERVE_BYTES;
      } finally {
        closeSync(opened);
      }
    } catch {
      // No room, or a folder that cannot be written: whoever writes next says so.
      return false;
    }
  }

  return {
    inPlace() {
      if (!held) {
        held = make();
        if (!held) remove(file);
      }
      return held;
    },
    release() {
      if (!held) return false;
      held = false;
      return remove(file);
    },
  };
}

/** Nobody new is asked into a journal that may not take the answer. */
export function beginsSomething(drafts: readonly Draft[]): boolean {
  return drafts.length === 0 || drafts.some((draft) => draft.kind === 'invitation.opened');
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function remove(file: string): boolean {
  try {
    rmSync(file, { force: true });
    return true;
  } catch {
    return false;
  }
}
