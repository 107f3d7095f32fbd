import { statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../shared/clock.ts';
import type { Connection } from './connection.ts';

/** From here on a checkpoint is worth its flushes; some 800 kB of WAL. */
const WORTHWHILE_COMMITS = 48;
/** A pause that says nobody is tapping just now. */
const IDLE_MS = 2_000;
/** Where no pause ever comes: behind an act instead of waiting for one; some 8 MB. */
const BEHIND_AN_ACT = 500;
/** In a loop that lets nothing else in (an import) the WAL must not grow for ever; some 16 MB. */
const AT_MOST_COMMITS = 1_000;

/** Room for some 250 acts; between two checkpoints there are seldom more. */
const WAL_ROOM_BYTES = 4 * 1024 * 1024;
/** A disk with less is left alone: it has better use for what there is. */
const SPARE_BYTES = 64 * 1024 * 1024;

export interface Upkeep {
  /** To be told after every commit. */
  committed(): void;
  stop(): void;
}

/**
 * Moves the WAL into the database between the citizens' acts, so that an act costs exactly one flush.
 * After a checkpoint SQLite begins the WAL anew, and the first commit then flushes its header as well; so
 * that first commit is made here and not left to a citizen.
 *
 * @param tidy see `tidy` below; called in the first pause after the start, too.
 */
export function createUpkeep(clock: Clock, tidy: () => void): Upkeep {
  let commits = 0;
  let lastMonoMs = clock.monoMs();
  let cancel: (() => void) | undefined;

  const run = () => {
    cancel?.();
    cancel = undefined;
    commits = 0;
    tidy();
  };

  const after = (ms: number, then: () => void) => {
    cancel?.();
    cancel = clock.after(ms, then);
  };

  /** One timer for many acts: it looks how long ago the last one was. Setting it anew would be part of each act. */
  const lookForPause = () => {
    const pauseMs = clock.monoMs() - lastMonoMs;
    if (pauseMs >= IDLE_MS) run();
    else after(IDLE_MS - pauseMs, lookForPause);
  };

  after(IDLE_MS, lookForPause);
  return {
    committed() {
      commits++;
      lastMonoMs = clock.monoMs();
      if (commits === WORTHWHILE_COMMITS) after(IDLE_MS, lookForPause);
      else if (commits === BEHIND_AN_ACT) after(0, run);
      else if (commits >= AT_MOST_COMMITS) run();
    },
    stop() {
      cancel?.();
      cancel = undefined;
    },
  };
}

/** Also right after opening: it leaves a WAL whose header is flushed. */
export function checkpoint(db: Connection): void {
  db.pragma('wal_checkpoint(PASSIVE)');
  db.prepare('UPDATE upkeep SET checkpoints = checkpoints + 1').run();
}

/**
 * A checkpoint, and a WAL file that is long enough already. A commit at the end of a file has the file system
 * write its size and its blocks as well, which costs a citizen's flush about a third more than one inside it.
 */
export function tidy(db: Connection): void {
  if (needsRoom(db)) makeRoom(db);
  checkpoint(db);
}

function needsRoom(db: Connection): boolean {
  const size = statSync(`${db.name}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (size >= WAL_ROOM_BYTES - LESS_BYTES) return false;
  const { bavail, bsize } = statfsSync(dirname(db.name));
  return bavail * bsize >= SPARE_BYTES;
}
/** Pages and their frames' headers do not come out even. */
const LESS_BYTES = 64 * 1024;

/**
 * What does not fit into SQLite's cache goes to the WAL before its transaction ends; rolled back, it leaves
 * nothing behind but the file's length. `checkpoint` flushes that with its own commit.
 */
function makeRoom(db: Connection): void {
  const cacheSize = Number(db.pragma('cache_size', { simple: true }));
  const large = db.prepare('INSERT INTO cursor (link, acked_seq) VALUES (hex(zeroblob(?)), 0)');
  db.pragma('cache_size = 16');
  try {
    db.exec('BEGIN IMMEDIATE');
    large.run(WAL_ROOM_BYTES / 2);
  } finally {
    if (db.inTransaction) db.exec('ROLLBACK');
    db.pragma(`cache_size = ${cacheSize}`);
  }
}
