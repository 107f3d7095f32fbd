import { expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { createCameraGate, WORD_LIMIT_MS } from './camera-gate.ts';

function gateWith() {
  const clock = createFakeClock();
  const gate = createCameraGate(clock);
  const answers: boolean[] = [];
  return { clock, gate, answers, ask: () => gate.ask((granted) => answers.push(granted)) };
}

it('refuses a page that asks while nobody lends the camera', () => {
  const { clock, ask, answers } = gateWith();
  ask();
  expect(answers).toEqual([]);
  clock.advance(WORD_LIMIT_MS);
  expect(answers).toEqual([false]);
});

it('grants while it is lent, and no longer', () => {
  const { clock, gate, ask, answers } = gateWith();
  gate.lend(true);
  ask();
  expect([answers, gate.isLent()]).toEqual([[true], true]);
  gate.lend(false);
  ask();
  clock.advance(WORD_LIMIT_MS);
  expect([answers, gate.isLent()]).toEqual([[true, false], false]);
});

it('grants a question that was there before the word, once', () => {
  const { clock, gate, ask, answers } = gateWith();
  ask();
  gate.lend(true);
  clock.advance(WORD_LIMIT_MS);
  expect(answers).toEqual([true]);
});

it('lets one question wait, refuses a further one, and both when the screen goes', () => {
  const { clock, gate, ask, answers } = gateWith();
  ask();
  ask();
  expect(answers).toEqual([false]);
  gate.lend(false);
  clock.advance(WORD_LIMIT_MS);
  expect(answers).toEqual([false, false]);
});
