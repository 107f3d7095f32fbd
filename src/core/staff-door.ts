import type { CounterState } from '../session/kiosk.ts';
import type { Clock } from '../shared/clock.ts';

/**
 * When the staff screen lies over the citizen's page, and when it goes. Opened by a finger that rests on the corner,
 * and by nothing else; the citizen always comes first.
 */
export interface StaffDoor {
  /** The corner is held, or let go. */
  corner(held: boolean): void;
  /** The screen is there and has a port. @returns false when nobody asked for it: the port is not to be served. */
  arrived(): boolean;
  /** Something was pressed on it. */
  used(): void;
  /** Something changed at the counter. */
  counterChanged(): void;
  /** It is to go now: it was left, its port closed, or the core ends. */
  shut(): void;
}

/** Longer than any hand rests by accident, shorter than a clerk's patience. */
export const HOLD_MS = 3_000;
/** A page that does not come in this time does not come. */
export const OPENING_LIMIT_MS = 15_000;
/** A locked screen that nobody types on says nothing to anybody: it goes sooner. */
export const LOCKED_IDLE_MS = 20_000;
/** Over an invitation that is open: once for each, and no longer than taking it back needs. */
export const OVER_INVITATION_MS = 15_000;

export function createStaffDoor(parts: {
  readonly clock: Pick<Clock, 'after'>;
  /** Whoever can show the screen, or take it away. */
  readonly show: (shown: boolean) => void;
  /** Null while there is no kiosk. */
  readonly counter: () => CounterState | null;
  readonly idleMs: () => number;
  readonly isUnlocked: () => boolean;
}): StaffDoor {
  const { clock } = parts;
  let state: 'shut' | 'opening' | 'open' = 'shut';
  /** The invitation that it lies over. */
  let over: string | undefined;
  /** The one that it has lain over last: not again. */
  let covered: string | undefined;
  let cancelHold = () => {};
  let cancelLimit = () => {};
  let cancelOver = () => {};

  function limit(ms: number): void {
    cancelLimit();
    cancelLimit = clock.after(ms, shut);
  }

  function shut(): void {
    cancelHold();
    cancelLimit();
    cancelOver();
    if (state === 'shut') return;
    state = 'shut';
    over = undefined;
    parts.show(false);
  }

  /** Nobody is kept from answering, and an invitation is covered only to take it back. */
  function mayOpen(counter: CounterState | null): boolean {
    return (
      counter?.doing !== 'answering' && (counter?.invitation === undefined || counter.invitation !== covered)
    );
  }

  function open(): void {
    const counter = parts.counter();
    if (state !== 'shut' || !mayOpen(counter)) return;
    state = 'opening';
    over = counter?.invitation;
    if (over !== undefined) {
      covered = over;
      cancelOver = clock.after(OVER_INVITATION_MS, shut);
    }
    limit(OPENING_LIMIT_MS);
    parts.show(true);
  }

  return {
    corner(held) {
      cancelHold();
      cancelHold = held && state === 'shut' ? clock.after(HOLD_MS, open) : () => {};
    },
    arrived() {
      if (state === 'shut') return false;
      state = 'open';
      limit(Math.min(LOCKED_IDLE_MS, parts.idleMs()));
      return true;
    },
    used() {
      if (state === 'open')
        limit(parts.isUnlocked() ? parts.idleMs() : Math.min(LOCKED_IDLE_MS, parts.idleMs()));
    },
    counterChanged() {
      const counter = parts.counter();
      if (counter?.doing === 'answering') {
        shut();
        return;
      }
      if (state === 'shut' || counter?.invitation === over) return;
      if (counter?.invitation !== undefined) {
        shut();
        return;
      }
      // Taken back, or its time is over: nobody is covered any more.
      over = undefined;
      cancelOver();
    },
    shut,
  };
}
