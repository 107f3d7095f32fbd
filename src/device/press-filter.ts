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
  /**
   * Keys that are held on purpose, each stage once; only a press that still counts is one. Ask at each of
   * {@link HOLD_MS} after a press: a box that says nothing more is asked by the clock.
   */
  held(atMonoMs: number): readonly Held[];
  /** Keys that have been down, or said again and again, for longer than anybody presses; each once. */
  stuck(atMonoMs: number): readonly string[];
}

/** `repeat`: long enough to ask what was said. `cancel`: long enough to want none of it. */
export type Hold = keyof typeof HOLD_MS;
export interface Held {
  readonly key: string;
  readonly hold: Hold;
}
export const HOLD_MS = { repeat: 1_500, cancel: 4_000 } as const;
const HOLDS: readonly Hold[] = ['repeat', 'cancel'];

/** A contact that is open for longer than this was let go: bounce is over within 20 ms. */
export const LET_GO_MS = 30;
/** A box that says a held key every so often may be late once. */
const LATE = 1.5;

interface Heard {
  /** When this press began. */
  readonly sinceMonoMs: number;
  readonly lastMonoMs: number;
  /** Since when it is down without being let go, which may be later than the press began. */
  readonly downMonoMs: number;
  /** It was told as a press, and nothing has happened since that makes it none. */
  readonly counts: boolean;
  readonly saidHolds: number;
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

  const { repeatMs } = timing;
  /** How long a box may be silent about a key that is still down. */
  const silentMs = repeatMs === undefined ? 0 : repeatMs * LATE;

  function judgeOne(key: string, atMonoMs: number, says: 'pressed' | 'down'): Judged {
    const judged = verdictOf(key, atMonoMs, says);
    const now = heard.get(key);
    if (now && judged.verdict !== 'repeat') heard.set(key, { ...now, counts: judged.verdict === 'press' });
    const withdrawn = judged.withdraws === undefined ? undefined : heard.get(judged.withdraws);
    if (judged.withdraws !== undefined && withdrawn)
      heard.set(judged.withdraws, { ...withdrawn, counts: false });
    return judged;
  }

  function verdictOf(key: string, atMonoMs: number, says: 'pressed' | 'down'): Judged {
    const before = heard.get(key);
    const again = before !== undefined && atMonoMs - before.lastMonoMs < timing.debounceMs;
    heard.set(key, {
      sinceMonoMs: again ? before.sinceMonoMs : atMonoMs,
      lastMonoMs: atMonoMs,
      downMonoMs:
        again && atMonoMs - before.lastMonoMs <= (says === 'down' ? LET_GO_MS : silentMs)
          ? before.downMonoMs
          : atMonoMs,
      counts: again && before.counts,
      saidHolds: again ? before.saidHolds : 0,
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
      if (signal.kind === 'pressed') return [judgeOne(signal.key, atMonoMs, 'pressed')];
      const before = down;
      down = new Set(signal.keys);
      for (const key of before) if (!down.has(key)) release(key, atMonoMs);
      const pressed = [...down].filter((key) => !before.has(key));
      // A hand on the box, or two children: nobody can say which key was meant.
      const alone = down.size === 1;
      if (!alone)
        for (const [key, state] of heard) if (down.has(key)) heard.set(key, { ...state, counts: false });
      return pressed.map((key) => {
        const judged = judgeOne(key, atMonoMs, 'down');
        if (alone || judged.verdict === 'together' || judged.verdict === 'settling') return judged;
        if (last?.key === key) last = undefined;
        const now = heard.get(key);
        if (now) heard.set(key, { ...now, counts: false });
        return { key, verdict: 'together' };
      });
    },
    held(atMonoMs) {
      const found: Held[] = [];
      for (const [key, state] of heard) {
        const still = down.has(key) || atMonoMs - state.lastMonoMs <= silentMs;
        if (!still || !state.counts) continue;
        const lasts = HOLDS.filter((hold) => atMonoMs - state.downMonoMs >= HOLD_MS[hold]);
        if (lasts.length <= state.saidHolds) continue;
        heard.set(key, { ...state, saidHolds: lasts.length });
        for (const hold of lasts.slice(state.saidHolds)) found.push({ key, hold });
      }
      return found;
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
