import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { createLineTurn } from './line-turn.ts';
import { createLiveness } from './liveness.ts';
import { answerLimitMs, askEveryMs } from './poll-plan.ts';

const SHOWN_WITHIN_MS = 2_000;
const SLOWEST_POLL_MS = 400;

/** A line of boxes on a clock: box 0 answers until `goneAtMs`. @returns when it was noticed. */
function noticedAtMs(parts: {
  readonly boxes: number;
  readonly goneAtMs: number;
  readonly othersAnswer: boolean;
  readonly saidAtMs: number;
}): number {
  const clock = createFakeClock();
  const startMs = clock.monoMs();
  const passedMs = () => clock.monoMs() - startMs;
  const answerMs = Math.min(SLOWEST_POLL_MS, answerLimitMs(parts.boxes));
  let noticedMs = Number.POSITIVE_INFINITY;
  const liveness = createLiveness({
    clock,
    boxes: parts.boxes,
    onSilent(box) {
      if (box === 0) noticedMs = passedMs();
    },
    onAnswering: () => {},
  });
  const turn = createLineTurn({
    clock,
    polls: Array.from({ length: parts.boxes }, (_, box) => ({
      everyMs: SLOWEST_POLL_MS,
      answerMs,
      ask: () => Uint8Array.of(box),
    })),
    onMissed: (box) => liveness.missed(box),
    onSaid: () => {},
    write([box = -1]) {
      const answers = box === 0 ? passedMs() < parts.goneAtMs : parts.othersAnswer && box > 0;
      // As late as it may.
      if (answers)
        clock.after(answerMs - 1, () => {
          turn.answered();
          liveness.answered(box);
        });
      return true;
    },
  });
  liveness.opened();
  turn.opened();
  clock.after(parts.saidAtMs, () => {
    for (let box = 0; box < parts.boxes; box++) turn.say(Uint8Array.of(0xff));
  });
  for (let ms = 0; ms < parts.goneAtMs + 6_000 && noticedMs === Number.POSITIVE_INFINITY; ms += 5)
    clock.advance(5);
  return noticedMs;
}

describe('the plan by which boxes of one line are asked', () => {
  it('asks one box as its model says, and several so fast that none waits longer than a round', () => {
    expect([1, 2, 3, 4].map((boxes) => askEveryMs(400, boxes))).toEqual([400, 225, 150, 112]);
    expect([1, 4].map((boxes) => askEveryMs(50, boxes))).toEqual([50, 50]);
  });

  it('asks none oftener than its model says', () => {
    for (const boxes of [1, 2, 3, 4])
      for (let pollMs = 20; pollMs <= SLOWEST_POLL_MS; pollMs += 10)
        expect(boxes * askEveryMs(pollMs, boxes) + boxes).toBeGreaterThanOrEqual(pollMs);
  });

  describe.each([1, 2, 3, 4])('with %i of the slowest boxes', (boxes) => {
    it.each([true, false])(
      'notices one that goes within two seconds; the others answer: %s',
      (othersAnswer) => {
        for (let goneAtMs = 3_000; goneAtMs < 3_000 + 500; goneAtMs += 35)
          for (const saidAtMs of [goneAtMs + 100, goneAtMs + 700, goneAtMs + 1_300]) {
            const noticed = noticedAtMs({ boxes, goneAtMs, othersAnswer, saidAtMs });
            expect(noticed - goneAtMs, `gone at ${goneAtMs}, said at ${saidAtMs}`).toBeLessThanOrEqual(
              SHOWN_WITHIN_MS,
            );
          }
      },
    );
  });
});
