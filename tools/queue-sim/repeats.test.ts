import { expect, it } from 'vitest';
import { createRepeats } from './repeats.ts';

const said = (text: string, counter = '3') => ({ direction: 'out' as const, counter, text, atMs: 0 });

it('knows a state that is said again, whatever its time, and one that changed', () => {
  const repeats = createRepeats();
  const idle = (at: number) => said(`{"type":"state","counter":"3","phase":"idle","ticket":null,"at":${at}}`);
  const serving = said(
    '{"type":"state","counter":"3","phase":"serving","ticket":{"ticketNo":"A001"},"at":3}',
  );
  expect([idle(1), idle(2), serving, serving, idle(4)].map((one) => repeats.again(one))).toEqual([
    false,
    true,
    false,
    true,
    false,
  ]);
});

it('keeps counters apart, and an event between two states', () => {
  const repeats = createRepeats();
  const state = (counter: string) =>
    said('3/state {"v":1,"paused":false,"phase":"idle","ticket":null}', counter);
  expect(repeats.again(state('3'))).toBe(false);
  expect(repeats.again(state('4'))).toBe(false);
  expect(repeats.again(said('3/events {"v":1,"eventId":"1"}'))).toBe(false);
  expect(repeats.again(state('3'))).toBe(true);
});

it('never hides a request or a press that comes twice', () => {
  const repeats = createRepeats();
  for (const text of ['{"method":"RateQuest","param":{"rateId":"1"}}', 'FF 68 03 03 68 03 01 0B 0F 16'])
    expect([said(text), said(text)].map((one) => repeats.again(one))).toEqual([false, false]);
});
