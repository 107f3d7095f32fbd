import { describe, expect, it } from 'vitest';
import { FULL_LOAD, grown, halved, hasRoom, outwaited } from './line-load.ts';

describe('how much goes over the line at once', () => {
  it('is halved from what was sent, down to a single commit', () => {
    expect(halved(FULL_LOAD, 500)).toEqual({ maxEntries: 250 });
    expect(halved(FULL_LOAD, 7)).toEqual({ maxEntries: 3 });
    expect(halved(FULL_LOAD, 1)).toEqual({ maxEntries: 1 });
  });

  it('grows without asking where nothing was ever too slow', () => {
    expect(grown({ maxEntries: 125 }, 60_000)).toEqual({ maxEntries: 250 });
    expect(grown({ maxEntries: 400 }, 1)).toEqual({ maxEntries: 500 });
  });

  it('grows no further than comes through in the time that is waited', () => {
    const load = outwaited({ maxEntries: 125 }, 10_000);
    expect(grown(load, 3_750)).toEqual({ maxEntries: 250, patienceMs: 10_000 });
    expect(grown(load, 3_751)).toBe(load);
    expect(hasRoom(load, 5_000)).toBe(false);
  });

  it('takes a failure at once for no measure of patience', () => {
    expect(outwaited(FULL_LOAD, 3)).toBe(FULL_LOAD);
    expect(outwaited({ maxEntries: 1, patienceMs: 10_000 }, 999)).toMatchObject({ patienceMs: 10_000 });
  });
});
