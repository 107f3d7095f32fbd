import { setTimeout as wait } from 'node:timers/promises';
import { performDayAct } from './actions.ts';
import { OPENS_MS, planDay } from './days.ts';
import type { QueueSim } from './queue-sim.ts';

/** The hall's clock while a script runs: it stands at the opening of a day until `begin`, and then runs `speed` times as fast. */
export function scriptClock(speed: number) {
  let startedMs: number | undefined;
  const midnightMs = Math.floor((Date.now() + 8 * 3_600_000) / 86_400_000) * 86_400_000 - 8 * 3_600_000;
  let skippedMs = 0;
  const ranMs = () => (startedMs === undefined ? 0 : (performance.now() - startedMs) * speed);
  const nowMs = () => Math.round(midnightMs + OPENS_MS + skippedMs + ranMs());
  return {
    nowMs,
    midnightMs,
    begin(): void {
      startedMs ??= performance.now();
    },
    /** Nights are not waited for. */
    skipTo(atMs: number): void {
      skippedMs += Math.max(0, atMs - nowMs());
    },
  };
}

/** Plays days of the hall, one act after the other. Ends with the last one, or with `signal`. */
export async function playScript(parts: {
  readonly sim: QueueSim;
  readonly clock: ReturnType<typeof scriptClock>;
  readonly counters: readonly string[];
  readonly seed: number;
  readonly days: number;
  readonly speed: number;
  readonly signal: AbortSignal;
  readonly onAct: (words: string) => void;
}): Promise<void> {
  const { sim, clock, speed, signal } = parts;
  clock.begin();
  for (let day = 0; day < parts.days; day++) {
    const midnightMs = clock.midnightMs + day * 86_400_000;
    if (day > 0) clock.skipTo(midnightMs + OPENS_MS);
    for (const act of planDay({ seed: parts.seed, day, counters: parts.counters })) {
      const leftMs = (midnightMs + act.atMs - clock.nowMs()) / speed;
      if (leftMs > 0) await wait(leftMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      const words = await performDayAct(sim, act);
      const time = new Date(clock.nowMs() + 8 * 3_600_000).toISOString().slice(11, 19);
      if (words !== undefined) parts.onAct(`第 ${day + 1} 天 ${time}  ${act.counter} 号窗口  ${words}`);
    }
  }
}
