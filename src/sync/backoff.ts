export interface BackoffLimits {
  /** Upper bound of the first delay, ms; doubles with every further attempt. */
  readonly baseMs: number;
  /** No delay is longer, ms. */
  readonly capMs: number;
}

/** The far end answers and does not take it: it has trouble of its own and is left in peace. */
export const BACKOFF: BackoffLimits = { baseMs: 1_000, capMs: 5 * 60_000 };
/**
 * Nothing answers: asking a dead wire harms nobody, and a rating should not wait minutes once the network is
 * back. Spread over the cap, ten thousand kiosks are 700 tries a second at the worst.
 */
export const OFFLINE_CAP_MS = 15_000;

/** Full jitter may draw nearly nothing; this keeps it from becoming a loop. */
const SHORTEST_MS = 200;

/**
 * Exponential with full jitter: a whole province that lost its network must not come back on the same second.
 *
 * @param attempt failures in a row before this delay, from 0.
 * @param random uniform in [0, 1).
 */
export function backoff(attempt: number, random: () => number, limits: BackoffLimits = BACKOFF): number {
  const ceiling = Math.min(limits.capMs, limits.baseMs * 2 ** Math.min(attempt, 40));
  return Math.round(Math.min(limits.capMs, Math.max(SHORTEST_MS, random() * ceiling)));
}
