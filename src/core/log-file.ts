import { mkdirSync } from 'node:fs';
import { createStream } from 'rotating-file-stream';
import type { Clock } from '../shared/clock.ts';

/** A stream that failed is gone for good; a full disk must not be asked at every line. */
const AGAIN_MS = 10_000;
/** What waits for a disk that takes nothing must not fill the memory. */
const MOST_WAITING_BYTES = 1024 * 1024;

/**
 * `kiosk.log` in the folder and `kiosk.log.1` to `.5` before it, two megabytes each. A line that cannot be written is
 * lost here; the file is opened anew at a later one, so that the log goes on once the disk has room.
 */
export function createLogFile(
  folder: string,
  clock: Pick<Clock, 'monoMs'>,
): { readonly write: (line: string) => void } {
  let file: ReturnType<typeof open> | undefined;
  let openedAtMs: number | undefined;

  function open() {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Numbered: a list of names beside them could not be kept on a full disk, and what is not listed stays for ever.
    const made = createStream('kiosk.log', { path: folder, size: '2M', rotate: 5, mode: 0o600 });
    made.on('error', () => {});
    made.on('warning', () => {});
    made.on('close', () => {
      if (file === made) file = undefined;
    });
    return made;
  }

  return {
    write(line) {
      if (file) {
        if (file.writableLength < MOST_WAITING_BYTES) file.write(line);
        return;
      }
      const nowMs = clock.monoMs();
      if (openedAtMs !== undefined && nowMs - openedAtMs < AGAIN_MS) return;
      // The disk may have been full in the middle of a line: the next one begins a line of its own.
      const first = openedAtMs === undefined ? line : `\n${line}`;
      openedAtMs = nowMs;
      try {
        file = open();
        file.write(first);
      } catch {
        file = undefined;
      }
    },
  };
}
