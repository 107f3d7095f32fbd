import { GENESIS } from '../shared/journal/chain.ts';
import type { EntryKind } from '../shared/journal/entry.ts';
import type { StoredEntry } from '../shared/journal/verify.ts';
import type { Connection } from './connection.ts';
import { BentRow } from './faults.ts';
import type { EntryTime } from './sealing.ts';

export interface Head {
  readonly seq: number;
  /** Lower-case hex; GENESIS for an empty journal. */
  readonly hash: string;
}

/** As the statement gives it: `sig` is still bytes, the rest is as an entry has it. */
type Row = Omit<StoredEntry, 'sig'> & { sig: Buffer | string | null };

/** What an entry may cost beside its body when it travels as an event; a generous figure, held by a test in sync. */
export const ENTRY_OVERHEAD_BYTES = 512;
const PAGE = 500;

export interface Reading {
  head(): Head;
  /** When the entry at the head was written; undefined for an empty journal. */
  headTime(): EntryTime | undefined;
  after(seq: number, limit: number): readonly StoredEntry[];
  batch(from: {
    readonly afterSeq: number;
    readonly maxEntries: number;
    readonly maxBytes: number;
  }): readonly StoredEntry[];
  /** Of the entries of a kind with `afterSeq` < seq ≤ `toSeq`, in order. */
  seqsOf(kind: EntryKind, afterSeq: number, toSeq: number): readonly number[];
  entries(afterSeq?: number): Generator<StoredEntry, void, undefined>;
}

export function createReading(db: Connection): Reading {
  // Hashes as text from SQLite itself: a buffer for each would double the time of a batch.
  const select =
    'SELECT seq, id, kind, at, boot, mono, body, lower(hex(prev)) AS prev, lower(hex(hash)) AS hash, sig FROM journal';
  const page = db.prepare<[number, number], Row>(`${select} WHERE seq > ? ORDER BY seq LIMIT ?`);
  const toSigned = db.prepare<[number, number], Row>(
    `${select} WHERE seq > ? AND seq <= (SELECT min(seq) FROM journal WHERE seq > ? AND sig IS NOT NULL) ORDER BY seq`,
  );
  const last = db.prepare<[], { seq: number; hash: Buffer }>(
    'SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1',
  );

  const lastTime = db.prepare<[], EntryTime>('SELECT at, boot, mono FROM journal ORDER BY seq DESC LIMIT 1');

  const ofKind = db
    .prepare<[number, number, string], number>(
      'SELECT seq FROM journal WHERE seq > ? AND seq <= ? AND kind = ? ORDER BY seq',
    )
    .pluck();

  const after = (seq: number, limit: number) => page.all(seq, limit).map(storedEntry);

  return {
    head() {
      const row = last.get();
      if (!row) return { seq: 0, hash: GENESIS };
      // Whatever the table says of its columns, a bit of the file says which type a value has.
      if (!Buffer.isBuffer(row.hash)) throw new BentRow(`entry ${row.seq} has no hash that can be read`);
      return { seq: row.seq, hash: row.hash.toString('hex') };
    },
    headTime: () => lastTime.get(),
    after,
    batch({ afterSeq, maxEntries, maxBytes }) {
      const rows = page.all(afterSeq, Math.max(1, maxEntries));
      let bytes = 0;
      let end = 0;
      const from = rows[0]?.seq ?? 0;
      for (const [index, row] of rows.entries()) {
        // Behind entry 1 there may be a stretch that was compacted.
        if (row.seq !== from + index) break;
        bytes += Buffer.byteLength(row.body) + ENTRY_OVERHEAD_BYTES;
        if (bytes > maxBytes) break;
        if (row.sig) end = index + 1;
      }
      if (end > 0) return rows.slice(0, end).map(storedEntry);
      // One commit is the least that can be proven, so it is the least that is sent, whatever the limits say.
      return rows.length > 0 ? toSigned.all(afterSeq, afterSeq).map(storedEntry) : [];
    },
    seqsOf: (kind, afterSeq, toSeq) => ofKind.all(afterSeq, toSeq, kind),
    // In pages, because an open cursor would keep everybody else, also an append, off this connection.
    *entries(afterSeq = 0) {
      let seq = afterSeq;
      for (let rows = after(seq, PAGE); rows.length > 0; rows = after(seq, PAGE)) {
        for (const row of rows) {
          yield row;
          seq = row.seq;
        }
      }
    },
  };
}

/** In place: a batch of a backlog is read while citizens press. */
function storedEntry(row: Row): StoredEntry {
  if (Buffer.isBuffer(row.sig)) row.sig = row.sig.toString('base64');
  return row as StoredEntry;
}
