import { join } from 'node:path';
import type { Draft } from '../shared/journal/entry.ts';
import { walkWhole } from './chain-walk.ts';
import { type Connection, JOURNAL_FILE } from './connection.ts';
import { createCursors } from './cursors.ts';
import { createDamage, UNREADABLE, type Unreadable } from './damage.ts';
import { isIoError, sentence, UnreadBlock } from './faults.ts';
import { createLedger, type Ledger, type LedgerEntry } from './ledger.ts';
import { createProjections, Refusal } from './projections.ts';
import { hasUnreadable } from './readable-copy.ts';
import { createReading, type Head, type Reading } from './reading.ts';
import { beginsSomething, type Reserve } from './reserve.ts';
import {
  type CompactLimits,
  type CompactResult,
  createCompaction,
  createSegmentPlanner,
} from './retention.ts';
import { type SealedEntry, seal } from './sealing.ts';
import type { AppendResult, Store, StoreParts } from './store.ts';
import { createUpkeep, tidy } from './upkeep.ts';

/** Everything prepared on one connection. Exchanged as a whole when the disk forces a new connection. */
interface Desk {
  readonly db: Connection;
  readonly reading: Reading;
  readonly ledger: Ledger;
  readonly projections: ReturnType<typeof createProjections>;
  readonly commit: (entries: readonly SealedEntry[], boot: string) => void;
}

function createDesk(db: Connection): Desk {
  const projections = createProjections(db);
  const insert = db.prepare(
    'INSERT INTO journal (seq, id, kind, at, boot, mono, body, prev, hash, sig) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const commit = db.transaction((entries: readonly SealedEntry[], boot: string) => {
    for (const { seq, id, at, mono, draft, body, prev, hash, sig } of entries) {
      insert.run(seq, id, draft.kind, at, boot, mono, body, prev, hash, sig);
      projections.take(draft, hash);
    }
  });
  return { db, reading: createReading(db), ledger: createLedger(db), projections, commit: commit.immediate };
}

/**
 * The store on an open, migrated, locked database.
 *
 * @param parts.reopen gives a new connection to the same, existing database; may throw what SQLite throws.
 */
export function createJournal(
  parts: StoreParts & {
    readonly db: Connection;
    readonly reopen: () => Connection;
    readonly release: () => void;
    readonly reserve: Reserve;
  },
): Store {
  const { folder, signer, clock, boot, newId, reserve } = parts;
  let desk = createDesk(parts.db);
  // What memory knows changes only after a commit.
  let head = desk.reading.head();
  let headTime = desk.reading.headTime();
  /**
   * The connection is given up after it failed twice in a row. Not after once: only the connection that rolled
   * an act back knows for certain that it did, and writes over what the disk may have kept of it.
   */
  let suspect = false;
  let failedBefore = false;
  let closed = false;
  /** Prepared when it is first needed, which a start is not. */
  let compaction:
    | {
        readonly db: Connection;
        readonly plan: ReturnType<typeof createSegmentPlanner>;
        readonly put: ReturnType<typeof createCompaction>;
      }
    | undefined;
  const listeners = new Set<(headSeq: number) => void>();
  const damage = createDamage(folder);
  /** After a renewal that failed there is no connection; the next act tries again. */
  const isGone = () => closed || !desk.db.open;
  const cursors = createCursors(desk.db, (error) => damage.met(error) !== undefined || isGone());
  const upkeep = createUpkeep(clock, () => {
    try {
      if (!suspect) tidy(desk.db);
    } catch (error) {
      // The next act meets the same disk and says so to somebody who is looking.
      if (!damage.met(error)) throw error;
    }
  });

  /** Every read: what the disk refuses is noted and told, and never thrown at whoever happened to ask. */
  function read<T>(ask: () => T): T | Unreadable {
    if (isGone()) return UNREADABLE;
    try {
      return ask();
    } catch (error) {
      if (!damage.met(error)) throw error;
      return UNREADABLE;
    }
  }

  function moveHead(next: Head): void {
    head = next;
    for (const listener of listeners) {
      try {
        listener(head.seq);
      } catch (error) {
        // The act is frozen, whatever a listener makes of it; the bug still has to be loud.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  /** A failed disk may have kept more than it confirmed, never less: the database itself says where we are. */
  function renew(): void {
    try {
      desk.db.close();
    } catch {
      // It is given up either way.
    }
    desk = newDesk();
    cursors.attach(desk.db);
    const found = desk.reading.head();
    const known = head.seq === 0 ? undefined : desk.reading.after(head.seq - 1, 1)[0];
    if (head.seq > 0 && known?.hash !== head.hash)
      throw new Error(`the journal in ${folder} lost entry ${head.seq}, which was frozen`);
    suspect = false;
    if (found.seq > head.seq) moveHead(found);
    headTime = desk.reading.headTime();
  }

  /** As at a start: a disk that reports an error may be well again soon, one that does not read a block will not. */
  function newDesk(): Desk {
    let db: Connection | undefined;
    try {
      db = parts.reopen();
      return createDesk(db);
    } catch (error) {
      db?.close();
      if (isIoError(error) && hasUnreadable(join(folder, JOURNAL_FILE)))
        throw new UnreadBlock('a part of it lies where the disk does not read any more');
      throw error;
    }
  }

  function failed(error: unknown): AppendResult {
    if (error instanceof Refusal) return { ok: false, reason: error.reason, message: error.message };
    const found = damage.met(error);
    if (!found) throw error;
    // A full disk leaves the connection sound.
    if (found.kind !== 'diskFull') {
      suspect ||= failedBefore;
      failedBefore = true;
    }
    if (desk.db.inTransaction) suspect = true;
    return {
      ok: false,
      reason: found.kind === 'diskFull' ? 'diskFull' : 'ioError',
      message:
        found.kind === 'locked'
          ? `Another program holds the journal in ${folder} for writing; nothing was written. Close that program.`
          : found.message,
    };
  }

  /** On a full disk once more, in the room that was kept for this. */
  function commit(entries: readonly SealedEntry[]): void {
    try {
      desk.commit(entries, boot);
    } catch (error) {
      if (damage.met(error)?.kind !== 'diskFull' || !reserve.release()) throw error;
      desk.commit(entries, boot);
    }
  }

  function sealed(drafts: readonly Draft[]): readonly SealedEntry[] {
    return seal({ drafts, head, headTime, atMs: clock.nowMs(), monoMs: clock.monoMs(), boot, signer, newId });
  }

  function confirmed(entries: readonly SealedEntry[]): void {
    const last = entries.at(-1);
    if (last) {
      headTime = { at: last.at, boot, mono: last.mono };
      moveHead({ seq: last.seq, hash: last.hashHex });
    }
    failedBefore = false;
    upkeep.committed();
  }

  function compact(limits: CompactLimits): CompactResult {
    if (closed) return { kind: 'nothing' };
    try {
      if (suspect || !desk.db.open) renew();
      if (!reserve.inPlace()) return { kind: 'failed', message: sentence('diskFull', folder) };
      const { db, commit } = desk;
      if (compaction?.db !== db)
        compaction = { db, plan: createSegmentPlanner(db, signer.suite), put: createCompaction(db) };
      const { plan, put } = compaction;
      const found = plan(limits);
      if (found.kind !== 'plan') return found;
      const entries = sealed([found.draft]);
      db.transaction(() => {
        commit(entries, boot);
        put(found);
      }).immediate();
      confirmed(entries);
      const { fromSeq, toSeq } = found.segment;
      return { kind: 'compacted', fromSeq, toSeq };
    } catch (error) {
      const refused = failed(error);
      return { kind: 'failed', message: refused.ok ? '' : refused.message };
    }
  }

  return {
    append(drafts: readonly Draft[]): AppendResult {
      if (closed) throw new Error('an act came after the store was closed');
      try {
        if (suspect || !desk.db.open) renew();
        if (beginsSomething(drafts) && !reserve.inPlace())
          return { ok: false, reason: 'diskFull', message: sentence('diskFull', folder) };
        if (drafts.length === 0) {
          // Takes the lock that a write needs, and writes nothing.
          desk.commit([], boot);
          return { ok: true, entries: [] };
        }
        const entries = sealed(drafts);
        commit(entries);
        confirmed(entries);
        return {
          ok: true,
          entries: entries.map(({ seq, id, hashHex, draft }) => ({
            seq,
            id,
            hash: hashHex,
            kind: draft.kind,
          })),
        };
      } catch (error) {
        return failed(error);
      }
    },
    ratingOf: (serviceKey) => read(() => desk.projections.ratingOf(serviceKey)),
    unfinished: () => read(() => desk.projections.unfinished()),
    readBatch(from) {
      try {
        return desk.reading.batch(from);
      } catch (error) {
        damage.met(error);
        throw error;
      }
    },
    ledger(from): readonly LedgerEntry[] {
      const found = read(() =>
        'sinceMs' in from ? desk.ledger.since(from.sinceMs) : desk.ledger.after(from.afterSeq),
      );
      return found === UNREADABLE ? [] : found;
    },
    *entries(afterSeq) {
      const entries = desk.reading.entries(afterSeq);
      for (;;) {
        const next = read(() => entries.next());
        if (next === UNREADABLE || next.done) return;
        yield next.value;
      }
    },
    seqsOf: (kind, afterSeq, toSeq) => read(() => desk.reading.seqsOf(kind, afterSeq, toSeq)),
    cursorOf: (link) => cursors.of(link),
    advanceCursor(link, ackedSeq) {
      if (!Number.isSafeInteger(ackedSeq) || ackedSeq > head.seq)
        throw new Error(`${link} acknowledged entry ${ackedSeq}; the journal ends at ${head.seq}`);
      cursors.advance(link, ackedSeq);
    },
    compact,
    head: () => head,
    unsent: (link) => head.seq - cursors.of(link),
    async copyTo(file, step) {
      await desk.db.backup(file, { progress: step });
    },
    walk: (stopped) => walkWhole(desk.db, signer.suite, stopped),
    isDamaged: damage.isThere,
    onDamaged: damage.onMet,
    onAppended(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      if (closed) return;
      closed = true;
      upkeep.stop();
      listeners.clear();
      damage.end();
      desk.db.close();
      parts.release();
    },
  };
}
