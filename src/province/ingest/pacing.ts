/**
 * How many uploads are worked on at once, and how long those who find no room are told to stay away: the longer,
 * the more were turned away and have not come back, so that a crowd spreads over the time its work takes. Each device
 * draws a little more on top of what it is told.
 */
export interface Pacing {
  /** @returns false when there is no room. */
  enter(): boolean;
  /** After each `enter` that was let in. */
  leave(): void;
  readonly working: number;
  /** Whole seconds. */
  readonly retryAfterS: number;
}

export function createPacing(limits: {
  readonly uploadsAtOnce: number;
  readonly retryAfterS: number;
  readonly retryAfterMostS: number;
}): Pacing {
  let working = 0;
  let turnedAway = 0;
  return {
    enter() {
      if (working >= limits.uploadsAtOnce) {
        turnedAway++;
        return false;
      }
      working++;
      return true;
    },
    leave() {
      working--;
      // Who never comes back must not be waited for: with nothing to do there is no crowd.
      turnedAway = working === 0 ? 0 : Math.max(0, turnedAway - 1);
    },
    get working() {
      return working;
    },
    get retryAfterS() {
      const crowd = turnedAway / limits.uploadsAtOnce;
      return Math.ceil(Math.min(limits.retryAfterMostS, limits.retryAfterS * (1 + crowd)));
    },
  };
}
