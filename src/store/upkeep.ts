import type { Clock } from '../shared/clock.ts';
import type { Connection } from './connection.ts';

/** From here on a checkpoint is worth its flushes; some 200 kB of WAL. */
const WORTHWHILE_COMMITS = 48;
/** A pause that says nobody is tapping just now. */
const IDLE_MS = 2_000;
/** Where no pause ever comes: behind an act instead of waiting for one; some 8 MB. */
const BEHIND_AN_ACT = 1_000;
/** In a loop that lets nothing else in (an import) the WAL must not grow for ever; some 16 MB. */
const AT_MOST_COMMITS = 2_000;

export interface Upkeep {
  /** To be told after every commit. */
  committed(): void;
  stop(): void;
}

/**
 * Moves the WAL into the database between the citizens' acts, so that an act costs exactly one flush.
 * After a checkpoint SQLite begins the WAL anew, and the first commit then flushes its header as well; so
 * that first commit is made here and not left to a citizen.
 */
export function createUpkeep(clock: Clock, checkpoint: () => void): Upkeep {
  let commits = 0;
  let lastMonoMs = 0;
  let cancel: (() => void) | undefined;

  const run = () => {
    cancel?.();
    cancel = undefined;
    commits = 0;
    checkpoint();
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

  return {
    committed() {
      commits++;
      if (commits < WORTHWHILE_COMMITS) return;
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
