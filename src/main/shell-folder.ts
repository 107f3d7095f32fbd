import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROBE = 'can-be-written';
/** More than a file system finds room for in what it has anyway. */
const PROBE_BYTES = 8192;

/** Where Chromium keeps what it needs. */
export type ShellFolder =
  | { readonly kind: 'own'; readonly path: string }
  /** The data folder cannot be written: the core says so on the page, for which there has to be a page. */
  | { readonly kind: 'scratch'; readonly path: string; readonly reason: string };

/**
 * The shell's folder in the data folder if it can be written, else one for this start alone. Asked before Chromium is,
 * which takes a folder that it cannot lock for one that another kiosk has.
 */
export function findShellFolder(dataFolder: string): ShellFolder {
  const path = join(dataFolder, 'shell');
  const probe = join(path, PROBE);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    writeFileSync(probe, Buffer.alloc(PROBE_BYTES));
    rmSync(probe);
    return { kind: 'own', path };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'scratch', path: mkdtempSync(join(tmpdir(), 'yiping-shell-')), reason };
  }
}

/** What was only for this start leaves nothing behind. */
export function removeScratch(folder: ShellFolder): void {
  if (folder.kind === 'scratch') rmSync(folder.path, { recursive: true, force: true });
}
