import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import { ed25519Sha256 } from '../../src/shared/journal/suite.ts';
import { verifyEntries } from '../../src/shared/journal/verify.ts';
import {
  type AskForEntries,
  type BackupOutcome,
  createBackups,
  createRestorer,
  JOURNAL_FILE,
  openStore,
  type Restored,
  type Store,
  type StoredEntry,
  type StoreParts,
} from '../../src/store/store.ts';
import { createFakeClock } from './fake-clock.ts';
import { mustOpen, newFolder, newSigner, rateOnce, storeParts } from './store-parts.ts';

/** A store with a file that can be bent, for tests of backup and restore. */
const cleanups: (() => void)[] = [];

/** To be called after each test. */
export function cleanUp(): void {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
}

export function site() {
  const { folder, remove } = newFolder();
  cleanups.push(remove);
  const clock = createFakeClock();
  const parts = storeParts(folder, { signer: newSigner(), clock });
  return { folder, clock, parts, journal: join(folder, JOURNAL_FILE) };
}
export type Site = ReturnType<typeof site>;

export function open(parts: StoreParts): Store {
  const store = mustOpen(parts);
  cleanups.push(() => store.close());
  return store;
}

export async function backUp({ folder, clock }: Site, store: Store): Promise<BackupOutcome> {
  const backups = createBackups({ folder, store, suite: ed25519Sha256, clock, onOutcome: () => {} });
  return await backups.make();
}

/** What a far end holds: the first entries of a journal. */
export function farEnd(held: readonly StoredEntry[], reportedSeq = 0): AskForEntries {
  return async ({ seq }) => ({
    ok: true,
    entries: held.filter((entry) => entry.seq > seq).map(({ prev: _, hash: __, ...entry }) => entry),
    heldSeq: held.at(-1)?.seq ?? 0,
    reportedSeq,
  });
}

export async function restore({ parts }: Site, ask?: AskForEntries): Promise<Restored> {
  const opened = openStore(parts);
  if (opened.ok) throw new Error('the damage was not noticed');
  if (!opened.damage) throw new Error(`not to be restored: ${opened.message}`);
  const restorer = createRestorer({ ...parts, link: 'province', ...(ask ? { ask } : {}) });
  const result = await restorer.attempt(opened.damage);
  if (!result.ok) throw new Error(result.message);
  if (!result.restored) throw new Error('there was nothing to restore');
  return result.restored;
}

export function bend(file: string, at: number, bytes = 64): void {
  const opened = openSync(file, 'r+');
  writeSync(opened, Buffer.alloc(bytes, 0xa5), 0, bytes, at);
  closeSync(opened);
}

/** Closes the journal and makes the page that holds an entry unreadable. */
export function bendPageOf({ journal }: Site, store: Store, seq: number): void {
  store.close();
  bend(journal, pageOfEntry(journal, seq), 4096);
}

/** Where in a closed journal's file the page begins that holds an entry. */
export function pageOfEntry(journal: string, seq: number): number {
  const db = new Database(journal, { readonly: true });
  const id = db.prepare<[number], string>('SELECT id FROM journal WHERE seq = ?').pluck().get(seq);
  db.close();
  const at = readFileSync(journal).indexOf(id ?? 'no such entry');
  return at - (at % 4096);
}

/** Where in a closed journal's file the first page of a table or an index begins. */
export function rootOf(journal: string, name: string): number {
  const db = new Database(journal, { readonly: true });
  const root = db.prepare<[string], number>('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck();
  const page = root.get(name);
  db.close();
  if (page === undefined) throw new Error(`the journal has no ${name}`);
  return (page - 1) * 4096;
}

/** The chain holds from 1 to the end, and each service has its one rating still. */
export function expectWhole(store: Store, { parts }: Site, rated: readonly string[]): readonly StoredEntry[] {
  const entries = [...store.entries()];
  expect(verifyEntries(ed25519Sha256, parts.signer.publicKey, entries)).toMatchObject({
    ok: true,
    entries: entries.length,
    ratings: rated.length,
  });
  for (const name of rated) expect(() => rateOnce(store, name)).toThrow(/has its rating/);
  return entries;
}

export const names = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `s${from + i}`);
export const rateAll = (store: Store, services: readonly string[]) => {
  for (const name of services) rateOnce(store, name);
};
