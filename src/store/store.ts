/**
 * FROZEN. The journal of this device: append-only, hash-chained, signed, one durable commit an act; and what it
 * says, as projections written in the same transaction. The only room that imports better-sqlite3.
 * Nothing here knows a network, a screen or a queue. Format: docs/journal-format.md. Why so: docs/adr/0003-journal.md.
 */
import type { Clock } from '../shared/clock.ts';
import type { Draft, EntryKind, RestoreReason } from '../shared/journal/entry.ts';
import type { Signer } from '../shared/journal/suite.ts';
import type { StoredEntry } from '../shared/journal/verify.ts';
import type { DeviceId, ServiceKey } from '../shared/words.ts';
import type { Walked } from './chain-walk.ts';
import type { Unreadable } from './damage.ts';
import type { LedgerEntry } from './ledger.ts';
import { openFolder } from './opening.ts';
import type { Rating, Unfinished } from './projections.ts';
import type { Head } from './reading.ts';
import type { CompactLimits, CompactResult } from './retention.ts';

export type { StoredEntry } from '../shared/journal/verify.ts';
export { type BackupOutcome, type Backups, createBackups } from './backup.ts';
export { BACKUP_FOLDER, flushFolder, hasTraces, headSeqNamed, listBackups } from './backup-files.ts';
export { JOURNAL_FILE } from './connection.ts';
export type { Unreadable } from './damage.ts';
export { damageOf, type Evidence, type EvidenceResult, openEvidence } from './evidence.ts';
export { isCorrupt } from './faults.ts';
export type { LedgerEntry } from './ledger.ts';
export type { Rating, Unfinished } from './projections.ts';
export { type JournalReader, openJournalReader, type ReaderResult } from './reader.ts';
export type { Head } from './reading.ts';
export { type AskForEntries, createRestorer, type Restored, type RestoreResult } from './restore.ts';
export type { CompactLimits, CompactResult } from './retention.ts';
export { markDamaged } from './set-aside.ts';
export type { CarriedEntry } from './verbatim.ts';

export interface StoreParts {
  /** Made if absent, readable by the kiosk's user only. Holds `journal.sqlite` and its lock. */
  readonly folder: string;
  readonly signer: Signer;
  readonly deviceId: DeviceId;
  readonly clock: Clock;
  /** Id of this start of the machine, the one `clock.monoMs` counts from. */
  readonly boot: string;
  /** Makes a UUIDv7 for a wall time, UTC ms. */
  readonly newId: (atMs: number) => string;
}

/**
 * - `newerSchema`: written by a later version of Yiping
 * - `corrupt`: not a database, not ours, or its end does not verify
 * - `wrongKey`: a journal of another device or signed by another key
 * - `locked`: another kiosk runs on this folder
 */
export type OpenProblem = 'newerSchema' | 'corrupt' | 'notWritable' | 'diskFull' | 'locked' | 'wrongKey';

export type OpenResult =
  | { readonly ok: true; readonly store: Store }
  | {
      readonly ok: false;
      readonly problem: OpenProblem;
      readonly message: string;
      /** It is ours and damaged: mark it (`markDamaged`), put it together again (`createRestorer`), open it then. */
      readonly damage?: RestoreReason;
    };

export interface AppendedEntry {
  readonly seq: number;
  readonly id: string;
  /** Lower-case hex. */
  readonly hash: string;
  readonly kind: EntryKind;
}

/**
 * After `diskFull` and `ioError` nothing was confirmed and the same call may be made again: the store recovers
 * as soon as the disk does. A disk that reports an error may still have kept the act; `ratingOf` and
 * `unfinished` tell, once an append has succeeded again.
 */
export type AppendResult =
  | { readonly ok: true; readonly entries: readonly AppendedEntry[] }
  | {
      readonly ok: false;
      readonly reason: 'alreadyRated' | 'settled' | 'diskFull' | 'ioError';
      readonly message: string;
    };

export interface BatchLimits {
  readonly afterSeq: number;
  readonly maxEntries: number;
  /** Of the entries as events: their bodies in UTF-8 and an overhead for each. */
  readonly maxBytes: number;
}

export interface Store {
  /**
   * Writes the entries of one act: one transaction, one flush, a signature on the last. Throws on what only a
   * bug can ask: a body that is not of its kind, a choice outside its invitation, settling what was not chosen.
   * A full disk takes what ends something from a reserve; nothing new is begun before that is whole again.
   * Without drafts nothing is written: the answer is whether something new could be begun.
   */
  append(drafts: readonly Draft[]): AppendResult;
  /** `unreadable`, here and below: the disk does not say. Not knowing is not knowing that there is none. */
  ratingOf(serviceKey: ServiceKey): Rating | Unreadable | undefined;
  /** What is open in the journal; at start that is what a crash left. The caller decides what to append. */
  unfinished(): Unfinished | Unreadable;
  /**
   * The next entries for a link. Ends with a signed entry; empty at the head. Stays within the limits, but one
   * commit is never cut: if the first is beyond them, it comes alone and whole. Throws what the disk does.
   */
  readBatch(from: BatchLimits): readonly StoredEntry[];
  /** The last seq that a link has delivered; 0 in the beginning. */
  cursorOf(link: string): number;
  /** A cursor never goes back (a lower value is ignored) and never past the head (throws). */
  advanceCursor(link: string, ackedSeq: number): void;
  head(): Head;
  /** Entries that a link has not delivered yet. */
  unsent(link: string): number;
  /** Called after each commit, synchronously: keep it short. @returns a function that ends it. */
  onAppended(listener: (headSeq: number) => void): () => void;
  /**
   * Puts one segment in the place of old, delivered, finished entries, in one transaction with its signed totals.
   * Throws nothing that a disk does; on a full disk nothing is done, and the reserve is left for citizens.
   */
  compact(limits: CompactLimits): CompactResult;
  /** How invitations ended, without a level: from a wall time on, or after an entry. Empty while the disk cannot be read. */
  ledger(from: { readonly sinceMs: number } | { readonly afterSeq: number }): readonly LedgerEntry[];
  /** Which entries of a kind stand between two places, `afterSeq` not among them. */
  seqsOf(kind: EntryKind, afterSeq: number, toSeq: number): readonly number[] | Unreadable;
  /** Copies the database as it stands, in steps of so many pages as `step` says; acts go on between and into it. */
  copyTo(file: string, step: (left: { readonly remainingPages: number }) => number): Promise<void>;
  /** Reads the whole chain and the tables beside it, a few milliseconds at a time. Rejects with what SQLite says of a page it cannot read. */
  walk(stopped?: () => boolean): Promise<Walked>;
  /** A page could not be read: the journal is to be closed, marked (`markDamaged`) and put together again. */
  isDamaged(): boolean;
  /** Called once when that is found, by whatever read or wrote; at once where it was found before. @returns a function that ends it. */
  onDamaged(listener: (message: string) => void): () => void;
  /** Reads on while the journal grows. Ends early at a page that cannot be read. */
  entries(afterSeq?: number): IterableIterator<StoredEntry>;
  close(): void;
}

/** Opens the journal of a folder, or begins it. Blocks for some milliseconds; never throws for what a disk does. */
export function openStore(parts: StoreParts): OpenResult {
  return openFolder(parts);
}
