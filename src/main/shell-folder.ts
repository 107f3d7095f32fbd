import { mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** One each start: two that coincide do not take each other's away. */
const PROBE = `can-be-written.${process.pid}`;
/** More than a file system finds room for in what it has anyway. */
const PROBE_BYTES = 8192;

/** Where Chromium keeps what it needs. */
export type ShellFolder =
  /** `reason`: why it cannot be written, where no other may be taken or none can be made. */
  | { readonly kind: 'own'; readonly path: string; readonly reason?: string }
  /** The data folder cannot be written: the core says so on the page, for which there has to be a page. */
  | { readonly kind: 'scratch'; readonly path: string; readonly reason: string };

/**
 * The shell's folder in the data folder if it can be written or another kiosk has it, else one for this start alone.
 * Asked before Chromium is, which takes a folder that it cannot lock for one that another kiosk has.
 */
export function findShellFolder(dataFolder: string): ShellFolder {
  const path = join(dataFolder, 'shell');
  const reason = whyUnwritable(path);
  if (reason === null) return { kind: 'own', path };
  // Only in there does Chromium meet the other one's lock.
  const scratch = isHeld(path) ? null : makeScratch();
  return scratch === null ? { kind: 'own', path, reason } : { kind: 'scratch', path: scratch, reason };
}

/** What was only for this start leaves nothing behind. */
export function removeScratch(folder: ShellFolder): void {
  if (folder.kind === 'scratch') rmSync(folder.path, { recursive: true, force: true });
}

function whyUnwritable(path: string): string | null {
  const probe = join(path, PROBE);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    try {
      writeFileSync(probe, Buffer.alloc(PROBE_BYTES));
    } finally {
      rmSync(probe, { force: true });
    }
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The temporary folder may be on the same full disk. */
function makeScratch(): string | null {
  try {
    return mkdtempSync(join(tmpdir(), 'yiping-shell-'));
  } catch {
    return null;
  }
}

/** Whether a living kiosk has the folder: Chromium's lock there is a link to `host-pid`. Windows has no such link. */
function isHeld(path: string): boolean {
  try {
    const [, pid] = /.-(\d+)$/.exec(readlinkSync(join(path, 'SingletonLock'))) ?? [];
    return pid !== undefined && isKiosk(Number(pid));
  } catch {
    return false;
  }
}

/** By its program, as Chromium judges: after a power cut the number is mostly another's. Throws if nobody has it. */
function isKiosk(pid: number): boolean {
  if (pid === process.pid) return false;
  // An update may have put another file in the place of the running one.
  const program = readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '');
  return basename(program) === basename(process.execPath);
}
