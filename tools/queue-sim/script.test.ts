import { expect, it } from 'vitest';
import { OPENS_MS, planDay } from './days.ts';
import { createQueueSim } from './queue-sim.ts';
import { playScript } from './script.ts';

const COUNTERS = ['3', '4'] as const;

/** Stands still all day: a hall numbers its tickets by the day, and none may pass because the machine is slow. */
function standingClock() {
  const midnightMs = Date.UTC(2026, 4, 5, 16);
  let nowMs = midnightMs + OPENS_MS;
  return {
    midnightMs,
    nowMs: () => nowMs,
    begin() {},
    skipTo(atMs: number) {
      nowMs = Math.max(nowMs, atMs);
    },
  };
}

/** Nights and waits are nothing at this speed. */
const SPEED = Number.POSITIVE_INFINITY;

async function played(days: number, seed: number, until = new AbortController()) {
  const clock = standingClock();
  const sim = await createQueueSim({ counters: COUNTERS, nowMs: clock.nowMs });
  const words: string[] = [];
  const onAct = (line: string) => {
    words.push(line.replace(/\d\d:\d\d:\d\d /, ''));
    if (words.length === 5 && days === 0) until.abort();
  };
  const parts = { sim, clock, counters: COUNTERS, seed, speed: SPEED, signal: until.signal, onAct };
  await playScript({ ...parts, days: Math.max(1, days) });
  await sim.stop();
  return words;
}

it('plays every act of its days that a hall has a word for, the same for the same seed', async () => {
  const words = await played(2, 5);
  const acts = [0, 1].flatMap((day) => planDay({ seed: 5, day, counters: COUNTERS }));
  expect(words).toHaveLength(acts.filter(({ act }) => act !== 'relieve').length);
  expect(words[0]).toMatch(/^第 1 天 .* 号窗口 {2}叫号 [A-F]001 /);
  expect(words.some((line) => line.startsWith('第 2 天') && line.includes('办结请评价'))).toBe(true);
  expect(await played(2, 5)).toEqual(words);
  expect(await played(2, 6)).not.toEqual(words);
});

it('ends when it is told to', async () => {
  expect(await played(0, 5)).toHaveLength(5);
});
