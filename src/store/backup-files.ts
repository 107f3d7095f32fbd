import { closeSync, fsyncSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { JOURNAL_FILE } from './connection.ts';

/** Copies of the journal beside it: `backup/journal-<head, 12 digits>-<UTC>.sqlite`. The name says how far each goes. */
export const BACKUP_FOLDER = 'backup';
/** Damaged journals, each whole in a folder of its own. Nothing in here is ever deleted by the kiosk. */
export const SET_ASIDE_FOLDER = 'set-aside';

const NAME = /^journal-(\d{12,16})-(\d{8}T\d{9}Z)\.sqlite$/;

export interface BackupFile {
  readonly file: string;
  readonly headSeq: number;
  readonly madeAtMs: number;
}

/** `20260506T010203456Z`: the UTC time as names of files have it. */
export function stampOf(atMs: number): string {
  return new Date(atMs).toISOString().replace(/[-:.]/g, '');
}

export function backupName(headSeq: number, atMs: number): string {
  return `journal-${String(headSeq).padStart(12, '0')}-${stampOf(atMs)}.sqlite`;
}

/** How far a backup goes by its name; undefined for any other name. */
export function headSeqNamed(name: string): number | undefined {
  const [, seq] = NAME.exec(name) ?? [];
  return seq === undefined ? undefined : Number(seq);
}

/** The one that goes furthest first; of several that go as far, the latest. */
export function listBackups(folder: string): readonly BackupFile[] {
  return namesIn(join(folder, BACKUP_FOLDER))
    .flatMap((name) => {
      const [, seq, stamp] = NAME.exec(name) ?? [];
      if (!seq || !stamp) return [];
      return { file: join(folder, BACKUP_FOLDER, name), headSeq: Number(seq), madeAtMs: timeOf(stamp) };
    })
    .sort((a, b) => b.headSeq - a.headSeq || b.madeAtMs - a.madeAtMs);
}

/** Whether a journal has been here, although it may not be now: then it is restored and never begun anew. */
export function hasTraces(folder: string, { wal } = { wal: true }): boolean {
  return (
    listBackups(folder).length > 0 ||
    namesIn(join(folder, SET_ASIDE_FOLDER)).length > 0 ||
    (wal && sizeOf(join(folder, `${JOURNAL_FILE}-wal`)) > 0)
  );
}

export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

export function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Makes renames in a folder last. */
export function flushFolder(folder: string): void {
  // Windows flushes a folder by itself and does not let anybody open one.
  if (process.platform === 'win32') return;
  const opened = openSync(folder, 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}

export function removeDatabase(file: string): void {
  for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${file}${end}`, { force: true });
}

function timeOf(stamp: string): number {
  const [, y, mo, d, h, mi, s, ms] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/.exec(stamp) ?? [];
  return Date.UTC(Number(y), Number(mo) - 1, Number(d), Number(h), Number(mi), Number(s), Number(ms));
}
