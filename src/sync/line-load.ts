import { MAX_BATCH_ENTRIES } from '../shared/protocol/batch.ts';

/**
 * How many entries go over the line at once. On a thin line a full batch takes longer than the transport waits: sent
 * again as it is it would never come through. Less of it does.
 */
export interface Load {
  readonly maxEntries: number;
  /** How long the transport waits for a whole reply; known once that was not long enough. */
  readonly patienceMs?: number;
}

export const FULL_LOAD: Load = { maxEntries: MAX_BATCH_ENTRIES };

/** No site can set a shorter time limit; what fails sooner says nothing of how long is waited. */
const SHORTEST_PATIENCE_MS = 1_000;

/** Pure. After `count` entries were too many: half of them, down to a single commit. */
export function halved(load: Load, count: number): Load {
  return { ...load, maxEntries: Math.max(1, Math.floor(count / 2)) };
}

/** Pure. After no whole reply came in time. */
export function outwaited(load: Load, tookMs: number): Load {
  return tookMs < SHORTEST_PATIENCE_MS ? load : { ...load, patienceMs: tookMs };
}

/** Pure. After entries came through in `tookMs`: twice as many, where those would come through as well. */
export function grown(load: Load, tookMs: number): Load {
  if (!hasRoom(load, tookMs)) return load;
  return { ...load, maxEntries: Math.min(MAX_BATCH_ENTRIES, load.maxEntries * 2) };
}

/** Pure. Whether twice of what took `tookMs` would come through in time, with a quarter of it to spare. */
export function hasRoom({ patienceMs }: Load, tookMs: number): boolean {
  return patienceMs === undefined || tookMs * 2 <= patienceMs * 0.75;
}
