import { expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { createLifeline } from './lifeline.ts';

function line() {
  const clock = createFakeClock();
  let connects = 0;
  const lifeline = createLifeline<'closed'>({
    link: { clock, random: () => 1, onEvent: () => {}, onState: () => {}, log: () => {} },
    retry: { firstMs: 500, capMs: 10_000 },
    needsAHand: new Set(),
    reason: () => '连接断开，正在自动重连。',
    connect: () => {
      connects += 1;
    },
  });
  lifeline.begin();
  return {
    clock,
    lifeline,
    /** How long it waits until it tries again. */
    waitsMs(): number {
      const before = connects;
      let waitedMs = 0;
      for (; connects === before; waitedMs += 100) clock.advance(100);
      return waitedMs;
    },
  };
}

it.each([
  ['says it once', 1],
  ['says it with every message', 10],
])('one that was good for ten seconds is tried again at once after a loss (%s)', (_, times) => {
  const { clock, lifeline, waitsMs } = line();
  const waits = [1, 2, 3, 4].map(() => {
    lifeline.lost('closed');
    return waitsMs();
  });
  expect(waits[3]).toBeGreaterThan(2_000);
  for (let said = 0; said < times; said++) {
    lifeline.ready();
    clock.advance(10_000 / times);
  }
  lifeline.lost('closed');
  expect(waitsMs()).toBeLessThanOrEqual(500);
});

it('one that was there for a moment only waits as long as before', () => {
  const { clock, lifeline, waitsMs } = line();
  for (const readyMs of [0, 1_000, 9_900, 1_000]) {
    lifeline.ready();
    clock.advance(readyMs);
    lifeline.lost('closed');
    const waitedMs = waitsMs();
    if (readyMs === 0) expect(waitedMs).toBeLessThanOrEqual(500);
    else expect(waitedMs).toBeGreaterThan(500);
  }
});
