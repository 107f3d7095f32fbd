import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { createUpkeep } from './upkeep.ts';

let clock: ReturnType<typeof createFakeClock>;
let checkpoints: number;
let upkeep: ReturnType<typeof createUpkeep>;
beforeEach(() => {
  clock = createFakeClock();
  checkpoints = 0;
  upkeep = createUpkeep(clock, () => checkpoints++);
  // The one in the first pause is told of by itself.
  clock.advance(2_000);
  checkpoints = 0;
});

function commit(times: number, everyMs = 0): void {
  for (let n = 0; n < times; n++) {
    upkeep.committed();
    if (everyMs > 0) clock.advance(everyMs);
  }
}

it('does its first work in the first pause, once', () => {
  const begun = createUpkeep(clock, () => checkpoints++);
  clock.advance(1_500);
  begun.committed();
  clock.advance(1_500);
  expect(checkpoints).toBe(0);
  clock.advance(60_000);
  expect(checkpoints).toBe(1);
  begun.stop();
});

describe('checkpoints', () => {
  it('wait for a pause between citizens', () => {
    commit(60, 50);
    expect(checkpoints).toBe(0);
    clock.advance(1_900);
    expect(checkpoints).toBe(0);
    clock.advance(100);
    expect(checkpoints).toBe(1);
  });

  it('are not worth their flushes after a few acts', () => {
    commit(40, 50);
    clock.advance(60_000);
    expect(checkpoints).toBe(0);
  });

  it('come behind an act where no pause comes, never inside it', () => {
    commit(499, 50);
    upkeep.committed();
    expect(checkpoints).toBe(0);
    clock.advance(0);
    expect(checkpoints).toBe(1);
  });

  it('come inside an act only in a loop that lets nothing else in', () => {
    commit(999);
    expect(checkpoints).toBe(0);
    commit(1);
    expect(checkpoints).toBe(1);
    clock.advance(60_000);
    expect(checkpoints).toBe(1);
  });

  it('begin to count anew after each, and end with the store', () => {
    commit(60);
    clock.advance(2_000);
    commit(47);
    clock.advance(60_000);
    expect(checkpoints).toBe(1);
    commit(1);
    upkeep.stop();
    clock.advance(60_000);
    expect(checkpoints).toBe(1);
  });
});
