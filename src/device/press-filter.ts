import type { Signal } from './framing/framing.ts';
import type { DeviceModel } from './models.ts';

/**
 * What became of a key. Only `press` is one; everything else is counted.
 * `settling`: the line had only just been opened. `repeat`: still the same press (bounce, double tap, held key).
 * `together`: another key was down as well. `coolDown`: somebody plays with the box.
 */
export type Verdict = 'press' | 'settling' | 'repeat' | 'together' | 'coolDown';

export interface Judged {
  readonly key: string;
  readonly verdict: Verdict;
  /** With `together`: a press that was told a moment before, and was one of several keys at once after all. */
  readonly withdraws?: string;
}

/**
 * Tells a citizen's press from what only looks like one. Works on the monotonic clock: setting the wall clock
 * must not make a press.
 */
export interface PressFilter {
  /** The line was opened at this moment. */
  opened(atMonoMs: number): void;
  judge(signal: Extract<Signal, { kind: 'pressed' | 'down' }>, atMonoMs: number): readonly Judged[];
  /** Keys that have been down, or said again and again, for longer than anybody presses; each once. */
  stuck(atMonoMs: number): readonly string[];
}

interface Heard {
  /** When this press began. */
  readonly sinceMonoMs: number;
  readonly lastMonoMs: number;
  readonly saidStuck: boolean;
}

/** More presses than this within this time are play; the box then rests for as long. */
const PLAY = { presses: 8, withinMs: 4_000 };

/** A key that is heard again within `debounceMs` of its *last* sign is still the same press, however long held. */
export function createPressFilter(timing: DeviceModel['timing']): PressFilter {
  const heard = new Map<string, Heard>();
  let down: ReadonlySet<string> = new Set();
  let openedAtMonoMs = 0;
  let last: { readonly key: string; readonly atMonoMs: number } | undefined;
  let recent: readonly number[] = [];
  let restsUntilMonoMs = Number.NEGATIVE_INFINITY;

  function judgeOne(key: string, atMonoMs: number): Judged {
    const before = heard.get(key);
    const again = before !== undefined && atMonoMs - before.lastMonoMs < timing.debounceMs;
    heard.set(key, {
      sinceMonoMs: again ? before.sinceMonoMs : atMonoMs,
      lastMonoMs: atMonoMs,
      saidStuck: again && before.saidStuck,
    });
    if (atMonoMs - openedAtMonoMs < timing.settleMs) return { key, verdict: 'settling' };
    if (again) return { key, verdict: 'repeat' };
    if (atMonoMs < restsUntilMonoMs) return { key, verdict: 'coolDown' };
    const other = last !== undefined && last.key !== key && atMonoMs - last.atMonoMs < timing.togetherMs;
    if (last && other) {
      const withdraws = last.key;
      last = undefined;
      return { key, verdict: 'together', withdraws };
    }
    recent = [...recent.filter((ms) => atMonoMs - ms < PLAY.withinMs), atMonoMs];
    if (recent.length > PLAY.presses) {
      restsUntilMonoMs = atMonoMs + PLAY.withinMs;
      recent = [];
      return { key, verdict: 'coolDown' };
    }
    last = { key, atMonoMs };
    return { key, verdict: 'press' };
  }

  function release(key: string, atMonoMs: number): void {
    const before = heard.get(key);
    // Bounce comes at the release as well.
    if (before) heard.set(key, { ...before, lastMonoMs: atMonoMs });
  }

  return {
    opened(atMonoMs) {
      openedAtMonoMs = atMonoMs;
      heard.clear();
      down = new Set();
      last = undefined;
    },
    judge(signal, atMonoMs) {
      if (signal.kind === 'pressed') return [judgeOne(signal.key, atMonoMs)];
      const before = down;
      down = new Set(signal.keys);
      for (const key of before) if (!down.has(key)) release(key, atMonoMs);
      const pressed = [...down].filter((key) => !before.has(key));
      // A hand on the box, or two children: nobody can say which key was meant.
      const alone = down.size === 1;
      return pressed.map((key) => {
        const judged = judgeOne(key, atMonoMs);
        if (alone || judged.verdict === 'together' || judged.verdict === 'settling') return judged;
        if (last?.key === key) last = undefined;
        return { key, verdict: 'together' };
      });
    },
    stuck(atMonoMs) {
      const found: string[] = [];
      for (const [key, state] of heard) {
        const still = down.has(key) || atMonoMs - state.lastMonoMs < timing.debounceMs;
        if (!still || state.saidStuck || atMonoMs - state.sinceMonoMs < timing.stuckMs) continue;
        heard.set(key, { ...state, saidStuck: true });
        found.push(key);
      }
      return found;
    },
  };
}
