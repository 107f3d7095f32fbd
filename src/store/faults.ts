import { statfsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { SettingRefused } from './connection.ts';

/** What a disk can do to us. Anything else that SQLite throws is a bug and stays thrown. */
export type FaultKind = 'diskFull' | 'ioError' | 'notWritable' | 'corrupt' | 'locked';

export interface Fault {
  readonly kind: FaultKind;
  /** What happened, to what, and what to do. */
  readonly message: string;
}

/** A row that nobody here can have written: something bent it, and SQLite did not notice. */
export class BentRow extends Error {}

/** A part of the journal lies where the disk does not read any more. SQLite has no word of its own for that. */
export class UnreadBlock extends Error {}

/** Below this a failed write is laid at the full disk's door, whatever name SQLite gave it. */
const NEARLY_FULL_BYTES = 256 * 1024;

/** @returns undefined when the error is none of the disk's doing. */
export function faultOf(error: unknown, folder: string): Fault | undefined {
  const code = codeOf(error);
  if (code === undefined) return undefined;
  const kind = kindOf(code, folder);
  if (!kind) return undefined;
  const detail = error instanceof Error ? `${code}: ${error.message}` : code;
  return { kind, message: `${sentence(kind, folder)} (${detail})` };
}

/** A page that SQLite cannot read, a row that nobody can have written, or a block that the disk does not give. */
export function isCorrupt(error: unknown): error is Error {
  if (error instanceof BentRow || error instanceof UnreadBlock) return true;
  return error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code);
}

/** SQLite was told by the system that it cannot read or write. */
export function isIoError(error: unknown): error is InstanceType<typeof Database.SqliteError> {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_IOERR');
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof SettingRefused) return 'SETTING';
  if (error instanceof BentRow) return 'ROW';
  if (error instanceof UnreadBlock) return 'BLOCK';
  if (error instanceof Database.SqliteError) return error.code;
  // better-sqlite3 says this, without a code, when the folder is not there.
  if (error instanceof TypeError && error.message.includes('directory does not exist'))
    return 'SQLITE_CANTOPEN';
  if (error instanceof Error && 'syscall' in error && 'code' in error) return String(error.code);
  return undefined;
}

function kindOf(code: string, folder: string): FaultKind | undefined {
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') return 'diskFull';
  if (code.startsWith('SQLITE_IOERR') || code === 'EIO') return nearlyFull(folder) ? 'diskFull' : 'ioError';
  if (code.startsWith('SQLITE_CANTOPEN')) return nearlyFull(folder) ? 'diskFull' : 'notWritable';
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_PERM' || code === 'SETTING')
    return 'notWritable';
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return 'corrupt';
  if (code === 'ROW' || code === 'BLOCK') return 'corrupt';
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return 'locked';
  return code.startsWith('SQLITE_') || !/^E[A-Z]+$/.test(code) ? undefined : 'notWritable';
}

function nearlyFull(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize < NEARLY_FULL_BYTES;
  } catch {
    return false;
  }
}

export function sentence(kind: FaultKind, folder: string): string {
  switch (kind) {
    case 'diskFull':
      return `The disk that holds ${folder} is full; nothing was written. Free space on it: the kiosk goes on by itself.`;
    case 'ioError':
      return `The disk that holds ${folder} reports an error; nothing was confirmed. Check its cable and health, and exchange it if this repeats.`;
    case 'notWritable':
      return `The data folder ${folder} cannot be written. Check that it exists, belongs to the kiosk's user, and lies on a local disk that is not mounted read-only.`;
    case 'corrupt':
      return `The journal in ${folder} is damaged. Do not delete it: the kiosk sets it aside whole and puts it together again from its backup and the province.`;
    case 'locked':
      return `Another kiosk is running on the data folder ${folder}. End that one, or give this one a folder of its own.`;
  }
}
