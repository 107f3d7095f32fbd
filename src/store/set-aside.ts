import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { RESTORE_REASONS, type RestoreReason } from '../shared/journal/entry.ts';
import { flushFolder, SET_ASIDE_FOLDER, stampOf } from './backup-files.ts';
import { JOURNAL_FILE } from './connection.ts';

/**
 * How far a restore has come, on the disk, so that a kill at any step is taken up again:
 *
 * - `settingAside`  the damaged files are being moved to `set-aside/<name>/`
 * - `building`      they are there; `restoring/` holds what is being put together, and is begun again
 * - `done`          `restoring/journal.sqlite` is whole and takes its place; nothing of it is asked again
 */
export interface RestoreMark {
  readonly stage: 'settingAside' | 'building' | 'done';
  readonly reason: RestoreReason;
  /** Folder in `set-aside/`. */
  readonly name: string;
}

const MARK_FILE = 'restoring.json';
const WORK_FOLDER = 'restoring';
const PARTS = ['', '-wal', '-shm'] as const;

export function workFolder(folder: string): string {
  return join(folder, WORK_FOLDER);
}

export function asideFolder(folder: string, mark: RestoreMark): string {
  return join(folder, SET_ASIDE_FOLDER, mark.name);
}

/** Whole or not at all, and on the disk when this returns. */
export function writeMark(folder: string, mark: RestoreMark): void {
  const temporary = join(folder, `${MARK_FILE}.new`);
  const file = openSync(temporary, 'w', 0o600);
  try {
    writeSync(file, JSON.stringify(mark));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, join(folder, MARK_FILE));
  flushFolder(folder);
}

export function readMark(folder: string): RestoreMark | undefined {
  let text: string;
  try {
    text = readFileSync(join(folder, MARK_FILE), 'utf8');
  } catch {
    return undefined;
  }
  const { stage, reason, name } = parsed(text);
  // Written whole or not at all; what is neither was not written here, and sends nothing to where it says.
  const found = RESTORE_REASONS.find((known) => known === reason);
  if (!found || typeof name !== 'string' || !/^[0-9TZ]{10,30}(-\d+)?$/.test(name)) return undefined;
  return stage === 'settingAside' || stage === 'building' || stage === 'done'
    ? { stage, reason: found, name }
    : undefined;
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

/** The journal is damaged: says so on the disk, for this start or the next. A restore under way stays as it is. */
export function markDamaged(folder: string, reason: RestoreReason, nowMs: number): RestoreMark {
  const present = readMark(folder);
  if (present) return present;
  const stamp = stampOf(Math.min(Math.max(nowMs, 0), Date.UTC(9999, 0, 1)));
  let name = stamp;
  for (let n = 2; existsSync(join(folder, SET_ASIDE_FOLDER, name)); n++) name = `${stamp}-${n}`;
  const mark: RestoreMark = { stage: 'settingAside', reason, name };
  writeMark(folder, mark);
  return mark;
}

/** Database, WAL and index as they are. Renamed, never copied and never written over. */
export function moveAside(folder: string, mark: RestoreMark): RestoreMark {
  const to = asideFolder(folder, mark);
  mkdirSync(to, { recursive: true, mode: 0o700 });
  for (const part of PARTS) {
    const from = join(folder, `${JOURNAL_FILE}${part}`);
    const target = join(to, `${JOURNAL_FILE}${part}`);
    if (existsSync(from) && !existsSync(target)) renameSync(from, target);
  }
  flushFolder(to);
  flushFolder(join(folder, SET_ASIDE_FOLDER));
  flushFolder(folder);
  const next = { ...mark, stage: 'building' } as const;
  writeMark(folder, next);
  return next;
}

/** A restore that was put together takes its place; one that lost its purpose is forgotten. */
export function takeUpRestore(folder: string): RestoreMark | undefined {
  const mark = readMark(folder);
  const journal = join(folder, JOURNAL_FILE);
  if (mark?.stage === 'done') {
    const whole = join(workFolder(folder), JOURNAL_FILE);
    if (existsSync(whole)) {
      chmodSync(whole, 0o600);
      renameSync(whole, journal);
      flushFolder(folder);
    }
    forget(folder);
    return undefined;
  }
  // Everything was moved aside already: what lies there now was put there by somebody, and is taken for what it is.
  if (mark?.stage === 'building' && existsSync(journal)) {
    forget(folder);
    return undefined;
  }
  return mark;
}

function forget(folder: string): void {
  rmSync(join(folder, MARK_FILE), { force: true });
  flushFolder(folder);
  rmSync(workFolder(folder), { recursive: true, force: true });
}
