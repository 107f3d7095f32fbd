import { join } from 'node:path';
import Database from 'better-sqlite3';

/** One open SQLite database. Nobody outside this room sees it. */
export type Connection = Database.Database;

export const JOURNAL_FILE = 'journal.sqlite';
const LOCK_FILE = 'journal.lock';

/**
 * Set and read back on every open, because a file system or a build of SQLite that silently says no to one of
 * these takes a promise away.
 */
const SETTINGS: readonly { readonly name: string; readonly set: string; readonly is: string | number }[] = [
  { name: 'journal_mode', set: 'WAL', is: 'wal' },
  /** The WAL is flushed at every commit: one flush an act. */
  { name: 'synchronous', set: 'FULL', is: 2 },
  { name: 'foreign_keys', set: 'ON', is: 1 },
  /** So that REPLACE fires the triggers that forbid deleting. */
  { name: 'recursive_triggers', set: 'ON', is: 1 },
  { name: 'trusted_schema', set: 'OFF', is: 0 },
  /** Checkpoints flush too: they are done between acts (./upkeep.ts), never inside one. */
  { name: 'wal_autocheckpoint', set: '0', is: 0 },
  /** What is compacted away is overwritten, and does not stay in free pages. */
  { name: 'secure_delete', set: 'ON', is: 1 },
  /** What the WAL shrinks back to after a long time without a checkpoint. */
  { name: 'journal_size_limit', set: '16777216', is: 16_777_216 },
];

/** A setting that did not hold: not SQLite's error, so it needs a name of its own. */
export class SettingRefused extends Error {}

export function connect(file: string, options: { readonly mustExist: boolean }): Connection {
  const db = new Database(file, { timeout: 1000, fileMustExist: options.mustExist });
  try {
    for (const { name, set, is } of SETTINGS) {
      db.pragma(`${name} = ${set}`);
      const found = db.pragma(name, { simple: true });
      if (found !== is) throw new SettingRefused(`${name} is ${String(found)} and not ${set}`);
    }
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

export function connectReadOnly(file: string): Connection {
  return new Database(file, { readonly: true, fileMustExist: true, timeout: 1000 });
}

/**
 * Makes this process the only kiosk on a folder, for as long as it lives: an exclusive transaction, never
 * ended, on an empty database beside the journal. The operating system lets go of it whatever way the process
 * ends; the journal itself stays readable for others (hall bench, verifier), which EXCLUSIVE locking of the
 * journal would not allow. Costs nothing per act. Throws SQLITE_BUSY when somebody else has it.
 */
export function lockFolder(folder: string): { release(): void } {
  const db = new Database(join(folder, LOCK_FILE), { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    throw error;
  }
  return { release: () => db.close() };
}
