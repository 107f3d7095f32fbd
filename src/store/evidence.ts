import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import Database from 'better-sqlite3';
import type { Compacted, Kept } from '../shared/journal/segment.ts';
import type { StoredEntry } from '../shared/journal/verify.ts';
import type { Connection } from './connection.ts';
import { APPLICATION_ID, MIGRATIONS, migrate } from './migrations.ts';
import { rebuildProjections } from './projections.ts';
import { copyReadableSync } from './readable-copy.ts';
import { KEPT, type KeptRow, keptOf } from './retention.ts';
import { foreignTo, isNoTable } from './schema.ts';

/**
 * A journal file as evidence: whole (its WAL included), never written to, not even by SQLite beside it. It is
 * copied first, and everything that is asked is asked of the copy. Works while the kiosk runs.
 */
export interface Evidence {
  /** In the order of the file. A damaged page ends them with an error, which `damageOf` tells from a bug. */
  entries(): IterableIterator<StoredEntry>;
  /** What stands in for entries that are gone; undefined where the schema knows no such thing. */
  compacted(): Compacted | undefined;
  /** What the disk did not give of the file, or else what SQLite finds wrong with it; undefined if nothing. */
  damage(): string | undefined;
  /** A table, index or trigger that is not as this schema has it: its name; undefined if all are. */
  foreignSchema(): string | undefined;
  /** A table that does not say what the journal says; undefined if they all do. Ask last: it works on the copy. */
  wrongProjection(): string | undefined;
  close(): void;
}

export type EvidenceResult =
  | { readonly ok: true; readonly evidence: Evidence }
  | {
      readonly ok: false;
      readonly problem: 'damaged' | 'foreign' | 'newerSchema' | 'unreadable';
      readonly detail: string;
    };

const COPY_TRIES = 20;
/** Whatever is asked of a journal as evidence is asked of these. */
const READ = ['journal', 'segment', 'rating', 'invitation'] as const;

/** Throws what the file system throws when the file cannot be read at all. */
export function openEvidence(file: string): EvidenceResult {
  const folder = mkdtempSync(join(tmpdir(), 'yiping-verify-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  let db: Connection | undefined;
  let unread: string | undefined;
  const giveUp = (problem: 'damaged' | 'foreign' | 'newerSchema' | 'unreadable', detail: string) => {
    db?.close();
    remove();
    return { ok: false, problem, detail } as const;
  };
  try {
    const copy = join(folder, 'copy.sqlite');
    const copied = copyWhole(file, copy);
    if (!copied)
      return giveUp('unreadable', 'it changed again and again while it was read; try when the kiosk is idle');
    // SQLite ends the WAL there: what came behind would be missing, and nothing would show it.
    if (copied.walUnread > 0) return giveUp('damaged', unreadWords(`${file}-wal`, copied.walUnread));
    unread = copied.unread > 0 ? unreadWords(file, copied.unread) : undefined;
    const opened = new Database(copy, { fileMustExist: true });
    db = opened;
    db.pragma('trusted_schema = OFF');
    const version = Number(db.pragma('user_version', { simple: true }));
    // A description of the tables that cannot be read forbids every statement; no entry is at fault for it.
    db.prepare('SELECT 1 FROM sqlite_schema').get();
    const named = db.pragma('application_id', { simple: true }) === APPLICATION_ID;
    const known = MIGRATIONS.some((step) => step.version === version);
    if (named && known) {
      const other = READ.find((name) => isNoTable(opened, name));
      return other === undefined
        ? { ok: true, evidence: evidenceOf(opened, { version, unread, remove }) }
        : giveUp('damaged', `its ${other} is no table`);
    }
    if (foreignTo(db, MIGRATIONS.at(-1)?.version ?? 0) === undefined)
      return giveUp('damaged', 'its tables are a journal, its header does not say so');
    return named
      ? giveUp('newerSchema', String(version))
      : giveUp('foreign', 'it is a database of another program');
  } catch (error) {
    const damage = damageOf(error);
    if (damage === undefined) {
      giveUp('damaged', '');
      throw error;
    }
    return giveUp('damaged', unread ?? damage);
  }
}

/** What SQLite says of a file that is not as it should be; undefined for any other error. */
export function damageOf(error: unknown): string | undefined {
  return error instanceof Database.SqliteError ? error.message : undefined;
}

function unreadWords(file: string, blocks: number): string {
  return `the disk does not read ${blocks} ${blocks === 1 ? 'block' : 'blocks'} of ${basename(file)}`;
}

/**
 * Database and WAL as they stood at one moment: copied again while somebody writes.
 *
 * @returns of each, how many blocks the disk did not give; undefined when they never stood still.
 */
function copyWhole(
  file: string,
  copy: string,
): { readonly unread: number; readonly walUnread: number } | undefined {
  const wal = `${file}-wal`;
  const stamp = () =>
    [file, wal].map((name) => {
      const found = statSync(name, { bigint: true, throwIfNoEntry: false });
      return found ? `${found.size}/${found.mtimeNs}` : 'none';
    });
  for (let tries = 0; tries < COPY_TRIES; tries++) {
    const before = stamp();
    const unread = copyReadableSync(file, copy);
    rmSync(`${copy}-wal`, { force: true });
    const walUnread = existsSync(wal) ? copyReadableSync(wal, `${copy}-wal`) : 0;
    if (before.join() === stamp().join()) return { unread, walUnread };
  }
  return undefined;
}

function evidenceOf(
  db: Connection,
  {
    version,
    unread,
    remove,
  }: { readonly version: number; readonly unread: string | undefined; readonly remove: () => void },
): Evidence {
  return {
    *entries() {
      const rows = db.prepare(
        'SELECT seq, id, kind, at, boot, mono, body, prev, hash, sig FROM journal ORDER BY seq',
      );
      for (const row of rows.iterate()) yield readRow(row as Row);
    },
    compacted: () => (version >= SEGMENTS_SINCE ? compactedOf(db) : undefined),
    damage() {
      if (unread !== undefined) return unread;
      try {
        const found = String(db.pragma('integrity_check(1)', { simple: true }));
        return found === 'ok' ? undefined : found;
      } catch (error) {
        const damage = damageOf(error);
        if (damage === undefined) throw error;
        return damage;
      }
    },
    foreignSchema: () => foreignTo(db, version),
    wrongProjection() {
      try {
        // Only the tables of the present schema can be read anew.
        migrate(db);
        if (db.prepare(KEPT_FOR_NOTHING).get() !== undefined) return 'invitation';
        const before = TABLES.map(({ query }) => JSON.stringify(db.prepare(query).all()));
        rebuildProjections(db);
        return TABLES.find(({ query }, at) => JSON.stringify(db.prepare(query).all()) !== before[at])?.name;
      } catch {
        // A sound journal can always be read again; so it is the tables that forbid it.
        return TABLES[0].name;
      }
    },
    close() {
      db.close();
      remove();
    },
  };
}

/** An invitation that is marked as compacted, and no totals stand for it. */
const KEPT_FOR_NOTHING = `
  SELECT 1 FROM invitation
  WHERE segment IS NOT NULL AND NOT EXISTS (SELECT 1 FROM segment WHERE to_seq = invitation.segment)`;

const TABLES = [
  { name: 'rating', query: 'SELECT * FROM rating ORDER BY service_key' },
  { name: 'invitation', query: 'SELECT * FROM invitation ORDER BY invitation' },
] as const;

/** The schema's version says whether there are any: a name in a bent file may not. */
const SEGMENTS_SINCE = 20;

type SegmentRow = Readonly<
  Record<'from_seq' | 'to_seq' | 'prev' | 'hash' | 'sig' | 'counts' | 'sum', unknown>
>;

/** What stands in for entries that are gone, as found; of a schema that has segments. */
export function compactedOf(db: Connection): Compacted {
  const rows = db.prepare<[], SegmentRow>('SELECT * FROM segment ORDER BY to_seq').all();
  const kept = new Map<number, Kept[]>();
  for (const row of db.prepare<[], KeptRow>(`${KEPT} WHERE invitation.segment IS NOT NULL`).iterate()) {
    const one = keptOf(row);
    const others = kept.get(one.toSeq);
    if (others) others.push(one);
    else kept.set(one.toSeq, [one]);
  }
  const segments = rows.map((row) => ({
    fromSeq: numberOf(row.from_seq),
    toSeq: numberOf(row.to_seq),
    prev: bytesOf(row.prev).toString('hex'),
    hash: bytesOf(row.hash).toString('hex'),
    sig: bytesOf(row.sig).toString('base64'),
    counts: String(row.counts),
    sum: bytesOf(row.sum).toString('hex'),
  }));
  return { segments, kept };
}

type Row = Readonly<Record<keyof StoredEntry, unknown>>;

/** Columns as they are found: a bent file keeps to no type. What is not of its type gives no right hash. */
function readRow(row: Row): StoredEntry {
  return {
    seq: numberOf(row.seq),
    id: String(row.id),
    kind: String(row.kind),
    at: numberOf(row.at),
    boot: String(row.boot),
    mono: numberOf(row.mono),
    body: String(row.body),
    prev: bytesOf(row.prev).toString('hex'),
    hash: bytesOf(row.hash).toString('hex'),
    sig: row.sig === null ? null : bytesOf(row.sig).toString('base64'),
  };
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}

function bytesOf(value: unknown): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
}
