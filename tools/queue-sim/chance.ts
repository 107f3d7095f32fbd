/** A repeatable source of chance (mulberry32): the same seed gives the same day. */
export interface Chance {
  /** 0 ≤ x < 1 */
  next(): number;
  /** True in `share` of all cases. */
  is(share: number): boolean;
  /** From `from` up to, not including, `to`. */
  between(from: number, to: number): number;
  /** Waiting times as they are at a counter: mostly short, now and then long. */
  around(mean: number): number;
  pick<T>(from: readonly [T, ...T[]]): T;
}

/** @param keys what the seed is of, so that two days or two counters of one seed are not alike. */
export function chanceOf(seed: number, ...keys: readonly (string | number)[]): Chance {
  let state = seed >>> 0;
  for (const character of keys.join('/'))
    state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    is: (share) => next() < share,
    between: (from, to) => from + (to - from) * next(),
    around: (mean) => Math.min(mean * 4, -Math.log(1 - next()) * mean),
    pick: (from) => from[Math.floor(next() * from.length)] ?? from[0],
  };
}
