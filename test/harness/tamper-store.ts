import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Signer } from '../../src/shared/journal/suite.ts';
import type { Level } from '../../src/shared/words.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { drafts, mustOpen, newService, newSigner, storeParts } from '../support/store-parts.ts';

/** One row of `journal` as SQLite gives it, whatever was done to it. */
export interface RawRow {
  readonly seq: number;
  readonly id: string;
  readonly kind: string;
  readonly at: number;
  readonly boot: string;
  readonly mono: number;
  readonly body: string;
  readonly prev: Buffer;
  readonly hash: Buffer;
  readonly sig: Buffer | null;
}

/** A good journal and copies of it as it grew. */
export interface Original {
  readonly file: string;
  readonly signer: Signer;
  readonly rows: readonly RawRow[];
  readonly head: { readonly seq: number; readonly hash: string };
  readonly old: readonly { readonly file: string; readonly seq: number }[];
  readonly content: string;
}

const SERVICES = 16;

export function makeOriginal(folder: string): Original {
  const signer = newSigner();
  const clock = createFakeClock();
  const parts = storeParts(join(folder, 'original'), { signer, clock });
  const file = join(parts.folder, 'journal.sqlite');
  const old: { file: string; seq: number }[] = [];
  for (let n = 0; n < SERVICES; n++) {
    // Closed after each service: only then is the file the whole journal.
    const store = mustOpen(parts);
    const service = newService(`hall-01/20260506/Q1/A${n}/1/c12`);
    const level = ((n % 5) + 1) as Level;
    const acts = [
      [drafts.opened(service)],
      [drafts.chosen(service, level)],
      [drafts.settled(service, level), drafts.detailed(service, [`${level}07`]), drafts.closed(service)],
    ];
    for (const act of acts) {
      clock.advance(700);
      const written = store.append(act);
      if (!written.ok) throw new Error(written.message);
    }
    const { seq } = store.head();
    store.close();
    const copy = join(folder, `old-${seq}.sqlite`);
    copyFileSync(file, copy);
    if (n < SERVICES - 1) old.push({ file: copy, seq });
  }
  const db = new Database(file, { readonly: true });
  const rows = db.prepare<[], RawRow>('SELECT * FROM journal ORDER BY seq').all();
  db.close();
  const last = rows.at(-1);
  if (!last) throw new Error('the original journal is empty');
  const head = { seq: last.seq, hash: last.hash.toString('hex') };
  return { file, signer, rows, head, old, content: contentOf(file).text };
}

/**
 * All that a file says, read without our code: journal, projections, schema, header marks. `rows` are those that
 * could be read before it broke. Delivery bookkeeping (cursor, upkeep) is no evidence and left out.
 */
export function contentOf(file: string): { readonly text: string; readonly rows: readonly RawRow[] } {
  const rows: RawRow[] = [];
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { readonly: true });
    for (const row of db.prepare<[], RawRow>('SELECT * FROM journal ORDER BY seq').iterate()) rows.push(row);
    const rest = [
      'SELECT * FROM rating ORDER BY service_key',
      'SELECT * FROM invitation ORDER BY invitation',
      'SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name',
    ].map((query) => db?.prepare(query).all());
    const marks = ['user_version', 'application_id', 'integrity_check'].map((name) => db?.pragma(name));
    return { text: JSON.stringify([rows, rest, marks]), rows };
  } catch (error) {
    return { text: `unreadable: ${String(error)}`, rows };
  } finally {
    db?.close();
  }
}

/** As somebody works who owns the machine: the guards go, the change is made, the guards come back. */
export function asOwner(file: string, change: (db: Database.Database) => void): void {
  const db = new Database(file);
  try {
    db.pragma('synchronous = OFF');
    db.transaction(() => {
      const guards = db
        .prepare<[], { name: string; sql: string }>(
          "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'",
        )
        .all();
      for (const { name } of guards) db.exec(`DROP TRIGGER ${name}`);
      change(db);
      for (const { sql } of guards) db.exec(sql);
    })();
  } finally {
    db.close();
  }
}
