import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FULL_LOAD, grown, halved, hasRoom, type Load, outwaited } from './line-load.ts';

const PATIENCE_MS = 10_000;

describe('how much goes over the line at once', () => {
  it('is halved from what was sent, down to a single commit', () => {
    expect(halved(FULL_LOAD, 500)).toEqual({ maxEntries: 250 });
    expect(halved(FULL_LOAD, 7)).toEqual({ maxEntries: 3 });
    expect(halved(FULL_LOAD, 1)).toEqual({ maxEntries: 1 });
  });

  it('grows without asking where nothing was ever too slow', () => {
    expect(grown({ maxEntries: 125 }, 60_000, 125)).toMatchObject({ maxEntries: 250 });
    expect(grown({ maxEntries: 400 }, 1, 400)).toMatchObject({ maxEntries: 500 });
  });

  it('grows no further than comes through in the time that is waited', () => {
    const load = outwaited({ maxEntries: 125 }, PATIENCE_MS);
    expect(grown(load, 3_750, 125)).toMatchObject({ maxEntries: 250, patienceMs: PATIENCE_MS });
    expect(grown(load, 3_751, 125)).toMatchObject({ maxEntries: 125, patienceMs: PATIENCE_MS });
    expect(hasRoom(load, 5_000)).toBe(false);
  });

  it('grows from what might have gone where bytes were the limit, up to a full batch', () => {
    let load = halved(outwaited(FULL_LOAD, PATIENCE_MS), 200);
    for (const maxEntries of [200, 400, 500]) {
      load = grown(load, 500, Math.min(200, load.maxEntries), true);
      expect(load).toMatchObject({ maxEntries });
    }
    let tight = outwaited({ maxEntries: 400 }, PATIENCE_MS);
    for (let i = 0; i < 4; i++) tight = grown(tight, 5_000, 180, true);
    expect(tight).toMatchObject({ maxEntries: 500 });
    expect(grown(outwaited({ maxEntries: 400 }, PATIENCE_MS), 500, 180, false)).toMatchObject({
      maxEntries: 400,
    });
  });

  it('takes a failure at once for no measure of patience', () => {
    expect(outwaited(FULL_LOAD, 3)).toBe(FULL_LOAD);
    expect(outwaited({ maxEntries: 1, patienceMs: PATIENCE_MS }, 999)).toMatchObject({
      patienceMs: PATIENCE_MS,
    });
  });
});

describe('where the time does not say that there is room', () => {
  const slow = (load: Load, times: number, count = load.maxEntries) =>
    Array.from({ length: times }).reduce<Load>((so) => grown(so, 5_000, count), load);
  const one = outwaited({ maxEntries: 100 }, PATIENCE_MS);

  it('twice as many are tried after four in a row, and what comes through stays', () => {
    expect(slow(one, 3)).toMatchObject({ maxEntries: 100 });
    expect(slow(one, 4)).toMatchObject({ maxEntries: 200 });
    expect(slow(slow(one, 4), 3)).toMatchObject({ maxEntries: 200 });
    expect(slow(slow(one, 4), 4)).toMatchObject({ maxEntries: 400 });
  });

  it('a try that fails goes back to what came through and not below it, and the next one comes later', () => {
    let load = one;
    for (const after of [4, 8, 16, 32, 64, 64]) {
      load = slow(load, after - 1);
      expect(load).toMatchObject({ maxEntries: 100 });
      load = slow(load, 1);
      expect(load).toMatchObject({ maxEntries: 200 });
      // Commits are not cut: what was sent was less than what may be sent.
      load = halved(load, 150);
    }
    expect(slow(slow(load, 64), 4, 200)).toMatchObject({ maxEntries: 400 });
  });

  it('what came through once and does so no more is halved as ever, and what was learnt is forgotten', () => {
    const worse = halved(halved(slow(one, 4), 200), 100);
    expect(worse).toEqual({ maxEntries: 50, patienceMs: PATIENCE_MS });
    expect(slow(worse, 4)).toMatchObject({ maxEntries: 100 });
  });

  it('a failure far beyond anything that came through is no try, and puts none off', () => {
    let load = FULL_LOAD;
    for (let i = 0; i < 20; i++) load = grown(load, 50, 2);
    for (let i = 0; i < 8; i++) load = halved(outwaited(load, PATIENCE_MS), load.maxEntries);
    // Only the last of them, of three, was as good as a try.
    expect(slow(load, 7)).toMatchObject({ maxEntries: 2 });
    expect(slow(load, 8)).toMatchObject({ maxEntries: 4 });
  });

  it('a few entries on their own say nothing of many', () => {
    expect(slow(one, 50, 1)).toMatchObject({ maxEntries: 100 });
  });
});

/** A line on which every request takes `delayMs`, and every entry of it its share of the line's width. */
interface Line {
  readonly delayMs: number;
  readonly perEntryMs: number;
  readonly commit: number;
  /** At first nothing comes back at all: so many requests are not answered. */
  readonly hung: number;
}

const lineOf: fc.Arbitrary<Line> = fc
  .record({
    delayShare: fc.double({ min: 0, max: 0.95, noNaN: true }),
    /** Of the time that is left beside the delay, what one commit takes: from a thousandth of it to nearly all. */
    width: fc.double({ min: -3, max: -0.03, noNaN: true }),
    commit: fc.integer({ min: 1, max: 8 }),
    hung: fc.integer({ min: 0, max: 15 }),
  })
  .map(({ delayShare, width, commit, hung }) => ({
    delayMs: delayShare * PATIENCE_MS,
    perEntryMs: ((1 - delayShare) * PATIENCE_MS * 10 ** width) / commit,
    commit,
    hung,
  }));

const wholeCommits = (entries: number, commit: number) => Math.max(commit, entries - (entries % commit));

/** @returns how long a backlog takes with the load as it is decided here, ms; waits at their longest. */
function timeOf({ delayMs, perEntryMs, commit, hung }: Line, backlog: number): number {
  const endMs = 2_000 * PATIENCE_MS + 100 * ownTimeOf({ delayMs, perEntryMs, commit, hung }, backlog);
  let load: Load = FULL_LOAD;
  let ms = 0;
  let failures = 0;
  let through = 0;
  for (let left = backlog, request = 0; left > 0; request++) {
    const count = Math.min(left, wholeCommits(load.maxEntries, commit));
    const tookMs = delayMs + count * perEntryMs;
    if (request >= hung && tookMs <= PATIENCE_MS) {
      ms += tookMs;
      left -= count;
      load = grown(load, tookMs, count);
      failures = 0;
      through = Math.max(through, count);
    } else {
      ms += PATIENCE_MS + Math.min(15_000, 1_000 * 2 ** failures++);
      load = outwaited(load, PATIENCE_MS);
      if (count > commit) load = halved(load, count);
      if (wholeCommits(load.maxEntries, commit) < through) throw new Error('less than what came through');
    }
    if (ms > endMs) throw new Error(`it does not come through: ${left} are left`);
  }
  return ms;
}

/** Of somebody who knows the line and sends as many at once as it carries. */
function ownTimeOf({ delayMs, perEntryMs, commit }: Line, backlog: number): number {
  const carries = Math.min(500, Math.floor((PATIENCE_MS - delayMs) / perEntryMs));
  return Math.ceil(backlog / wholeCommits(carries, commit)) * delayMs + backlog * perEntryMs;
}

it('on any line that carries one commit in time a backlog comes through in a time near the line’s own', () => {
  fc.assert(
    fc.property(lineOf, fc.integer({ min: 1, max: 20_000 }), (line, backlog) => {
      const findingOutMs =
        (line.hung + 10) * (PATIENCE_MS + 15_000) + 9 * 4 * PATIENCE_MS + 5 * (PATIENCE_MS + 1_000);
      expect(timeOf(line, backlog)).toBeLessThan(2.2 * ownTimeOf(line, backlog) + findingOutMs);
    }),
    { numRuns: 1_000 },
  );
});
