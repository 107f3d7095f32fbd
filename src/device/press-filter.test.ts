import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { createPressFilter, HOLD_MS, LET_GO_MS, type PressFilter } from './press-filter.ts';

const timing = { debounceMs: 300, settleMs: 300, togetherMs: 60, stuckMs: 10_000 };

describe('what is a press', () => {
  let filter: PressFilter;
  let nowMs: number;

  beforeEach(() => {
    filter = createPressFilter(timing);
    nowMs = 1_000_000;
    filter.opened(nowMs);
    nowMs += timing.settleMs;
  });

  const says = (key: string) => filter.judge({ kind: 'pressed', key }, nowMs).map(({ verdict }) => verdict);
  const holds = (...keys: string[]) =>
    filter.judge({ kind: 'down', keys }, nowMs).map(({ key, verdict }) => `${key} ${verdict}`);

  it('the edge of a key that is held, and nothing while it stays down', () => {
    expect(holds('3')).toEqual(['3 press']);
    nowMs += 5_000;
    expect(holds('3')).toEqual([]);
    expect(holds()).toEqual([]);
    nowMs += timing.debounceMs;
    expect(holds('3')).toEqual(['3 press']);
  });

  it.each([5, 8, 12, 20])('bounce of %i ms at both edges is one press', (bounceMs) => {
    const found: string[] = [];
    for (const edge of ['down', 'up']) {
      for (let times = 0; times < 6; times++) {
        found.push(...holds('2'));
        nowMs += bounceMs;
        found.push(...holds());
        nowMs += bounceMs;
      }
      if (edge === 'down') nowMs += 150;
    }
    expect(found.filter((text) => text.endsWith('press'))).toEqual(['2 press']);
  });

  it('a box that says a held key again and again says one press', () => {
    const found: string[] = [];
    for (let times = 0; times < 100; times++) {
      found.push(...says('1'));
      nowMs += 100;
    }
    expect(found.filter((verdict) => verdict === 'press')).toHaveLength(1);
  });

  it('two keys in one report are no press, nor is what is left of them', () => {
    expect(holds('1', '5')).toEqual(['1 together', '5 together']);
    nowMs += 20;
    expect(holds('5')).toEqual([]);
    expect(holds()).toEqual([]);
  });

  it('a second key a moment after the first takes the first back', () => {
    expect(says('1')).toEqual(['press']);
    nowMs += 30;
    expect(filter.judge({ kind: 'pressed', key: '5' }, nowMs)).toEqual([
      { key: '5', verdict: 'together', withdraws: '1' },
    ]);
  });

  it('a second key after that is a change of mind', () => {
    expect(says('1')).toEqual(['press']);
    nowMs += timing.togetherMs;
    expect(says('5')).toEqual(['press']);
  });

  it('a key pressed while another is held is no press, and takes back nothing that is old', () => {
    expect(holds('1')).toEqual(['1 press']);
    nowMs += 1_000;
    expect(filter.judge({ kind: 'down', keys: ['1', '2'] }, nowMs)).toEqual([
      { key: '2', verdict: 'together' },
    ]);
  });

  it('a key that is held says repeat, then cancel, each once, and is stuck only much later', () => {
    holds('4');
    expect(filter.held(nowMs + HOLD_MS.repeat - 1)).toEqual([]);
    expect(filter.held(nowMs + HOLD_MS.repeat)).toEqual([{ key: '4', hold: 'repeat' }]);
    expect(filter.held(nowMs + HOLD_MS.cancel - 1)).toEqual([]);
    expect(filter.held(nowMs + HOLD_MS.cancel)).toEqual([{ key: '4', hold: 'cancel' }]);
    expect(filter.held(nowMs + 60_000)).toEqual([]);
    expect(filter.stuck(nowMs + timing.stuckMs)).toEqual(['4']);
  });

  it('a key that is tapped again and again is not held, nor one of two that are', () => {
    for (let passed = 0; passed < 6_000; passed += 100) {
      holds('4');
      nowMs += 50;
      expect(filter.held(nowMs)).toEqual([]);
      holds();
      nowMs += 50;
      says('5');
    }
    nowMs += 5_000;
    holds('1');
    nowMs += 500;
    holds('1', '2');
    nowMs += 500;
    holds('1');
    expect(filter.held(nowMs + 9_000)).toEqual([]);
  });

  it('a box that says a held key every so often can tell, one that does not cannot', () => {
    const repeating = createPressFilter({ ...timing, repeatMs: 120 });
    for (const one of [filter, repeating])
      for (let passed = 0; passed <= HOLD_MS.repeat; passed += 120)
        one.judge({ kind: 'pressed', key: '3' }, nowMs + passed);
    expect(repeating.held(nowMs + HOLD_MS.repeat)).toEqual([{ key: '3', hold: 'repeat' }]);
    expect(repeating.held(nowMs + HOLD_MS.repeat + timing.stuckMs)).toEqual([]);
    expect(filter.held(nowMs + HOLD_MS.repeat)).toEqual([]);
  });

  it('whatever the keys do, a hold is of one key that has been down that long since its press', () => {
    const keys = fc.uniqueArray(fc.constantFrom<string>('1', '2', '3'), { maxLength: 2 });
    const steps = fc.array(fc.tuple(fc.nat(2_500), keys), { maxLength: 40 });
    fc.assert(
      fc.property(steps, (given) => {
        const fresh = createPressFilter(timing);
        fresh.opened(0);
        let atMs = 0;
        let down: readonly string[] = [];
        const since = new Map<string, number>();
        const letGo = new Map<string, number>();
        const pressed = new Map<string, number>();
        const stages = new Map<string, number>();
        for (const [afterMs, next] of given) {
          atMs += afterMs;
          for (const { key, hold } of fresh.held(atMs)) {
            expect(down).toEqual([key]);
            expect(atMs - (since.get(key) ?? atMs)).toBeGreaterThanOrEqual(HOLD_MS[hold]);
            expect(pressed.has(key)).toBe(true);
            expect(stages.get(key) ?? 0).toBe(hold === 'repeat' ? 0 : 1);
            stages.set(key, (stages.get(key) ?? 0) + 1);
          }
          // What is let go for as short as a bounce is still down.
          for (const key of next)
            if (!down.includes(key) && atMs - (letGo.get(key) ?? Number.NEGATIVE_INFINITY) > LET_GO_MS)
              since.set(key, atMs);
          for (const judged of fresh.judge({ kind: 'down', keys: next }, atMs))
            if (judged.verdict === 'press') {
              pressed.set(judged.key, atMs);
              stages.set(judged.key, 0);
              since.set(judged.key, atMs);
            }
          for (const key of down) if (!next.includes(key)) letGo.set(key, atMs);
          down = next;
        }
      }),
      {
        // Bounce at the release, then held on: one press, as long as both together.
        examples: [
          [
            [
              [300, ['2']],
              [906, []],
              [4, ['2']],
              [93, ['2']],
              [497, []],
            ],
          ],
        ],
      },
    );
  });

  it('a stuck key is named once, and again only when it has been let go', () => {
    holds('4');
    nowMs += timing.stuckMs - 1;
    expect(filter.stuck(nowMs)).toEqual([]);
    nowMs += 1;
    expect(filter.stuck(nowMs)).toEqual(['4']);
    expect(filter.stuck(nowMs + 60_000)).toEqual([]);
    holds();
    nowMs += timing.debounceMs;
    expect(holds('4')).toEqual(['4 press']);
    expect(filter.stuck(nowMs + timing.stuckMs)).toEqual(['4']);
  });

  it('a stuck key that is said again and again is named as well', () => {
    for (let passed = 0; passed <= timing.stuckMs; passed += 200) {
      says('4');
      nowMs += 200;
    }
    expect(filter.stuck(nowMs)).toEqual(['4']);
  });

  it('children who hammer on every key are heard no more, and the next citizen is', () => {
    const found: string[] = [];
    for (let times = 0; times < 40; times++) {
      found.push(...says(String(1 + (times % 5))));
      nowMs += 100;
    }
    expect(found.filter((verdict) => verdict === 'press').length).toBeLessThanOrEqual(8);
    expect(found).toContain('coolDown');
    nowMs += 5_000;
    expect(says('3')).toEqual(['press']);
  });

  it('whatever comes, a key is a press at most once in the time of its debounce', () => {
    const step = fc.record({
      afterMs: fc.integer({ min: 0, max: 400 }),
      keys: fc.uniqueArray(fc.constantFrom('1', '2', '3'), { maxLength: 3 }),
      pressed: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const fresh = createPressFilter(timing);
        let atMs = 0;
        fresh.opened(0);
        const last = new Map<string, number>();
        for (const { afterMs, keys, pressed } of steps) {
          atMs += afterMs;
          const signals = pressed
            ? keys.map((key) => ({ kind: 'pressed', key }) as const)
            : [{ kind: 'down', keys } as const];
          for (const signal of signals)
            for (const { key, verdict } of fresh.judge(signal, atMs)) {
              if (verdict !== 'press') continue;
              expect(atMs).toBeGreaterThanOrEqual(timing.settleMs);
              expect(atMs - (last.get(key) ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(
                timing.debounceMs,
              );
              last.set(key, atMs);
            }
        }
      }),
    );
  });
});
