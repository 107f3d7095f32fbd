import { entryHash } from '../shared/journal/chain.ts';
import { type Draft, ENTRY_BODIES, isEntryKind } from '../shared/journal/entry.ts';
import type { Suite } from '../shared/journal/suite.ts';
import type { Connection } from './connection.ts';
import { createProjections } from './projections.ts';
import { createReading, type Head } from './reading.ts';

/** An entry that was frozen once, on its way back into the journal. */
export interface CarriedEntry {
  readonly seq: number;
  readonly id: string;
  readonly kind: string;
  readonly at: number;
  readonly boot: string;
  readonly mono: number;
  /** RFC 8785 text. */
  readonly body: string;
  /** base64, on the last entry of each commit. */
  readonly sig: string | null;
  /** What it was said to be, if anybody did: compared, never believed. */
  readonly hash?: string;
}

export interface Verbatim {
  head(): Head;
  /**
   * Appends what continues the chain and is signed by the device: whole commits, as they were, each entry with
   * its own time and id. Entries up to the head are skipped. @returns why it stopped early, if it did.
   */
  take(entries: Iterable<CarriedEntry>): string | undefined;
}

/** A few milliseconds of work; the caller lets others have their turn between two calls. */
export const ENTRIES_A_TURN = 200;

/** Pieces of about that many entries, cut where a commit ends. */
export function* inTurns(entries: readonly CarriedEntry[]): Generator<readonly CarriedEntry[]> {
  let from = 0;
  for (const [at, { sig }] of entries.entries()) {
    if (sig === null || at + 1 - from < ENTRIES_A_TURN) continue;
    yield entries.slice(from, at + 1);
    from = at + 1;
  }
  if (from < entries.length) yield entries.slice(from);
}

export function createVerbatim(
  db: Connection,
  by: { readonly suite: Suite; readonly publicKey: Uint8Array },
): Verbatim {
  const { suite, publicKey } = by;
  const projections = createProjections(db);
  const insert = db.prepare(
    'INSERT INTO journal (seq, id, kind, at, boot, mono, body, prev, hash, sig) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  let head = createReading(db).head();

  const freeze = db.transaction((commit: readonly (CarriedEntry & { readonly hash: string })[]) => {
    let prev = head.hash;
    for (const { seq, id, kind, at, boot, mono, body, hash, sig } of commit) {
      const bytes = Buffer.from(hash, 'hex');
      const signature = sig === null ? null : Buffer.from(sig, 'base64');
      insert.run(seq, id, kind, at, boot, mono, body, Buffer.from(prev, 'hex'), bytes, signature);
      const draft = draftOf(kind, body);
      if (draft) projections.take(draft, bytes);
      prev = hash;
    }
  }).immediate;

  return {
    head: () => head,
    take(entries) {
      let commit: (CarriedEntry & { readonly hash: string })[] = [];
      let last = head;
      for (const entry of entries) {
        if (entry.seq <= last.seq) continue;
        if (entry.seq !== last.seq + 1) return `entry ${last.seq + 1} is not there`;
        let hash: string;
        try {
          hash = entryHash(suite, last.hash, entry.seq, entry, entry.body);
        } catch (error) {
          return `entry ${entry.seq} cannot be read (${messageOf(error)})`;
        }
        if (entry.hash !== undefined && entry.hash !== hash)
          return `entry ${entry.seq} does not continue the chain`;
        commit.push({ ...entry, hash });
        last = { seq: entry.seq, hash };
        if (entry.sig === null) continue;
        if (!suite.verify(publicKey, Buffer.from(hash, 'hex'), Buffer.from(entry.sig, 'base64')))
          return `the signature of entry ${entry.seq} does not cover the chain`;
        try {
          freeze(commit);
        } catch (error) {
          // The disk's doing is told from an entry that contradicts those before it by whoever called.
          if (error instanceof Error && 'code' in error) throw error;
          return `entry ${entry.seq} contradicts those before it (${messageOf(error)})`;
        }
        head = last;
        commit = [];
      }
      return commit.length > 0 ? `entry ${last.seq} is not covered by a signature` : undefined;
    },
  };
}

/** Nothing for a kind of a later version: it is kept, and says nothing here. Throws on a body that is not its kind's. */
function draftOf(kind: string, body: string): Draft | undefined {
  if (!isEntryKind(kind)) return undefined;
  return { kind, body: ENTRY_BODIES[kind].parse(JSON.parse(body)) } as Draft;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
