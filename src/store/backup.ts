import { existsSync, mkdirSync, rmSync, statfsSync } from 'node:fs';
import { chmod, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Clock } from '../shared/clock.ts';
import type { Suite } from '../shared/journal/suite.ts';
import {
  BACKUP_FOLDER,
  backupName,
  flushFolder,
  listBackups,
  removeDatabase,
  sizeOf,
} from './backup-files.ts';
import { type Walked, walkWhole } from './chain-walk.ts';
import { JOURNAL_FILE } from './connection.ts';
import { UNREADABLE } from './damage.ts';
import { isCorrupt, isIoError } from './faults.ts';
import { countUnreadable, opensNow } from './readable-copy.ts';
import { RESERVE_BYTES } from './reserve.ts';
import type { Store } from './store.ts';

/** Copies of the journal on the same disk: against a damaged database, not against a lost tablet. */
export interface Backups {
  start(): void;
  stop(): Promise<void>;
  /** How far the newest good copy goes; 0 when there is none. */
  newestHeadSeq(): number;
  /** Makes one now. @returns what it came to; never throws for what a disk does. */
  make(): Promise<BackupOutcome>;
}

export type BackupOutcome =
  | { readonly kind: 'made'; readonly headSeq: number; readonly bytes: number }
  | { readonly kind: 'noRoom' | 'failed' | 'stopped'; readonly message: string }
  /** The copy does not verify, so the journal itself is damaged. */
  | { readonly kind: 'damaged'; readonly message: string };

const COPIES = 3;
const AFTER_ENTRIES = 2_000;
const AFTER_MS = 24 * 3_600_000;
const LOOK_EVERY_MS = 10_000;
/** Due and never a quiet moment: then between acts, in the same small steps. */
const PATIENCE_MS = 3_600_000;
const AGAIN_AFTER_FAILURE_MS = 10 * 60_000;
/** 256 kB, well below a millisecond. */
const PAGES_A_STEP = 64;
/** What the copy has written so far is flushed beside everything else, so that little is left for the last step. */
const FLUSH_EVERY_PAGES = 2_048;

export function createBackups(parts: {
  readonly folder: string;
  readonly store: Pick<Store, 'head' | 'unfinished' | 'copyTo' | 'walk' | 'isDamaged' | 'onDamaged'>;
  readonly suite: Suite;
  readonly clock: Clock;
  readonly onOutcome: (outcome: BackupOutcome) => void;
}): Backups {
  const { folder, store, suite, clock, onOutcome } = parts;
  const backups = join(folder, BACKUP_FOLDER);
  let cancel: (() => void) | undefined;
  let unsubscribe: (() => void) | undefined;
  let running: Promise<BackupOutcome> | undefined;
  let stopped = false;
  let dueSinceMonoMs: number | undefined;
  let notBeforeMonoMs = 0;
  let headBefore = store.head().seq;

  /**
   * Newest first. One that goes further than the journal was put there while this runs: the next start looks into it.
   * What cannot be opened, be it but for the moment, protects nothing now, and may be what cannot be thrown away.
   */
  const ownBackups = () =>
    listBackups(folder).filter(({ file, headSeq }) => headSeq <= store.head().seq && opensNow(file));

  function isDue(): boolean {
    const head = store.head().seq;
    const [newest] = ownBackups();
    if (!newest) return head > 0;
    // A wall clock may be moved either way: also a copy from the future is an old one.
    const old = Math.abs(clock.nowMs() - newest.madeAtMs) >= AFTER_MS;
    return head !== newest.headSeq && (old || head - newest.headSeq >= AFTER_ENTRIES);
  }

  /** Nobody is being asked, and nothing was written since the last look. */
  function isQuiet(): boolean {
    const head = store.head().seq;
    const still = head === headBefore;
    headBefore = head;
    const left = store.unfinished();
    if (left === UNREADABLE) return false;
    return still && left.invitations.length === 0 && left.ratings.length === 0;
  }

  function look(): void {
    cancel = clock.after(LOOK_EVERY_MS, look);
    if (running !== undefined) return;
    try {
      // Told already when it was met; again, in case whoever was told could not do anything about it.
      if (store.isDamaged()) {
        damaged('a page of it cannot be read');
        return;
      }
      const quiet = isQuiet();
      const mono = clock.monoMs();
      if (!isDue() || mono < notBeforeMonoMs) return;
      dueSinceMonoMs ??= mono;
      if (quiet || mono - dueSinceMonoMs >= PATIENCE_MS) void make();
    } catch (error) {
      if (isCorrupt(error)) {
        damaged(error.message);
        return;
      }
      // The journal cannot be asked just now; whoever acts next meets the same disk and says so.
      onOutcome({ kind: 'failed', message: messageOf(error) });
    }
  }

  function damaged(detail: string): void {
    onOutcome({ kind: 'damaged', message: `The journal in ${folder} is damaged: ${detail}` });
  }

  function make(): Promise<BackupOutcome> {
    running ??= attempt()
      .catch(
        (error: unknown): BackupOutcome => ({
          kind: stopped ? 'stopped' : 'failed',
          message: messageOf(error),
        }),
      )
      .then((outcome) => {
        running = undefined;
        dueSinceMonoMs = undefined;
        if (outcome.kind !== 'made') notBeforeMonoMs = clock.monoMs() + AGAIN_AFTER_FAILURE_MS;
        if (outcome.kind !== 'stopped') onOutcome(outcome);
        return outcome;
      });
    return running;
  }

  async function attempt(): Promise<BackupOutcome> {
    mkdirSync(backups, { recursive: true, mode: 0o700 });
    const temporary = join(backups, 'making.sqlite');
    removeDatabase(temporary);
    if (!makeRoom()) return { kind: 'noRoom', message: `no room for a backup beside ${folder}` };
    try {
      await copy(temporary);
      return await keep(temporary);
    } catch (error) {
      const here = isIoError(error) ? await unreadable() : undefined;
      if (here === undefined) throw error;
      return { kind: 'damaged', message: `The journal in ${folder} cannot be read to its end: ${here}` };
    } finally {
      removeDatabase(temporary);
    }
  }

  /** Whether it was the journal that the disk did not give, and not the copy that it did not take. */
  async function unreadable(): Promise<string | undefined> {
    const here = await damageIn(() => store.walk(() => stopped));
    if (stopped) return undefined;
    if ('damage' in here) return here.damage;
    // In an index or a free page, where a walk does not come by and every copy does.
    const blocks = await countUnreadable(join(folder, JOURNAL_FILE));
    return blocks > 0 ? `blocks that the disk does not read: ${blocks}` : undefined;
  }

  /** The oldest copies go first; the newest never. */
  function makeRoom(): boolean {
    const needed =
      sizeOf(join(folder, JOURNAL_FILE)) + sizeOf(join(folder, `${JOURNAL_FILE}-wal`)) + 2 * RESERVE_BYTES;
    const hasRoom = () => {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize >= needed;
    };
    for (const { file } of ownBackups().slice(1).reverse()) {
      if (hasRoom()) return true;
      rmSync(file, { force: true });
    }
    return hasRoom();
  }

  async function copy(temporary: string): Promise<void> {
    let flushing = false;
    let unflushed = 0;
    const flush = () => {
      flushing = true;
      void flushFile(temporary)
        .catch(() => {})
        .then(() => {
          flushing = false;
        });
    };
    await store.copyTo(temporary, ({ remainingPages }) => {
      if (stopped) throw new Error('the kiosk is being stopped');
      if (flushing) return 0;
      unflushed += PAGES_A_STEP;
      const last = remainingPages <= PAGES_A_STEP;
      if (unflushed >= FLUSH_EVERY_PAGES || (last && unflushed > PAGES_A_STEP)) {
        unflushed = 0;
        if (existsSync(temporary)) flush();
        if (last) return 0;
      }
      return PAGES_A_STEP;
    });
  }

  async function keep(temporary: string): Promise<BackupOutcome> {
    const checked = await damageIn(() => check(temporary));
    if ('damage' in checked) {
      const here = await damageIn(() => store.walk(() => stopped));
      return 'damage' in here
        ? { kind: 'damaged', message: `The journal in ${folder} does not verify: ${here.damage}` }
        : { kind: 'failed', message: `The copy does not verify, the journal does: ${checked.damage}` };
    }
    if (stopped) return { kind: 'stopped', message: '' };
    await chmod(temporary, 0o600);
    await flushFile(temporary);
    const kept = join(backups, backupName(checked.headSeq, clock.nowMs()));
    await rename(temporary, kept);
    flushFolder(backups);
    for (const { file } of ownBackups().slice(COPIES)) rmSync(file, { force: true });
    return { kind: 'made', headSeq: checked.headSeq, bytes: sizeOf(kept) };
  }

  async function check(temporary: string): Promise<Walked> {
    const db = new Database(temporary, { fileMustExist: true });
    try {
      // One file that needs none beside it.
      db.pragma('journal_mode = DELETE');
      return await walkWhole(db, suite, () => stopped);
    } finally {
      db.close();
    }
  }

  return {
    start() {
      cancel = clock.after(LOOK_EVERY_MS, look);
      unsubscribe = store.onDamaged(damaged);
    },
    async stop() {
      stopped = true;
      unsubscribe?.();
      cancel?.();
      await running;
    },
    newestHeadSeq() {
      try {
        return ownBackups()[0]?.headSeq ?? 0;
      } catch {
        // Nobody can look just now: nothing may rely on a copy.
        return 0;
      }
    },
    make,
  };
}

async function damageIn(
  walk: () => Promise<Walked>,
): Promise<{ readonly headSeq: number } | { readonly damage: string }> {
  try {
    const walked = await walk();
    return walked.ok ? { headSeq: walked.head.seq } : { damage: walked.objection };
  } catch (error) {
    if (!isCorrupt(error) && !isIoError(error)) throw error;
    return { damage: error.message };
  }
}

async function flushFile(file: string): Promise<void> {
  const opened = await open(file, 'r+');
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
