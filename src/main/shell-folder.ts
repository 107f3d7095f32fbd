import { mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';

/** One each start: two that coincide do not take each other's away. */
const PROBE = `can-be-written.${process.pid}`;
/** More than a file system finds room for in what it has anyway. */
const PROBE_BYTES = 8192;
const SCRATCH = 'yiping-shell-';

/** Where Chromium keeps what it needs. */
export type ShellFolder =
  /** `reason`: why it cannot be written, where no other may be taken or none can be made. */
  | { readonly kind: 'own'; readonly path: string; readonly reason?: string }
  /** The data folder cannot be written: the core says so on the page, for which there has to be a page. */
  | { readonly kind: 'scratch'; readonly path: string; readonly reason: string };

/** Where the socket is that Chromium's lock points to. `reason`: why the usual one, the first asked, cannot be written. */
export type TemporaryFolder =
  | { readonly kind: 'usual'; readonly path: string }
  | { readonly kind: 'other'; readonly path: string; readonly reason: string }
  /** `path`: the usual one. Chromium may still do with it what the probe could not. */
  | { readonly kind: 'none'; readonly path: string; readonly reason: string };

/**
 * Where temporary files are, then what is there though a disk is full: the session's own folder, and memory.
 * Absolute paths, the usual one first.
 */
export function temporaryFolders(): readonly [string, ...string[]] {
  const { XDG_RUNTIME_DIR: session = '' } = process.env;
  return [tmpdir(), ...(isAbsolute(session) ? [session] : []), '/dev/shm'];
}

/** The first that can be written; holds nothing of the question afterwards. */
export function findTemporaryFolder(candidates: readonly [string, ...string[]]): TemporaryFolder {
  const [usual, ...others] = candidates;
  const reason = whyNotTemporary(usual);
  if (reason === null) return { kind: 'usual', path: usual };
  const other = others.find((path) => whyNotTemporary(path) === null);
  return other === undefined ? { kind: 'none', path: usual, reason } : { kind: 'other', path: other, reason };
}

/**
 * What Chromium, which says no more than that it has no lock, was hindered by.
 * @returns a reason, or null where another kiosk has it.
 */
export function whyNoLock(folder: ShellFolder, temporary: TemporaryFolder): string | null {
  const reason = temporary.kind === 'none' ? `${temporary.path}: ${temporary.reason}` : folder.reason;
  return reason === undefined || isHeld(folder.path) ? null : reason;
}

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
  return whyThrown(() => {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    try {
      writeFileSync(probe, Buffer.alloc(PROBE_BYTES));
    } finally {
      rmSync(probe, { force: true });
    }
  });
}

/** In a folder of its own: others write there too, and may have put a link where the probe goes. */
function whyNotTemporary(path: string): string | null {
  return whyThrown(() => {
    const made = mkdtempSync(join(path, SCRATCH));
    try {
      writeFileSync(join(made, PROBE), Buffer.alloc(PROBE_BYTES));
    } finally {
      rmSync(made, { recursive: true, force: true });
    }
  });
}

function whyThrown(act: () => void): string | null {
  try {
    act();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The temporary folder may be on the same full disk. */
function makeScratch(): string | null {
  try {
    return mkdtempSync(join(tmpdir(), SCRATCH));
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
