import { z } from 'zod';
import { readSmallFile, writeWhole } from './whole-file.ts';

/**
 * Wrong PINs in a row, and until when none is looked at. Kept in `staff-lockout.json`, so that a restart gives
 * nobody another try. An attempt is counted before it is looked at: pulling the plug in between gains nothing.
 */
export const STAFF_LOCKOUT_FILE = 'staff-lockout.json';

/** Somebody who knows the PIN mistypes it this often without waiting. */
export const FREE_TRIES = 3;
const FIRST_WAIT_MS = 30_000;
/** Four tries an hour: ten thousand PINs take three months, and a clerk locked out by a child is back within the quarter. */
const LONGEST_WAIT_MS = 15 * 60_000;

const LockoutSchema = z.strictObject({
  /** Salt of the PIN it belongs to: a new PIN begins without one. */
  of: z.string().max(64),
  failures: z.int().min(0).max(1_000_000),
  untilMs: z.int().min(0),
});
export type Lockout = z.output<typeof LockoutSchema>;

/** How long one has to wait after so many wrong ones in a row. */
export function waitAfter(failures: number): number {
  if (failures < FREE_TRIES) return 0;
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(20, failures - FREE_TRIES));
}

/** The clock may have been set back since: then the wait begins anew, so that it is never longer than its step and does end. */
export function rebased(lockout: Lockout, nowMs: number): Lockout {
  const latestMs = nowMs + waitAfter(lockout.failures);
  return lockout.untilMs > latestMs ? { ...lockout, untilMs: latestMs } : lockout;
}

export function failedOnce(lockout: Lockout, nowMs: number): Lockout {
  const failures = lockout.failures + 1;
  return { ...lockout, failures, untilMs: nowMs + waitAfter(failures) };
}

/** The lock-out on disk, and in memory where the disk does not take it. `of` is the salt of the PIN there is now. */
export function createLockoutBook(path: string) {
  let kept: Lockout | 'spoiled' | null = read(path);

  function keep(next: Lockout): void {
    kept = next;
    // A disk that takes nothing is told elsewhere, and what is kept in memory holds until the core ends.
    writeWhole(path, `${JSON.stringify(next)}\n`);
  }

  function current(of: string, nowMs: number): Lockout {
    if (kept === 'spoiled') keep(failedOnce({ of, failures: FREE_TRIES - 1, untilMs: 0 }, nowMs));
    else if (kept?.of !== of) kept = { of, failures: 0, untilMs: 0 };
    const lockout = kept === 'spoiled' || kept === null ? { of, failures: 0, untilMs: 0 } : kept;
    const now = rebased(lockout, nowMs);
    if (now !== lockout) keep(now);
    return now;
  }

  return {
    waitLeft: (of: string, nowMs: number) => Math.max(0, current(of, nowMs).untilMs - nowMs),
    /** To be called before a PIN is looked at. */
    countTry: (of: string, nowMs: number) => keep(failedOnce(current(of, nowMs), nowMs)),
    /** The PIN was right. */
    forget: (of: string) => keep({ of, failures: 0, untilMs: 0 }),
  };
}

/** `spoiled`: whoever did it must not gain by it; it counts as the first row of wrong ones. */
function read(path: string): Lockout | 'spoiled' | null {
  const file = readSmallFile(path);
  if (file.kind === 'absent') return null;
  try {
    if (file.kind === 'text') return LockoutSchema.parse(JSON.parse(file.text));
  } catch {
    // As below.
  }
  return 'spoiled';
}
