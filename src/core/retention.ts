import type { Clock } from '../shared/clock.ts';
import { assertNever } from '../shared/words.ts';
import type { CompactLimits, CompactResult } from '../store/store.ts';

/**
 * Has the store compact what is older than the site keeps: once a day, while nobody is being asked, a little at
 * a time. By the province's clock alone: a tablet whose own clock is wrong must not forget anything too early.
 */
export interface Retention {
  start(): void;
  stop(): void;
}

/** After a start there is better to do. */
const FIRST_MS = 15 * 60_000;
const EVERY_MS = 24 * 3_600_000;
/** Not now: somebody is being asked, or nobody knows the time. */
const AGAIN_MS = 10 * 60_000;
/** Between two slices, so that a tap never waits for more than one. */
const PAUSE_MS = 500;
/** A slice that took longer than this is followed by a smaller one; half of what a citizen may be kept waiting. */
const SLOW_MS = 25;
const LEAST = 64;
const MOST = 2_000;
const DAY_MS = 24 * 3_600_000;

export function createRetention(parts: {
  readonly clock: Clock;
  /** Null: everything stays. */
  readonly days: number | null;
  readonly links: readonly string[];
  readonly compact: (limits: CompactLimits) => CompactResult;
  readonly isIdle: () => boolean;
  /** The province's clock minus ours; undefined while nobody has told. */
  readonly offsetMs: () => number | undefined;
  /** Never beyond this entry. */
  readonly upToSeq: () => number;
  readonly note: (level: 'info' | 'warn', event: string, data: Readonly<Record<string, unknown>>) => void;
}): Retention {
  const { clock, days, links, compact, isIdle, offsetMs, upToSeq, note } = parts;
  let cancel: () => void = () => {};
  let maxEntries: number = LEAST;
  let compacted = 0;

  function again(ms: number): void {
    cancel = clock.after(ms, look);
  }

  function look(): void {
    const offset = offsetMs();
    if (days === null) return;
    if (offset === undefined || !isIdle()) again(AGAIN_MS);
    else again(step(clock.nowMs() + offset - days * DAY_MS));
  }

  /** @returns after how long the next one may come. */
  function step(beforeMs: number): number {
    const startedAtMs = clock.monoMs();
    const done = tried({ beforeMs, upToSeq: upToSeq(), links, maxEntries });
    const tookMs = clock.monoMs() - startedAtMs;
    switch (done.kind) {
      case 'compacted':
        compacted += done.toSeq - done.fromSeq + 1;
        maxEntries = Math.floor(maxEntries * (tookMs > SLOW_MS ? 0.5 : 1.25));
        maxEntries = Math.min(MOST, Math.max(LEAST, maxEntries));
        return PAUSE_MS;
      case 'searching':
        return PAUSE_MS;
      case 'failed':
        note('warn', 'notCompacted', { error: done.message });
        return EVERY_MS;
      case 'nothing':
        if (compacted > 0) note('info', 'compacted', { entries: compacted, days });
        compacted = 0;
        return EVERY_MS;
      default:
        return assertNever(done);
    }
  }

  /** Never fatal: what is not forgotten today is forgotten tomorrow. */
  function tried(limits: CompactLimits): CompactResult {
    try {
      return compact(limits);
    } catch (error) {
      return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
    }
  }

  return {
    start() {
      if (days !== null && links.length > 0) again(FIRST_MS);
    },
    stop() {
      cancel();
    },
  };
}
