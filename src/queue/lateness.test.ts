import { expect, it } from 'vitest';
import { createLateness } from './lateness.ts';

function watch() {
  let nowMs = 1_000_000;
  const lateness = createLateness({ nowMs: () => nowMs });
  return {
    pass: (ms: number) => {
      nowMs += ms;
    },
    at: (delayMs: number) => lateness.isLate({ atMs: nowMs - delayMs, stated: true }),
    unstated: (delayMs: number) => lateness.isLate({ atMs: nowMs - delayMs }),
  };
}

it('what happened earlier than what has been said is late', () => {
  const { at, pass } = watch();
  expect(at(0)).toBe(false);
  pass(1000);
  expect([at(1500), at(900), at(950), at(0)]).toEqual([true, false, true, false]);
});

it('the same moment is not late, and a time that is only ours says nothing', () => {
  const { at, unstated, pass } = watch();
  expect([at(0), at(0), unstated(5000)]).toEqual([false, false, false]);
  pass(10);
  expect(unstated(3000)).toBe(false);
});

it('messages that were held up come in one heap, each late', () => {
  const { at, pass } = watch();
  at(0);
  pass(60_000);
  expect(at(0)).toBe(false);
  expect([at(40_000), at(40_500), at(20_000), at(21_000)]).toEqual([true, true, true, true]);
});

it('a clock that was set back costs one event, and then its time counts anew', () => {
  const { at, pass } = watch();
  at(0);
  pass(10_000);
  expect(at(3_600_000)).toBe(true);
  pass(30_000);
  expect(at(3_600_000)).toBe(false);
  pass(30_000);
  expect([at(3_600_000), at(3_700_000)]).toEqual([false, true]);
});
