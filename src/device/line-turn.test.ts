import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock, type FakeClock } from '../../test/support/fake-clock.ts';
import { createLineTurn, type LineTurn } from './line-turn.ts';

let clock: FakeClock;
let line: string[];
let said: boolean[];
let turn: LineTurn;

const bytes = (text: string) => new TextEncoder().encode(text);
const make = (boxes: readonly string[]) =>
  createLineTurn({
    clock,
    polls: boxes.map((box) => ({ everyMs: 50, answerMs: 40, ask: () => bytes(box) })),
    write(out) {
      line.push(new TextDecoder().decode(out));
      return true;
    },
    onSaid: (out) => said.push(out),
  });

beforeEach(() => {
  clock = createFakeClock();
  line = [];
  said = [];
  turn = make(['ask']);
});

describe('a line where only one may speak', () => {
  it('asks at once and again in its time, whether or not an answer comes', () => {
    turn.opened();
    turn.answered();
    clock.advance(50);
    clock.advance(50);
    expect(line).toEqual(['ask', 'ask', 'ask']);
  });

  it('says nothing while an answer is waited for, and all of it afterwards, one at a time', () => {
    turn.opened();
    turn.say(bytes('lamp'));
    turn.say(bytes('stars'));
    expect(line).toEqual(['ask']);
    turn.answered();
    expect(line).toEqual(['ask', 'lamp']);
    clock.advance(40);
    expect(line).toEqual(['ask', 'lamp', 'stars']);
    expect(said).toEqual([true, true]);
  });

  it('goes on when an answer does not come', () => {
    turn.opened();
    turn.say(bytes('lamp'));
    clock.advance(40);
    expect(line).toEqual(['ask', 'lamp']);
  });

  it('asks several boxes in turn', () => {
    turn = make(['one', 'two']);
    turn.opened();
    for (let again = 0; again < 3; again++) {
      turn.answered();
      clock.advance(50);
    }
    expect(line).toEqual(['one', 'two', 'one', 'two']);
  });

  it('keeps little, and nothing beyond the connection', () => {
    turn.opened();
    for (let again = 0; again < 10; again++) turn.say(bytes('lamp'));
    expect(said).toEqual([false, false]);
    turn.closed();
    expect(said).toHaveLength(10);
    clock.advance(1_000);
    turn.opened();
    expect(line).toEqual(['ask', 'ask']);
  });

  it('without anybody to ask, all is said at once', () => {
    turn = make([]);
    turn.opened();
    turn.say(bytes('lamp'));
    turn.say(bytes('stars'));
    expect(line).toEqual(['lamp', 'stars']);
  });
});
