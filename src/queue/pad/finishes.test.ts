import { expect, it } from 'vitest';
import { createFinishes } from './finishes.ts';

it('word of a case’s end that comes right after the call of the next was overtaken; of a citizen’s other case it comes later', () => {
  let nowMs = 0;
  const finishes = createFinishes({ nowMs: () => nowMs });
  expect(finishes.isOvertaken('A')).toBe(false);
  finishes.called('A');
  expect(finishes.isOvertaken('A')).toBe(false);
  finishes.called('B');
  nowMs = 14_999;
  expect(finishes.isOvertaken('A')).toBe(true);
  expect(finishes.isOvertaken('B')).toBe(false);
  nowMs = 15_000;
  expect(finishes.isOvertaken('A')).toBe(false);
});
