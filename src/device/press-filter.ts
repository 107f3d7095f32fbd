import type { DeviceModel } from './models.ts';

/**
 * Tells a citizen's press from what only looks like one. Works on the monotonic clock: setting the wall clock
 * must not make a press.
 */
export interface PressFilter {
  /** The line was opened at this moment. */
  opened(atMonoMs: number): void;
  /** @returns whether this key, heard now, is a press; if not, why. */
  judge(key: number, atMonoMs: number): 'press' | 'settling' | 'repeat';
}

/** A key that is heard again within `debounceMs` of its *last* frame is still the same press, however long held. */
export function createPressFilter(timing: DeviceModel['timing']): PressFilter {
  const heard = new Map<number, number>();
  let openedAtMonoMs = 0;
  return {
    opened(atMonoMs) {
      openedAtMonoMs = atMonoMs;
      heard.clear();
    },
    judge(key, atMonoMs) {
      const before = heard.get(key);
      heard.set(key, atMonoMs);
      if (atMonoMs - openedAtMonoMs < timing.settleMs) return 'settling';
      return before !== undefined && atMonoMs - before < timing.debounceMs ? 'repeat' : 'press';
    },
  };
}
