import { MAX_BATCH_ENTRIES } from '../shared/protocol/batch.ts';

/**
 * How many entries go over the line at once. On a thin line a full batch takes longer than the transport waits: sent
 * again as it is it would never come through. Less of it does. How long an answer takes says how much more would come
 * through only where the time goes by the size; where it does not, more is tried now and then.
 */
export interface Load {
  readonly maxEntries: number;
  /** How long the transport waits for a whole reply; known once that was not long enough. */
  readonly patienceMs?: number;
  /** The most entries that came through at once, since so many last did not. */
  readonly worked?: number;
  /** Times in a row that so many came through without room for twice as many. */
  readonly tight?: number;
  /** After so many of those twice as many are tried. */
  readonly tryAfter?: number;
}

export const FULL_LOAD: Load = { maxEntries: MAX_BATCH_ENTRIES };

/** No site can set a shorter time limit; what fails sooner says nothing of how long is waited. */
const SHORTEST_PATIENCE_MS = 1_000;

const TRY_AFTER = 4;
/** A try that fails costs a time limit: at most a twentieth of what came through before it. */
const TRY_AFTER_AT_MOST = 64;

/**
 * Pure. After `count` entries were too many: half of them, down to a single commit. Not less than what came through
 * before; where that was a try, of at most twice as many, the next one comes later.
 */
export function halved(load: Load, count: number): Load {
  const { worked = 0, tryAfter = TRY_AFTER, patienceMs } = load;
  const half = Math.max(1, Math.floor(count / 2));
  if (worked > 0 && count > worked) {
    const tried = count <= worked * 2;
    const later = tried ? Math.min(TRY_AFTER_AT_MOST, tryAfter * 2) : tryAfter;
    return { ...load, maxEntries: Math.max(half, worked), tight: 0, tryAfter: later };
  }
  // The line is not what it was.
  return { maxEntries: half, ...(patienceMs === undefined ? {} : { patienceMs }) };
}

/** Pure. After no whole reply came in time. */
export function outwaited(load: Load, tookMs: number): Load {
  return tookMs < SHORTEST_PATIENCE_MS ? load : { ...load, patienceMs: tookMs };
}

/**
 * Pure. After `count` entries came through in `tookMs`: twice as many next, where those would come through as well, or
 * where it is time to try.
 *
 * @param moreBehind The journal went on behind them as they left.
 */
export function grown(load: Load, tookMs: number, count: number, moreBehind = false): Load {
  const { maxEntries, worked = 0, tryAfter = TRY_AFTER } = load;
  const most = Math.max(worked, count);
  // Less than half of what might have gone though there was more: it was full by its bytes, and will not be more of them.
  const full = moreBehind && count * 2 <= maxEntries;
  // Of what went, not of what might have: commits are not cut, and less may have gone.
  const base = full ? maxEntries : count;
  const room = hasRoom(load, tookMs);
  let tight = room ? 0 : (load.tight ?? 0);
  // A few acts of their own, of a journal that is delivered, say nothing of as many as might go.
  if (!room && (full || count * 2 > maxEntries)) tight++;
  let twice = room ? base * 2 : 0;
  if (tight >= tryAfter) [twice, tight] = [Math.max(most, base) * 2, 0];
  return {
    ...load,
    maxEntries: Math.min(MAX_BATCH_ENTRIES, Math.max(maxEntries, twice)),
    worked: most,
    tight,
    tryAfter: count > worked ? TRY_AFTER : tryAfter,
  };
}

/** Pure. Whether twice of what took `tookMs` would come through in time, with a quarter of it to spare. */
export function hasRoom({ patienceMs }: Load, tookMs: number): boolean {
  return patienceMs === undefined || tookMs * 2 <= patienceMs * 0.75;
}
