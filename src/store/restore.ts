import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { EntryBody, RestoreReason } from '../shared/journal/entry.ts';
import { listBackups } from './backup-files.ts';
import { type Connection, connect, JOURNAL_FILE, lockFolder } from './connection.ts';
import { createCursors } from './cursors.ts';
import { faultOf } from './faults.ts';
import { migrate } from './migrations.ts';
import { opensNow } from './readable-copy.ts';
import type { Head } from './reading.ts';
import { openWreck, type Wreck } from './salvage.ts';
import { seal } from './sealing.ts';
import {
  asideFolder,
  markDamaged,
  moveAside,
  type RestoreMark,
  readMark,
  takeUpRestore,
  workFolder,
  writeMark,
} from './set-aside.ts';
import { takeSoundBackup } from './sound-backup.ts';
import type { OpenProblem, StoreParts } from './store.ts';
import { type CarriedEntry, createVerbatim, ENTRIES_A_TURN, inTurns, type Verbatim } from './verbatim.ts';

/** What the far end of a link holds of this journal after an entry; in pieces, until there is no more. */
export type AskForEntries = (after: Head) => Promise<
  | {
      readonly ok: true;
      readonly entries: readonly CarriedEntry[];
      readonly heldSeq: number;
      /** The furthest head that it was ever told of; 0 if it was told nothing. */
      readonly reportedSeq: number;
    }
  | { readonly ok: false; readonly message: string }
>;

export type Restored = EntryBody<'journal.restored'> & { readonly headSeq: number };

export type RestoreResult =
  | { readonly ok: true; readonly restored: Restored | null }
  /** `unasked`: everything is ready but the word of the far end; nothing is begun without it. */
  | { readonly ok: false; readonly problem: OpenProblem | 'unasked'; readonly message: string };

interface Facts {
  backupHead: Head | null;
  salvagedTo: number | null;
  fetchedTo: number | null;
  heldSeq: number;
  knownSeq: number;
  /** Where the damaged file ended cannot be told from what the disk gave of it. */
  endUnread: boolean;
}

/**
 * Puts a damaged journal together again: the newest good backup, then what the damaged file still proves, then
 * what the far end of the link holds. Only what the device itself signed, and only in one chain.
 */
export function createRestorer(
  parts: StoreParts & {
    /** Name of the cursor of `ask`. */
    readonly link: string;
    /** Absent where the site has no far end. */
    readonly ask?: AskForEntries;
  },
): {
  /** Goes on where an earlier one, also one that was killed, has come to. @param damage as `openStore` gave it. */
  attempt(damage: RestoreReason): Promise<RestoreResult>;
  /** Lets go of what it kept for the next attempt. */
  end(): void;
} {
  const { folder, signer, clock, boot, newId, link, ask } = parts;
  const work = workFolder(folder);
  const journal = join(work, JOURNAL_FILE);
  const by = { suite: signer.suite, publicKey: signer.publicKey };
  /**
   * What was put together while the far end could not be asked; only this process knows that it is whole. The wreck stays
   * open: its copy is as large as the journal, and an outage has an attempt every few seconds.
   */
  let waiting:
    | { readonly name: string; readonly facts: Facts; readonly wreck: Wreck | undefined }
    | undefined;

  function end(): void {
    waiting?.wreck?.close();
    waiting = undefined;
  }

  async function attempt(damage: RestoreReason): Promise<RestoreResult> {
    let release: (() => void) | undefined;
    try {
      release = lockFolder(folder).release;
      const before = readMark(folder);
      const present = takeUpRestore(folder);
      if (before && !present) return { ok: true, restored: null };
      const open = present ?? markDamaged(folder, damage, clock.nowMs());
      const mark = open.stage === 'settingAside' ? moveAside(folder, open) : open;
      const kept = waiting?.name === mark.name && existsSync(journal) ? waiting : undefined;
      if (!kept) {
        end();
        rmSync(work, { recursive: true, force: true });
        mkdirSync(work, { mode: 0o700 });
      }
      const aside = asideFolder(folder, mark);
      const facts = kept?.facts ?? {
        backupHead: await takeSoundBackup(parts, { journal, aside }),
        salvagedTo: null,
        fetchedTo: null,
        heldSeq: 0,
        knownSeq: 0,
        endUnread: false,
      };
      const db = connect(journal, { mustExist: false });
      let wreck = kept?.wreck;
      try {
        // A flush for each commit it ever made would take longer than the shell waits for a sign of life, and what a
        // kill leaves of this file is thrown away: it is flushed by checkpoints, and every last of it before `done`.
        db.pragma('synchronous = NORMAL');
        const migrated = migrate(db);
        if (!migrated.ok) throw new Error(`a backup of schema ${migrated.found} was taken for ours`);
        const donor = listBackups(folder).find(({ file }) => opensNow(file));
        if (!kept) ({ wreck, endUnread: facts.endUnread } = await openWreck(aside, work, donor?.file));
        const unasked = await gather(db, wreck, facts);
        if (unasked !== undefined) {
          waiting = { name: mark.name, facts, wreck };
          return { ok: false, problem: 'unasked', message: unasked };
        }
        db.pragma('synchronous = FULL');
        const restored = conclude(db, mark, facts);
        db.pragma('wal_checkpoint(TRUNCATE)');
        db.close();
        // Its copy is in the folder that goes now.
        wreck?.close();
        end();
        writeMark(folder, { ...mark, stage: 'done' });
        takeUpRestore(folder);
        return { ok: true, restored };
      } finally {
        db.close();
        if (wreck !== waiting?.wreck) wreck?.close();
      }
    } catch (error) {
      const fault = faultOf(error, folder);
      if (!fault) throw error;
      return {
        ok: false,
        problem: fault.kind === 'ioError' ? 'notWritable' : fault.kind,
        message: fault.message,
      };
    } finally {
      release?.();
    }
  }

  /** @returns why the far end could not be asked, if it could not. */
  async function gather(db: Connection, wreck: Wreck | undefined, facts: Facts): Promise<string | undefined> {
    const verbatim = createVerbatim(db, by);
    if (wreck) {
      facts.knownSeq = Math.max(facts.knownSeq, wreck.lastProven(by));
      await salvage(db, verbatim, wreck, facts);
    }
    const unasked = ask ? await fetchFrom(db, ask, verbatim, facts) : undefined;
    if (unasked !== undefined) return onlyTables(wreck, verbatim.head(), facts) ? undefined : unasked;
    // Behind what could not be read there may be more that continues what the far end had.
    if (wreck) await salvage(db, verbatim, wreck, facts);
    return undefined;
  }

  /**
   * The damage is beside the entries, and what was beside them has been read out of them anew: the journal ends where it
   * ended for whoever used it last, so nobody far away has to be waited for, unless somebody is known to hold more.
   */
  function onlyTables(wreck: Wreck | undefined, head: Head, facts: Facts): boolean {
    return wreck?.endsWhole(head.seq) === true && Math.max(facts.heldSeq, facts.knownSeq) <= head.seq;
  }

  async function salvage(db: Connection, verbatim: Verbatim, wreck: Wreck, facts: Facts): Promise<void> {
    for (;;) {
      const before = verbatim.head().seq;
      const entries = wreck.after(before, ENTRIES_A_TURN);
      const objection = verbatim.take(entries);
      const { seq } = verbatim.head();
      if (seq > before) facts.salvagedTo = seq;
      // A commit that was cut by the end of the page is whole in the next one; one longer than a page is not ours.
      if (seq === before || (objection === undefined && entries.length < ENTRIES_A_TURN)) return;
      await turn(db);
    }
  }

  async function fetchFrom(
    db: Connection,
    far: AskForEntries,
    verbatim: Verbatim,
    facts: Facts,
  ): Promise<string | undefined> {
    for (;;) {
      const before = verbatim.head();
      const answer = await far(before);
      if (!answer.ok) return answer.message;
      facts.heldSeq = Math.max(facts.heldSeq, answer.heldSeq);
      facts.knownSeq = Math.max(facts.knownSeq, answer.heldSeq, answer.reportedSeq);
      if (answer.entries.length === 0) {
        return answer.heldSeq > before.seq
          ? `the far end holds entries up to ${answer.heldSeq} and gave none after ${before.seq}`
          : undefined;
      }
      let objection: string | undefined;
      for (const slice of inTurns(answer.entries)) {
        objection = verbatim.take(slice);
        await turn(db);
        if (objection !== undefined) break;
      }
      const { seq } = verbatim.head();
      if (seq > before.seq) facts.fetchedTo = seq;
      if (objection !== undefined || seq === before.seq)
        return `what the far end gave does not continue this journal: ${objection ?? 'nothing new in it'}`;
    }
  }

  /** Nothing more can be had: the journal says so itself, in its next entry. */
  function conclude(db: Connection, mark: RestoreMark, facts: Facts): Restored {
    const verbatim = createVerbatim(db, by);
    const head = verbatim.head();
    const aside = asideFolder(folder, mark);
    const body: EntryBody<'journal.restored'> = {
      setAside: existsSync(join(aside, JOURNAL_FILE)) ? mark.name : null,
      reason: mark.reason,
      backupHead: facts.backupHead,
      salvagedTo: facts.salvagedTo,
      fetchedTo: facts.fetchedTo,
      lostAfterSeq: head.seq,
      knownHeadSeq: knownHead(facts, head.seq),
    };
    const begun = {
      kind: 'journal.begun',
      body: {
        format: 1,
        deviceId: parts.deviceId,
        suite: signer.suite.name,
        publicKey: Buffer.from(signer.publicKey).toString('base64'),
      },
    } as const;
    const told = { kind: 'journal.restored', body } as const;
    const entries = seal({
      drafts: head.seq === 0 ? [begun, told] : [told],
      head,
      headTime: undefined,
      atMs: clock.nowMs(),
      monoMs: clock.monoMs(),
      boot,
      signer,
      newId,
    });
    const refused = verbatim.take(
      entries.map((entry) => ({
        ...entry,
        kind: entry.draft.kind,
        boot,
        hash: entry.hashHex,
        sig: entry.sig?.toString('base64') ?? null,
      })),
    );
    if (refused !== undefined)
      throw new Error(`the restored journal does not take its own entry: ${refused}`);
    const delivered = Math.min(facts.heldSeq, head.seq);
    if (delivered > 0) createCursors(db, () => false).advance(link, delivered);
    return { ...body, headSeq: verbatim.head().seq };
  }

  /** What it names is known to have been; to name the journal's own head says that nobody knows of more. */
  function knownHead({ knownSeq, endUnread }: Facts, headSeq: number): number | null {
    if (endUnread && knownSeq <= headSeq) return null;
    if (knownSeq > 0) return knownSeq;
    return headSeq > 0 && ask ? headSeq : null;
  }

  return { attempt, end };
}

/** Lets others go on. What was taken is moved into the file before, so that no single checkpoint is a long one. */
function turn(db: Connection): Promise<void> {
  db.pragma('wal_checkpoint(PASSIVE)');
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
