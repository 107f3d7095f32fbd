import type { Clock } from '../shared/clock.ts';

/** So long after the last thing that happened at the counter the next may still be on its way. */
const QUIET_MS = 300;
/** While somebody is being asked, one piece in this time: a backlog goes on, at some 500 entries a second. */
const PIECE_EVERY_MS = 200;

/** What is known of the counter when the next piece of a backlog could be read and packed. */
export interface AtTheCounter {
  /** An invitation is open: a press may come at any moment. */
  readonly asked: boolean;
  /** Since the screen changed last, by whatever. */
  readonly calmMs: number;
  readonly sinceLastPieceMs: number;
}

/** Pure. How long the next piece waits for the citizen, ms; 0: it may go. */
export function waitOf({ asked, calmMs, sinceLastPieceMs }: AtTheCounter): number {
  const untilTurnMs = Math.max(0, PIECE_EVERY_MS - sinceLastPieceMs);
  if (asked) return untilTurnMs;
  return Math.min(untilTurnMs, Math.max(0, QUIET_MS - calmMs));
}

/** Lets the citizen go first, where a backlog is read and packed on the thread that takes presses. */
export interface GiveWay {
  /** To be told at every change of the screen. */
  changed(asked: boolean): void;
  /** Runs the next piece now or when it is its turn. @returns a function that gives it up. */
  inTurn(piece: () => void): () => void;
}

export function createGiveWay(clock: Pick<Clock, 'monoMs' | 'after'>): GiveWay {
  let asked = false;
  let changedMs = Number.NEGATIVE_INFINITY;
  let lastPieceMs = Number.NEGATIVE_INFINITY;
  return {
    changed(now) {
      asked = now;
      changedMs = clock.monoMs();
    },
    inTurn(piece) {
      let cancel: (() => void) | undefined;
      const look = () => {
        const nowMs = clock.monoMs();
        const waitMs = waitOf({ asked, calmMs: nowMs - changedMs, sinceLastPieceMs: nowMs - lastPieceMs });
        if (waitMs > 0) {
          cancel = clock.after(waitMs, look);
          return;
        }
        lastPieceMs = nowMs;
        piece();
      };
      look();
      return () => cancel?.();
    },
  };
}
