import { closeSync, openSync, readSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { Connection } from './connection.ts';
import { APPLICATION_ID, MIGRATIONS, migrate } from './migrations.ts';

/** Compared with what the migrations make, statement by statement. @returns the name of what is not theirs. */
export function foreignTo(db: Connection, version: number): string | undefined {
  const ours = new Database(':memory:');
  migrate(
    ours,
    MIGRATIONS.filter((step) => step.version <= version),
  );
  const wanted = schemaOf(ours);
  ours.close();
  const found = schemaOf(db);
  for (const [name, sql] of wanted) if (found.get(name) !== sql) return name;
  for (const name of found.keys()) if (!wanted.has(name)) return name;
  return undefined;
}

/**
 * Whether what bears a table's name is something else: a view or a virtual table is read by running what its author
 * wrote, which may never end. What is not there at all is not meant. Asks the rows of the schema: `PRAGMA table_list`
 * expands every view of the file first, whatever it is asked for, and views upon views take hours.
 */
export function isNoTable(db: Connection, name: string): boolean {
  // SQLite takes a kind in capitals too, and a virtual table whatever page it is said to begin at.
  const other = db.prepare<[string]>(
    `SELECT 1 FROM sqlite_schema
     WHERE name = ? COLLATE NOCASE AND type COLLATE NOCASE IN ('table', 'view')
       AND (type = 'table' COLLATE NOCASE AND rootpage > 0 AND sql LIKE 'CREATE TABLE %') IS NOT TRUE`,
  );
  return other.get(name) !== undefined;
}

/** With its kind and its table: SQLite passes over what it does not know the kind of. */
function schemaOf(db: Connection): ReadonlyMap<string, string> {
  const rows = db.prepare<[], Record<'name' | 'type' | 'tbl_name' | 'sql', unknown>>(
    'SELECT name, type, tbl_name, sql FROM sqlite_schema',
  );
  return new Map(rows.all().map(({ name, ...rest }) => [String(name), JSON.stringify(rest)]));
}

/**
 * What is wrong with the schema of a file that names itself a journal, before anything is asked of its tables: a bit
 * that flipped there makes SQLite say of our own statements that they are wrong. Says nothing of a later schema, of a
 * new file, or of one that names itself something else; `migrate` tells those.
 */
export function schemaDamage(db: Connection): string | undefined {
  try {
    const version = Number(db.pragma('user_version', { simple: true }));
    const named = db.pragma('application_id', { simple: true }) === APPLICATION_ID;
    if (!named || version === 0) return undefined;
    const known = MIGRATIONS.some((step) => step.version === version);
    if (!known && version % 10 !== 0) return `its header says schema ${version}, which no Yiping ever wrote`;
    const foreign = known ? foreignTo(db, version) : undefined;
    return foreign === undefined ? undefined : `its ${foreign} is not as its schema ${version} has it`;
  } catch (error) {
    if (!isUnparsable(error)) throw error;
    return error.message;
  }
}

/** SQLite's word for statements it does not understand: of a schema that was not looked at yet, they are the file's. */
export function isUnparsable(error: unknown): error is InstanceType<typeof Database.SqliteError> {
  return error instanceof Database.SqliteError && error.code === 'SQLITE_ERROR';
}

/** Whether the header asks for a writer of a later SQLite: a flipped bit looks like a disk that is mounted read-only. */
export function isClosedToWriting(file: string): boolean {
  const header = Buffer.alloc(20);
  let opened: number | undefined;
  try {
    opened = openSync(file, 'r');
    return readSync(opened, header, 0, header.length, 0) === header.length && header.readUInt8(18) > 2;
  } catch {
    return false;
  } finally {
    if (opened !== undefined) closeSync(opened);
  }
}
