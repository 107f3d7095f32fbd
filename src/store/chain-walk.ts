import { entryHash, GENESIS } from '../shared/journal/chain.ts';
import { ENTRY_BODIES } from '../shared/journal/entry.ts';
import type { Suite } from '../shared/journal/suite.ts';
import { createSegmentRules } from '../shared/journal/verify-segments.ts';
import type { Connection } from './connection.ts';
import { compactedOf } from './evidence.ts';
import { createReading, type Head } from './reading.ts';
import { ENTRIES_A_TURN } from './verbatim.ts';

export type Walked =
  | { readonly ok: true; readonly head: Head }
  | { readonly ok: false; readonly objection: string };

/**
 * Reads a journal from its first entry to its last and computes its chain, a few milliseconds at a time. It
 * does not look at signatures: the last one covers the chain, and whoever opens the file checks that one.
 * Begins again where entries were compacted meanwhile: a segment stands for them only at the journal's beginning.
 * Throws what SQLite throws for a page that cannot be read.
 */
export async function walkChain(
  db: Connection,
  suite: Suite,
  stopped: () => boolean = () => false,
): Promise<Walked> {
  const reading = createReading(db);
  const oldest = db.prepare<[], number | null>('SELECT min(seq) FROM journal WHERE seq > 1').pluck();
  let began = oldest.get();
  let head: Head = { seq: 0, hash: GENESIS };
  for (;;) {
    const begins = oldest.get();
    // A journal that had entry 1 alone has only grown.
    if (begins !== began && began !== null) head = { seq: 0, hash: GENESIS };
    began = begins;
    const entries = reading.after(head.seq, ENTRIES_A_TURN);
    if (entries.length === 0 || stopped()) return { ok: true, head };
    for (const entry of entries) {
      // Behind entry 1 a segment may stand for what was compacted.
      if (head.seq === 1 && entry.seq !== 2) head = segmentBefore(db, entry.seq) ?? head;
      if (entry.seq !== head.seq + 1) return { ok: false, objection: `entry ${head.seq + 1} is missing` };
      const hash = entryHash(suite, head.hash, entry.seq, entry, entry.body);
      if (entry.prev !== head.hash || entry.hash !== hash)
        return { ok: false, objection: `entry ${entry.seq} does not continue the chain` };
      head = { seq: entry.seq, hash };
    }
    await turn();
  }
}

/**
 * The chain, and whether everything beside the entries can be read: a backup whose entries are whole and whose tables
 * are not would take a good one's place. One table at a time, because SQLite looks through each in one go.
 */
export async function walkWhole(
  db: Connection,
  suite: Suite,
  stopped: () => boolean = () => false,
): Promise<Walked> {
  const walked = await walkChain(db, suite, stopped);
  const tables = db
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'journal'")
    .pluck();
  for (const table of tables.all()) {
    if (!walked.ok || stopped()) break;
    const found = String(db.pragma(`quick_check('${table}')`, { simple: true }));
    if (found !== 'ok') return { ok: false, objection: `the table ${table} cannot be read (${found})` };
    await turn();
  }
  return walked;
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/**
 * Whether what stands in for compacted entries is what the device signed: nothing in a chain shows that a rating
 * which stayed behind was bent or taken out. Of a journal whose chain was walked.
 */
export function totalsStand(
  db: Connection,
  by: { readonly suite: Suite; readonly publicKey: Uint8Array },
): boolean {
  const [first] = createReading(db).after(0, 1);
  const rules = createSegmentRules(by.suite, by.publicKey, compactedOf(db));
  if (!first || 'objection' in rules.walk(first)) return false;
  const told = db.prepare<[], string>("SELECT body FROM journal WHERE kind = 'journal.compacted'").pluck();
  for (const body of told.iterate()) rules.hear(ENTRY_BODIES['journal.compacted'].parse(JSON.parse(body)));
  return rules.contradicted() === undefined && rules.unvouched() === undefined;
}

function segmentBefore(db: Connection, seq: number): Head | undefined {
  const row = db
    .prepare<[number], { readonly seq: number; readonly hash: Buffer }>(
      'SELECT to_seq AS seq, hash FROM segment WHERE to_seq = ?',
    )
    .get(seq - 1);
  return row && { seq: row.seq, hash: row.hash.toString('hex') };
}
