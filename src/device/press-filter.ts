import type { Signal } from './framing/framing.ts';
import type { DeviceModel } from './models.ts';

/** What became of a signal, key by key. Only `press` is one; everything else is counted. */
export interface Judged {
  readonly key: string;
  readonly verdict: 'press' | 'settling' | 'repeat' | 'together';
}

/**
 * Tells a citizen's press from what only looks like one. Works on the monotonic clock: setting the wall clock
 * must not make a press.
 */
export interface PressFilter {
  /** The line was opened at this moment. */
  opened(atMonoMs: number): void;
  judge(signal: Extract<Signal, { kind: 'pressed' | 'down' }>, atMonoMs: number): readonly Judged[];
}

/** A key that is heard again within `debounceMs` of its *last* sign is still the same press, however long held. */
export function createPressFilter(timing: DeviceModel['timing']): PressFilter {
  const heard = new Map<string, number>();
  let down: ReadonlySet<string> = new Set();
  let openedAtMonoMs = 0;

  const judgeOne = (key: string, atMonoMs: number): Judged => {
    const before = heard.get(key);
    heard.set(key, atMonoMs);
    if (atMonoMs - openedAtMonoMs < timing.settleMs) return { key, verdict: 'settling' };
    const again = before !== undefined && atMonoMs - before < timing.debounceMs;
    return { key, verdict: again ? 'repeat' : 'press' };
  };

  return {
    opened(atMonoMs) {
      openedAtMonoMs = atMonoMs;
      heard.clear();
      down = new Set();
    },
    judge(signal, atMonoMs) {
      if (signal.kind === 'pressed') return [judgeOne(signal.key, atMonoMs)];
      const before = down;
      down = new Set(signal.keys);
      const pressed = signal.keys.filter((key) => !before.has(key));
      for (const key of before) if (!down.has(key)) heard.set(key, atMonoMs);
      // A hand on the box, or two children: nobody can say which key was meant.
      if (down.size > 1) return pressed.map((key) => ({ key, verdict: 'together' }));
      return pressed.map((key) => judgeOne(key, atMonoMs));
    },
  };
}
