import { closeSync, existsSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { entryHash } from '../shared/journal/chain.ts';
import type { Suite } from '../shared/journal/suite.ts';
import { type Connection, JOURNAL_FILE } from './connection.ts';
import { copyReadable } from './readable-copy.ts';
import { isNoTable } from './schema.ts';
import type { CarriedEntry } from './verbatim.ts';

/** A damaged journal, as far as it can still be read. Works on a copy: what was set aside stays as it was. */
export interface Wreck {
  /** The entries after `seq`, up to the first that cannot be read. Nobody has checked them. */
  after(seq: number, limit: number): readonly CarriedEntry[];
  /** The last entry that it proves to have held, wherever in it that can be read; 0 if none can. */
  lastProven(by: { readonly suite: Suite; readonly publicKey: Uint8Array }): number;
  /** Every entry of it can be read, and this is the last: what is damaged of it is beside them. */
  endsWhole(seq: number): boolean;
  close(): void;
}

export interface Salvaged {
  /** Undefined when nothing of it can be read. */
  readonly wreck: Wreck | undefined;
  /**
   * The disk did not give all of its WAL: SQLite ends it there, and nobody here can say how much came behind. So also
   * where there is no wreck: all that the journal held may have been in the WAL still.
   */
  readonly endUnread: boolean;
}

const HEADER_BYTES = 100;
const MAGIC = Buffer.from('SQLite format 3\0');

/**
 * @param donor a sound journal of this program, if there is one: its first page stands in for one that is unreadable.
 */
export async function openWreck(
  asideFolder: string,
  work: string,
  donor: string | undefined,
): Promise<Salvaged> {
  const from = join(asideFolder, JOURNAL_FILE);
  if (!existsSync(from)) return { wreck: undefined, endUnread: false };
  const copy = join(work, 'wreck.sqlite');
  const mendings = [asItIs, mendMagic, ...(donor ? [(file: string) => mendFirstPage(file, donor)] : [])];
  // Each copy is worked on, so each is made anew; but a disk is asked only once for what it does not give.
  const lost = new Set<number>();
  const lostOfWal = new Set<number>();
  let endUnread = false;
  for (const mend of mendings) {
    await copyReadable(from, copy, lost);
    const unread = existsSync(`${from}-wal`)
      ? await copyReadable(`${from}-wal`, `${copy}-wal`, lostOfWal)
      : 0;
    endUnread = unread > 0;
    const wreck = opened(copy, mend, { endUnread });
    if (wreck) return { wreck, endUnread };
  }
  return { wreck: undefined, endUnread };
}

function opened(
  copy: string,
  mend: (file: string) => void,
  { endUnread }: { readonly endUnread: boolean },
): Wreck | undefined {
  let db: Connection | undefined;
  try {
    mend(copy);
    db = new Database(copy, { fileMustExist: true });
    db.pragma('trusted_schema = OFF');
    if (isNoTable(db, 'journal')) throw new Error('what is called journal is no table');
    return wreckOf(db, { mended: mend !== asItIs, endUnread });
  } catch {
    // Whatever SQLite makes of a damaged file, it is the answer that nothing can be read this way.
    db?.close();
    return undefined;
  }
}

function wreckOf(
  db: Connection,
  { mended, endUnread }: { readonly mended: boolean; readonly endUnread: boolean },
): Wreck {
  const columns = 'SELECT seq, id, kind, at, boot, mono, body, prev, hash, sig FROM journal';
  const following = db.prepare<[number, number], Row>(`${columns} WHERE seq > ? ORDER BY seq LIMIT ?`);
  const signed = db.prepare<[], Row>(`${columns} WHERE sig IS NOT NULL ORDER BY seq DESC`);
  following.get(0, 1);
  let whole: boolean | undefined;

  return {
    after(seq, limit) {
      const found: CarriedEntry[] = [];
      try {
        for (const row of following.iterate(seq, limit)) {
          const entry = readRow(row);
          if (!entry) break;
          found.push(entry);
        }
      } catch {
        // Up to here it could be read.
      }
      return found;
    },
    lastProven({ suite, publicKey }) {
      try {
        for (const row of signed.iterate()) {
          const entry = readRow(row);
          if (!entry?.sig || !Buffer.isBuffer(row.prev)) continue;
          const hash = entryHash(suite, row.prev.toString('hex'), entry.seq, entry, entry.body);
          const signature = Buffer.from(entry.sig, 'base64');
          if (suite.verify(publicKey, Buffer.from(hash, 'hex'), signature)) return entry.seq;
        }
      } catch {
        // It cannot say.
      }
      return 0;
    },
    endsWhole(seq) {
      try {
        const last = db.prepare<[], number | null>('SELECT max(seq) FROM journal').pluck();
        if (mended || endUnread || last.get() !== seq) return false;
        // Once: it reads the whole file, and the file does not change.
        whole ??= db.pragma("quick_check('journal')", { simple: true }) === 'ok';
        return whole;
      } catch {
        return false;
      }
    },
    close: () => db.close(),
  };
}

type Row = Readonly<
  Record<'seq' | 'id' | 'kind' | 'at' | 'boot' | 'mono' | 'body' | 'prev' | 'hash' | 'sig', unknown>
>;

/** Columns as they are found; undefined when one is not of its type. */
function readRow(row: Row): CarriedEntry | undefined {
  const { seq, id, kind, at, boot, mono, body, hash, sig } = row;
  if (!isWhole(seq) || !isWhole(at) || !isWhole(mono)) return undefined;
  if (typeof id !== 'string' || typeof kind !== 'string' || typeof boot !== 'string') return undefined;
  if (typeof body !== 'string' || !Buffer.isBuffer(hash)) return undefined;
  if (sig !== null && !Buffer.isBuffer(sig)) return undefined;
  return {
    seq,
    id,
    kind,
    at,
    boot,
    mono,
    body,
    hash: hash.toString('hex'),
    sig: sig === null ? null : sig.toString('base64'),
  };
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function asItIs(): void {}

function mendMagic(file: string): void {
  write(file, MAGIC);
}

/** Tables are made by the same statements in the same order, so they begin at the same pages in every journal. */
function mendFirstPage(file: string, donor: string): void {
  const header = read(donor, HEADER_BYTES);
  const size = header.readUInt16BE(16);
  const page = read(donor, size === 1 ? 65_536 : size);
  // The donor's own length is not this file's: these two differ, so SQLite goes by the file's size.
  page.writeUInt32BE((page.readUInt32BE(24) + 1) >>> 0, 92);
  // Nor are its free pages.
  page.fill(0, 32, 40);
  write(file, page);
}

function read(file: string, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  const opened = openSync(file, 'r');
  try {
    readSync(opened, buffer, 0, bytes, 0);
    return buffer;
  } finally {
    closeSync(opened);
  }
}

function write(file: string, bytes: Uint8Array): void {
  const opened = openSync(file, 'r+');
  try {
    writeSync(opened, bytes, 0, bytes.length, 0);
  } finally {
    closeSync(opened);
  }
}
