import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { flushFolder } from '../store/store.ts';

/** Far more than any of the small files beside the journal. */
const MAX_BYTES = 16 * 1024;

/** Small files of the data folder that a power cut must leave whole, old or new, and that only the kiosk's user reads. */
export function writeWhole(
  path: string,
  text: string,
): { readonly ok: true } | { readonly ok: false; readonly detail: string } {
  try {
    const temporary = `${path}.new`;
    const file = openSync(temporary, 'w', 0o600);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    flushFolder(dirname(path));
    return { ok: true };
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}

export function readSmallFile(
  path: string,
):
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'text'; readonly text: string } {
  try {
    if (!existsSync(path)) return { kind: 'absent' };
    if (statSync(path).size > MAX_BYTES) return { kind: 'unreadable' };
    return { kind: 'text', text: readFileSync(path, 'utf8') };
  } catch {
    return { kind: 'unreadable' };
  }
}
