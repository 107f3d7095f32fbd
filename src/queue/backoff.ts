export interface BackoffSettings {
  /** Upper bound of the first wait, ms. */
  readonly firstMs: number;
  /** Upper bound of every wait, ms. */
  readonly capMs: number;
}

/**
 * How long to wait before try number `attempt` (1 = the first retry): doubling up to the cap, then somewhere in
 * the upper half of it, so that the tablets of a hall do not all come back in the same instant after the queue
 * server restarts.
 */
export function backoffMs(attempt: number, settings: BackoffSettings, random: () => number): number {
  const doublings = Math.min(Math.max(attempt - 1, 0), 30);
  const ceilingMs = Math.min(settings.capMs, settings.firstMs * 2 ** doublings);
  return Math.round(ceilingMs * (0.5 + 0.5 * random()));
}
