import type { Clock } from '../shared/clock.ts';

/**
 * Whether the staff screen may have the camera: while the core lends it, and at no other time. The core's word and the
 * page's question come by two ways, so a question that is there first waits a moment for the word.
 */
export interface CameraGate {
  lend(lent: boolean): void;
  isLent(): boolean;
  /** One question at a time; a further one is refused. */
  ask(answer: (granted: boolean) => void): void;
}

export const WORD_LIMIT_MS = 1_000;

export function createCameraGate(clock: Pick<Clock, 'after'>): CameraGate {
  let lent = false;
  let waiting: ((granted: boolean) => void) | null = null;
  let cancelWait = () => {};

  function tell(granted: boolean): void {
    const answer = waiting;
    waiting = null;
    cancelWait();
    answer?.(granted);
  }

  return {
    lend(now) {
      lent = now;
      tell(now);
    },
    isLent: () => lent,
    ask(answer) {
      if (lent || waiting) {
        answer(lent);
        return;
      }
      waiting = answer;
      cancelWait = clock.after(WORD_LIMIT_MS, () => tell(false));
    },
  };
}
