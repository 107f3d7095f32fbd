/**
 * In so many milliseconds every box of a line has been asked once. A box that goes has three questions unanswered
 * (→ ./liveness.ts): three rounds, its last wait, and meanwhile something said to each of the others are two seconds.
 */
export const ROUND_MS = 450;

/**
 * How soon one question follows another. Boxes that share a line are asked the faster the more there are, so that none
 * waits longer than a round; each by itself is asked no oftener than its model says.
 */
export function askEveryMs(pollMs: number, boxes: number): number {
  return Math.min(pollMs, answerLimitMs(boxes));
}

/** How long an answer may be waited for, or a line whose boxes are all silent would not be through in a round. */
export function answerLimitMs(boxes: number): number {
  return Math.floor(ROUND_MS / Math.max(1, boxes));
}
