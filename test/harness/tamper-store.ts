import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Signer } from '../../src/shared/journal/suite.ts';
import type { Level } from '../../src/shared/words.ts';
import type { Store } from '../../src/store/store.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { ALL_OLD, observe } from '../support/old-journal.ts';
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

/** One row of `segment`. */
export interface RawSegment {
  readonly to_seq: number;
  readonly from_seq: number;
  readonly prev: Buffer;
  readonly hash: Buffer;
  readonly sig: Buffer;
  readonly counts: string;
  readonly sum: Buffer;
}

/** A good journal and copies of it as it grew. */
export interface Original {
  readonly file: string;
  readonly signer: Signer;
  /** Those that are there: entry 1 and, where it was compacted, those behind the last segment. */
  readonly rows: readonly RawRow[];
  readonly head: { readonly seq: number; readonly hash: string };
  /** By number, also of entries that are gone. */
  readonly hashes: ReadonlyMap<number, Buffer>;
  readonly old: readonly { readonly file: string; readonly seq: number }[];
  readonly content: Content;
}

export interface Content {
  readonly text: string;
  readonly rows: readonly RawRow[];
  readonly segments: readonly RawSegment[];
  /** What stays of the entries that are gone, as text, by the end of their segment. */
  readonly kept: ReadonlyMap<number, string>;
  /** Whether all of it could be read. */
  readonly readable: boolean;
}

const SERVICES = 16;
/** After these the older entries are compacted, in segments of a few services. */
const COMPACTED_AFTER: readonly number[] = [5, 11];
const SEGMENT_ENTRIES = 17;

export function makeOriginal(folder: string, { compacted } = { compacted: false }): Original {
  const signer = newSigner();
  const clock = createFakeClock();
  const name = compacted ? 'compacted' : 'original';
  const parts = storeParts(join(folder, name), { signer, clock });
  const hashes = new Map<number, Buffer>();
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
    if (compacted && COMPACTED_AFTER.includes(n)) compact(store, clock);
    for (const { seq, hash } of store.entries()) hashes.set(seq, Buffer.from(hash, 'hex'));
    const { seq } = store.head();
    store.close();
    const copy = join(folder, `${name}-${seq}.sqlite`);
    copyFileSync(file, copy);
    if (n < SERVICES - 1) old.push({ file: copy, seq });
  }
  const content = contentOf(file);
  const { rows } = content;
  const last = rows.at(-1);
  if (!last) throw new Error('the original journal is empty');
  const head = { seq: last.seq, hash: last.hash.toString('hex') };
  return { file, signer, rows, head, hashes, old, content };
}

function compact(store: Store, clock: FakeClock): void {
  observe(store, clock);
  store.advanceCursor('province', store.head().seq);
  for (;;) {
    const done = store.compact({ ...ALL_OLD, maxEntries: SEGMENT_ENTRIES });
    if (done.kind === 'failed') throw new Error(done.message);
    if (done.kind === 'nothing') return;
  }
}

/**
 * All that a file says, read without our code: journal, segments, projections, schema, header marks. `rows` are
 * those that could be read before it broke. Delivery bookkeeping (cursor, upkeep) is no evidence and left out.
 */
export function contentOf(file: string): Content {
  const rows: RawRow[] = [];
  const segments: RawSegment[] = [];
  const kept = new Map<number, string>();
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { readonly: true });
    for (const row of db.prepare<[], RawRow>('SELECT * FROM journal ORDER BY seq').iterate()) rows.push(row);
    segments.push(...db.prepare<[], RawSegment>('SELECT * FROM segment ORDER BY to_seq').all());
    for (const { segment, ...row } of db.prepare<[], { segment: number }>(KEPT).iterate())
      kept.set(segment, (kept.get(segment) ?? '') + JSON.stringify(row));
    const rest = [
      'SELECT * FROM rating ORDER BY service_key',
      'SELECT * FROM invitation ORDER BY invitation',
      'SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name',
    ].map((query) => db?.prepare(query).all());
    const marks = ['user_version', 'application_id', 'integrity_check'].map((name) => db?.pragma(name));
    const text = JSON.stringify([rows, segments, rest, marks]);
    return { text, rows, segments, kept, readable: true };
  } catch (error) {
    return { text: `unreadable: ${String(error)}`, rows, segments, kept, readable: false };
  } finally {
    db?.close();
  }
}

const KEPT = `SELECT invitation.segment, invitation.invitation, invitation.service_key, outcome, level, changes, settled_hash
  FROM invitation LEFT JOIN rating
    ON rating.service_key = invitation.service_key AND rating.invitation = invitation.invitation
  WHERE invitation.segment IS NOT NULL ORDER BY invitation.invitation`;

/** As somebody works who owns the machine: the guards go, the change is made, the guards come back. */
export function asOwner(file: string, change: (db: Database.Database) => void): void {
  const db = new Database(file);
  try {
    db.pragma('synchronous = OFF');
    db.pragma('ignore_check_constraints = ON');
    db.pragma('foreign_keys = OFF');
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
