import { expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import type { Draft } from '../shared/journal/entry.ts';
import { createClockWatch } from './clock-watch.ts';

const MINUTE_MS = 60_000;

function watched() {
  const clock = createFakeClock();
  const written: Draft[] = [];
  let disk: 'sound' | 'full' = 'sound';
  const watch = createClockWatch({
    clock,
    link: 'province',
    append: (draft) => {
      if (disk === 'full') return false;
      written.push(draft);
      return true;
    },
  });
  watch.start();
  return {
    clock,
    watch,
    written,
    /** Their clock is `aheadMs` before a clock that ran with ours from the start. */
    acknowledged(aheadMs: number, errorMs = 5) {
      const monoMs = clock.monoMs();
      watch.observed({ theirMs: Date.UTC(2026, 4, 6, 1) + monoMs + aheadMs, monoMs, errorMs });
    },
    fillDisk: () => {
      disk = 'full';
    },
    freeDisk: () => {
      disk = 'sound';
    },
    kinds: () => written.map(({ kind }) => kind),
  };
}

it('states the first acknowledgement of a start, with the offset and the error', () => {
  const { acknowledged, written, clock } = watched();
  clock.advance(1_500);
  acknowledged(9_000, 7);
  expect(written).toEqual([
    {
      kind: 'clock.observed',
      body: {
        link: 'province',
        mono: 1_500,
        theirMs: Date.UTC(2026, 4, 6, 1, 0, 10, 500),
        errorMs: 7,
        offsetMs: 9_000,
      },
    },
  ]);
});

it('does not write with every batch: hourly while nothing moves', () => {
  const { acknowledged, written, clock } = watched();
  for (let second = 0; second < 8 * 3600; second += 20) {
    acknowledged(300 + (second % 60));
    clock.advance(20_000);
  }
  expect(written.length).toBe(8);
});

it('writes again, but not within a quarter of an hour, when the offset moved', () => {
  const { acknowledged, written, clock } = watched();
  acknowledged(0);
  clock.jumpWall(700);
  clock.advance(14 * MINUTE_MS);
  acknowledged(0);
  expect(written.length).toBe(1);
  clock.advance(MINUTE_MS);
  acknowledged(0);
  expect(written[1]).toMatchObject({ kind: 'clock.observed', body: { offsetMs: -700 } });
});

it('writes again when the machine slept, although the offset is the same', () => {
  const { acknowledged, written, clock } = watched();
  acknowledged(0);
  clock.advance(20 * MINUTE_MS);
  clock.jumpWall(90_000);
  acknowledged(90_000);
  expect(written[1]).toMatchObject({ kind: 'clock.observed', body: { offsetMs: 0 } });
});

it('says by how much the wall clock was moved, once', () => {
  const { clock, written } = watched();
  clock.advance(10_000);
  clock.jumpWall(-3_600_000);
  clock.advance(60 * MINUTE_MS);
  expect(written).toEqual([{ kind: 'clock.jumped', body: { byMs: -3_600_000 } }]);
});

it('leaves what a second hides alone', () => {
  const { clock, written } = watched();
  clock.jumpWall(1_000);
  clock.advance(60_000);
  expect(written).toEqual([]);
});

it('tells of a clock that stands still four times an hour', () => {
  const { clock, written } = watched();
  for (let second = 0; second < 3600; second++) {
    clock.advance(1_000);
    clock.jumpWall(-1_000);
  }
  expect(written.map(({ kind }) => kind)).toEqual(Array(4).fill('clock.jumped'));
});

it('tries what could not be frozen again', () => {
  const { acknowledged, clock, fillDisk, freeDisk, kinds } = watched();
  fillDisk();
  acknowledged(0);
  clock.jumpWall(5_000);
  clock.advance(2_000);
  freeDisk();
  acknowledged(0);
  clock.advance(2_000);
  expect(kinds()).toEqual(['clock.observed', 'clock.jumped']);
});

it('ends with the kiosk', () => {
  const { clock, watch, written } = watched();
  watch.stop();
  clock.jumpWall(60_000);
  clock.advance(60_000);
  expect(written).toEqual([]);
  expect(clock.pending).toBe(0);
});
