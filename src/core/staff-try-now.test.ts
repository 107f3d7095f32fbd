import { expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import type { UploadStateName } from '../sync/uploader.ts';
import { createTryNow, mayBeTried } from './staff-try-now.ts';

function asked(first: UploadStateName) {
  const clock = createFakeClock();
  const line = { state: first, kicks: 0 };
  const tryNow = createTryNow({
    uploader: {
      state: () => ({ state: line.state, sinceMs: 0, unsent: 1, ackedSeq: 0 }),
      kick: () => {
        line.kicks++;
      },
    },
    clock,
  });
  return { clock, line, tryNow };
}

it.each(['offline', 'waiting', 'held'] as const)('%s is a wait of ours, and ends', (state) => {
  const { line, tryNow } = asked(state);
  expect(mayBeTried(state)).toBe(true);
  expect(tryNow()).toEqual({ accepted: true });
  expect(line.kicks).toBe(1);
});

it.each(['idle', 'sending', 'slowed', 'stopped'] as const)('%s is none', (state) => {
  const { line, tryNow } = asked(state);
  expect(mayBeTried(state)).toBe(false);
  expect(tryNow()).toEqual({ accepted: false, reason: 'notNow' });
  expect(line.kicks).toBe(0);
});

it('a finger that hammers asks the province once in five seconds, whatever the wall clock does', () => {
  const { clock, line, tryNow } = asked('held');
  tryNow();
  clock.jumpWall(86_400_000);
  clock.advance(4_999);
  expect(tryNow()).toEqual({ accepted: false, reason: 'tooSoon' });
  expect(line.kicks).toBe(1);
  clock.advance(1);
  expect(tryNow()).toEqual({ accepted: true });
  expect(line.kicks).toBe(2);
});
