import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { entryHash, GENESIS } from '../../src/shared/journal/chain.ts';
import type { Signer } from '../../src/shared/journal/suite.ts';
import { newSigner } from '../support/store-parts.ts';
import { asOwner, type Original, type RawRow } from './tamper-store.ts';

/** Whole numbers below `n`, from a seed. */
export type Draw = (n: number) => number;

/** mulberry32. */
export function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

/** Changes the file. @returns the first record that is not as it was; null where only the file can tell. */
export type Change = (file: string, original: Original, draw: Draw) => number | null;

function rowOf({ rows }: Original, draw: Draw, from = 0): RawRow {
  const row = rows[from + draw(rows.length - from)];
  if (!row) throw new Error('the original journal is too short');
  return row;
}

export function flipped(bytes: Buffer, draw: Draw): Buffer {
  const copy = Buffer.from(bytes);
  const at = draw(copy.length);
  // One bit, or any other byte.
  const by = draw(2) === 0 ? 1 << draw(8) : 1 + draw(255);
  copy[at] = (copy[at] ?? 0) ^ by;
  return copy;
}

const TEXTS = ['id', 'kind', 'boot', 'body'] as const;
const NUMBERS = ['at', 'mono'] as const;
const BYTES = ['prev', 'hash'] as const;

const column =
  (names: readonly (typeof TEXTS | typeof NUMBERS | typeof BYTES)[number][]): Change =>
  (file, original, draw) => {
    const row = rowOf(original, draw);
    const name = names[draw(names.length)] ?? 'body';
    const value = row[name];
    asOwner(file, (db) => {
      if (typeof value === 'number')
        db.prepare(`UPDATE journal SET ${name} = ? WHERE seq = ?`).run(
          Number(BigInt(value) ^ (1n << BigInt(draw(40)))),
          row.seq,
        );
      else if (typeof value === 'string')
        db.prepare(`UPDATE journal SET ${name} = CAST(? AS TEXT) WHERE seq = ?`).run(
          flipped(Buffer.from(value), draw),
          row.seq,
        );
      else db.prepare(`UPDATE journal SET ${name} = ? WHERE seq = ?`).run(flipped(value, draw), row.seq);
    });
    return row.seq;
  };

const signature: Change = (file, original, draw) => {
  const signed = original.rows.filter(({ sig }) => sig !== null);
  const row = signed[draw(signed.length)];
  if (!row?.sig) throw new Error('the original journal has no signature');
  const sig = draw(4) === 0 ? null : flipped(row.sig, draw);
  asOwner(file, (db) => db.prepare('UPDATE journal SET sig = ? WHERE seq = ?').run(sig, row.seq));
  return row.seq;
};

const deleteRow: Change = (file, original, draw) => {
  const { seq } = rowOf(original, draw);
  asOwner(file, (db) => db.prepare('DELETE FROM journal WHERE seq = ?').run(seq));
  return seq;
};

const cutTail: Change = (file, original, draw) => {
  const { seq } = rowOf(original, draw);
  asOwner(file, (db) => db.prepare('DELETE FROM journal WHERE seq >= ?').run(seq));
  return seq;
};

const swapRows: Change = (file, original, draw) => {
  const { rows } = original;
  const at = draw(rows.length);
  const [a, b] = [at, (at + 1 + draw(rows.length - 1)) % rows.length].map((index) => rows[index]?.seq ?? 0);
  if (!a || !b) throw new Error('the original journal is too short');
  const move = 'UPDATE journal SET seq = ? WHERE seq = ?';
  asOwner(file, (db) => {
    db.prepare(move).run(1_000_000, a);
    db.prepare(move).run(a, b);
    db.prepare(move).run(b, 1_000_000);
  });
  return Math.min(a, b);
};

const moveRow: Change = (file, original, draw) => {
  const { seq } = rowOf(original, draw);
  const to = original.head.seq + 1 + draw(1000);
  asOwner(file, (db) => db.prepare('UPDATE journal SET seq = ? WHERE seq = ?').run(to, seq));
  // The last one may have been moved to where nobody misses it but the one before.
  return seq;
};

/** A record more, with a right hash and no key to sign it; what follows moves up, chained again or not. */
const insertForged: Change = (file, original, draw) => {
  const at = 1 + draw(original.rows.length);
  const place = original.rows[at]?.seq ?? original.head.seq + 1;
  const like = rowOf(original, draw, 1);
  const sig = draw(2) === 0 ? null : flipped(Buffer.alloc(64, 1), draw);
  const forged = { ...like, id: '00000000-0000-7000-8000-000000000000', sig };
  const renumbered = [
    ...original.rows.slice(0, at),
    { ...forged, seq: place },
    ...original.rows.slice(at).map((row) => ({ ...row, seq: row.seq + 1 })),
  ];
  asOwner(file, (db) =>
    rewrite(
      db,
      draw(2) === 0
        ? rechained(original, original.signer, renumbered, place)
        : withHash(original, renumbered, place),
    ),
  );
  return place;
};

/** Whoever edits may well compute hashes; signatures are another matter. */
const editAndRechain: Change = (file, original, draw) => {
  const row = rowOf(original, draw);
  const rows = original.rows.map((one) =>
    one.seq === row.seq ? { ...one, at: one.at + 1 + draw(100_000) } : one,
  );
  asOwner(file, (db) => rewrite(db, rechained(original, original.signer, rows, row.seq)));
  return row.seq;
};

/** The whole journal once more, signed by another key. */
const otherKey: Change = (file, original, draw) => {
  const signer = newSigner();
  const named = draw(2) === 0;
  const rows = original.rows.map((row) =>
    row.seq === 1 && named
      ? { ...row, body: row.body.replace(keyText(original.signer), keyText(signer)) }
      : row,
  );
  const signed = rechained(original, signer, rows, 1).map((row) => ({
    ...row,
    sig: row.sig && signer.sign(row.hash),
  }));
  asOwner(file, (db) => rewrite(db, signed));
  return 1;
};

const oldCopy: Change = (file, original, draw) => {
  const copy = original.old[draw(original.old.length)];
  if (!copy) throw new Error('there is no old copy');
  copyFileSync(copy.file, file);
  return copy.seq + 1;
};

const fileByte: Change = (file, original, draw) => {
  writeFileSync(file, flipped(readFileSync(original.file), draw));
  return null;
};

function keyText(signer: Signer): string {
  return Buffer.from(signer.publicKey).toString('base64');
}

function hashed({ suite }: Signer, row: RawRow, prev: string): RawRow {
  const hash = Buffer.from(entryHash(suite, prev, row.seq, row, row.body), 'hex');
  return { ...row, prev: Buffer.from(prev, 'hex'), hash };
}

/** Behind what was compacted, a chain goes on from what the segments say. */
function rechained(
  { hashes }: Original,
  signer: Signer,
  rows: readonly RawRow[],
  from: number,
): readonly RawRow[] {
  let before: RawRow | undefined;
  return rows.map((row) => {
    const prev = before?.seq === row.seq - 1 ? before.hash : hashes.get(row.seq - 1);
    const made = row.seq < from ? row : hashed(signer, row, prev?.toString('hex') ?? GENESIS);
    before = made;
    return made;
  });
}

function withHash({ signer, hashes }: Original, rows: readonly RawRow[], place: number): readonly RawRow[] {
  const prev = hashes.get(place - 1)?.toString('hex') ?? GENESIS;
  return rows.map((row) => (row.seq === place ? hashed(signer, row, prev) : row));
}

function rewrite(db: Database.Database, rows: readonly RawRow[]): void {
  db.exec('DELETE FROM journal');
  const insert = db.prepare(
    'INSERT INTO journal VALUES (@seq, @id, @kind, @at, @boot, @mono, @body, @prev, @hash, @sig)',
  );
  for (const row of rows) insert.run(row);
}

export const CHANGES: Readonly<Record<string, Change>> = {
  'flip in a text': column(TEXTS),
  'flip in a number': column(NUMBERS),
  'flip in a hash': column(BYTES),
  'flip or take a signature': signature,
  'delete a record': deleteRow,
  'insert a forged record': insertForged,
  'swap two records': swapRows,
  'move a record': moveRow,
  'cut the tail': cutTail,
  'put an old copy back': oldCopy,
  'edit, compute hashes anew': editAndRechain,
  'everything by another key': otherKey,
  'flip in the file': fileByte,
};
