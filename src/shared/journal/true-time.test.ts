import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DRIFT_PPM, type TimedEntry, type TrueTime, trueTimes } from './true-time.ts';

const START_MS = Date.UTC(2026, 4, 6, 1);

interface Told extends TimedEntry {
  /** The witness: when it was truly written, with fractions of a millisecond. */
  readonly trueMs: number;
}

/** A machine as it truly runs: a crystal that is off, sleep, a wall clock that is set, starts, a province far away. */
function machine() {
  let trueMs = START_MS;
  let mono = 12_345.6;
  let wall = START_MS;
  let boot = 1;
  const entries: Told[] = [];
  const write = (kind: string, body: object) =>
    entries.push({
      seq: entries.length + 1,
      kind,
      at: Math.round(wall),
      boot: `boot-${boot}`,
      mono: Math.floor(mono),
      body: JSON.stringify(body),
      trueMs,
    });
  const run = (ms: number, ppm = 0) => {
    trueMs += ms;
    mono += ms * (1 + ppm / 1e6);
    wall += ms * (1 + ppm / 1e6);
  };
  return {
    entries: entries as readonly Told[],
    run,
    write: () => write('pause.changed', { paused: true, by: 'x' }),
    sleep(ms: number) {
      trueMs += ms;
      wall += ms;
    },
    setWall(byMs: number) {
      wall += byMs;
    },
    restart(offForMs: number, wallMs: number) {
      trueMs += offForMs;
      boot += 1;
      mono = 900.2;
      wall = wallMs;
    },
    /** An acknowledgement: there in `thereMs`, back in `backMs`. */
    observe(thereMs: number, backMs: number, ppm = 0) {
      const sent = mono;
      run(thereMs, ppm);
      const theirMs = Math.floor(trueMs);
      run(backMs, ppm);
      const at = Math.round((sent + mono) / 2);
      const errorMs = Math.ceil((mono - sent) / 2) + 2;
      write('clock.observed', { link: 'province', mono: at, theirMs, errorMs, offsetMs: 0 });
    },
  };
}

const holds = ({ fromMs, toMs }: TrueTime, trueMs: number) =>
  (fromMs === null || fromMs <= trueMs) && (toMs === null || trueMs <= toMs);
const width = ({ fromMs, toMs }: TrueTime) =>
  fromMs === null || toMs === null ? Number.POSITIVE_INFINITY : toMs - fromMs;
const only = (times: readonly TrueTime[], index: number): TrueTime => {
  const found = times.at(index);
  if (!found) throw new Error(`no entry ${index}`);
  return found;
};

const ppm = fc.integer({ min: -650, max: 650 });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('write' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('run' as const),
      ms: fc.integer({ min: 0, max: 7_200_000 }),
      ppm,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('observe' as const),
      thereMs: fc.integer({ min: 0, max: 8_000 }),
      backMs: fc.integer({ min: 0, max: 8_000 }),
      ppm,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('sleep' as const), ms: fc.integer({ min: 100, max: 9e7 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('setWall' as const), ms: fc.integer({ min: -2e12, max: 2e12 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('restart' as const),
      offMs: fc.integer({ min: 1, max: 9e7 }),
      wallMs: fc.integer({ min: -1e12, max: 4e12 }),
    }),
  },
);

describe('whatever happens to the machine', () => {
  it('every interval holds the true time, no entry is doubtful, and a part of a journal says no less than the truth', () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 60 }),
        fc.nat({ max: 60 }),
        fc.nat({ max: 60 }),
        fc.array(fc.nat({ max: 3_600_000 }), { minLength: 60, maxLength: 60 }),
        (steps, cutA, cutB, delays) => {
          const one = machine();
          for (const next of steps) {
            if (next.do === 'write') one.write();
            if (next.do === 'run') one.run(next.ms, next.ppm);
            if (next.do === 'observe') one.observe(next.thereMs, next.backMs, next.ppm);
            if (next.do === 'restart') one.restart(next.offMs, next.wallMs);
            // What is assumed: nobody sets the clock back between two entries while the machine also slept.
            if (next.do === 'sleep') {
              one.write();
              one.sleep(next.ms);
              one.write();
            }
            if (next.do === 'setWall') {
              one.write();
              one.setWall(next.ms);
              one.write();
            }
          }
          const received = one.entries.map((entry, index) =>
            (delays[index] ?? 0) % 3 === 0
              ? { ...entry, receivedAtMs: Math.floor(entry.trueMs + (delays[index] ?? 0)) }
              : entry,
          );
          const [from, to] = [Math.min(cutA, cutB), Math.max(cutA, cutB)];
          for (const entries of [one.entries, received, received.slice(from, to)])
            trueTimes(entries).forEach((time, index) => {
              const entry = entries[index];
              if (!entry) throw new Error('more times than entries');
              if (time.doubtful || !holds(time, entry.trueMs))
                throw new Error(`${JSON.stringify(time)} does not hold ${entry.trueMs}`);
            });
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('how narrow', () => {
  it('an entry beside an observation: the error of the trip', () => {
    const one = machine();
    one.write();
    one.observe(4, 6);
    one.write();
    for (const time of trueTimes(one.entries)) expect(width(time)).toBeLessThanOrEqual(2 * (5 + 2) + 3);
  });

  it('an entry between two observations a day apart: half of what one alone would leave', () => {
    const one = machine();
    const halfDayMs = 12 * 3_600_000;
    one.observe(5, 5);
    one.run(halfDayMs);
    one.write();
    const alone = width(only(trueTimes(one.entries), 1));
    one.run(halfDayMs);
    one.observe(5, 5);
    const between = width(only(trueTimes(one.entries), 1));
    expect(alone).toBeCloseTo((2 * halfDayMs * DRIFT_PPM) / 1e6, -2);
    expect(between).toBeLessThanOrEqual(alone + 10);
    expect(between).toBeGreaterThan(0);
  });

  it('a boot that never reached the province: between its neighbours, and before it was received', () => {
    const one = machine();
    one.observe(5, 5);
    one.restart(3_600_000, 0);
    one.write();
    one.run(1_000);
    one.write();
    one.restart(3_600_000, 0);
    one.observe(5, 5);
    const times = trueTimes(one.entries);
    const lost = only(times, 1);
    expect(lost.fromMs).toBeGreaterThanOrEqual((only(times, 0).fromMs ?? 0) - 1);
    expect(lost.toMs).toBeLessThanOrEqual((only(times, 3).toMs ?? 0) - 999);
    const early = one.entries.slice(1, 3);
    const last = early.at(-1)?.trueMs ?? 0;
    const received = early.map((entry) => ({ ...entry, receivedAtMs: Math.floor(last) + 40 }));
    expect(trueTimes(early)[0]).toMatchObject({ fromMs: null, toMs: null, doubtful: false });
    expect((only(trueTimes(received), 0).toMs ?? 0) - last).toBeLessThan(50);
  });

  it('a clock that jumps 56 years forward costs nothing once the province has been asked again', () => {
    const one = machine();
    one.observe(5, 5);
    one.setWall(56 * 365 * 86_400_000);
    one.run(1_000);
    one.write();
    one.observe(5, 5);
    expect(width(only(trueTimes(one.entries), 1))).toBeLessThan(25);
  });
});

it('says when observations contradict each other, and spans them', () => {
  const one = machine();
  one.observe(5, 5);
  one.run(1_000);
  one.write();
  one.run(1_000);
  one.observe(5, 5);
  const entries = one.entries.map((entry, index) =>
    index === 2
      ? { ...entry, body: { ...JSON.parse(String(entry.body)), theirMs: START_MS - 600_000 } }
      : entry,
  );
  const time = only(trueTimes(entries), 1);
  expect(time.doubtful).toBe(true);
  expect(width(time)).toBeGreaterThan(600_000);
  expect(holds(time, one.entries[1]?.trueMs ?? 0)).toBe(true);
});

it('passes over an observation that it cannot read', () => {
  const one = machine();
  one.observe(5, 5);
  const broken = one.entries.map((entry) => ({ ...entry, body: '{"link":1' }));
  expect(trueTimes(broken)).toEqual([{ seq: 1, fromMs: null, toMs: null, doubtful: false }]);
});
