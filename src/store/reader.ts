import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import type { StoredEntry } from '../shared/journal/verify.ts';
import { connectReadOnly } from './connection.ts';
import { faultOf } from './faults.ts';
import { createReading, type Head } from './reading.ts';

/** A journal as somebody else sees it: the hall bench and the verifier, also while the kiosk runs. */
export interface JournalReader {
  head(): Head;
  entries(afterSeq?: number): IterableIterator<StoredEntry>;
  /** SQLite's own check of the file; `ok` when it finds nothing. */
  integrity(): string;
  close(): void;
}

export type ReaderResult =
  | { readonly ok: true; readonly reader: JournalReader }
  | { readonly ok: false; readonly message: string };

/** Loads the database's native part now, for a program that gives up its rights before it opens a journal. */
export function loadJournalDriver(): void {
  new Database(':memory:').close();
}

/** @param file a `journal.sqlite`; opened read-only, never created or migrated. */
export function openJournalReader(file: string): ReaderResult {
  try {
    const db = connectReadOnly(file);
    try {
      const reading = createReading(db);
      return {
        ok: true,
        reader: {
          head: reading.head,
          entries: reading.entries,
          integrity: () => String(db.pragma('integrity_check', { simple: true })),
          close: () => db.close(),
        },
      };
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    const fault = faultOf(error, dirname(file));
    const detail = error instanceof Error ? error.message : String(error);
    return { ok: false, message: fault?.message ?? `${file} is not a journal of this version: ${detail}` };
  }
}
