import { expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import type { CounterState } from '../session/kiosk.ts';
import { InvitationIdSchema } from '../shared/words.ts';
import {
  createStaffDoor,
  HOLD_MS,
  LOCKED_IDLE_MS,
  OPENING_LIMIT_MS,
  OVER_INVITATION_MS,
} from './staff-door.ts';

const IDLE_MS = 60_000;
const invitation = (last: number) =>
  InvitationIdSchema.parse(`018f0000-0000-7000-8000-${String(last).padStart(12, '0')}`);

function doorAt(first: Partial<CounterState> = {}) {
  const clock = createFakeClock();
  const shown: boolean[] = [];
  let counter: CounterState = { doing: 'idle', paused: false, fault: null, ...first };
  let unlocked = false;
  const door = createStaffDoor({
    clock,
    show: (yes) => shown.push(yes),
    counter: () => counter,
    idleMs: () => IDLE_MS,
    isUnlocked: () => unlocked,
  });
  return {
    door,
    clock,
    shown,
    unlock: () => {
      unlocked = true;
      door.used();
    },
    becomes(next: Partial<CounterState>) {
      counter = { doing: 'idle', paused: false, fault: null, ...next };
      door.counterChanged();
    },
    open() {
      door.corner(true);
      clock.advance(HOLD_MS);
      return door.arrived();
    },
  };
}

it('opens after the whole time and for nothing less', () => {
  const it = doorAt();
  it.door.corner(true);
  it.clock.advance(HOLD_MS - 1);
  it.door.corner(false);
  it.clock.advance(60_000);
  expect(it.shown).toEqual([]);
  expect(it.open()).toBe(true);
  expect(it.shown).toEqual([true]);
});

it('serves no port that nobody asked for', () => {
  expect(doorAt().door.arrived()).toBe(false);
});

it('a page that does not come, and one that nobody types on, go by themselves', () => {
  const it = doorAt();
  it.door.corner(true);
  it.clock.advance(HOLD_MS + OPENING_LIMIT_MS);
  expect(it.shown).toEqual([true, false]);
  expect(it.open()).toBe(true);
  it.clock.advance(LOCKED_IDLE_MS - 1);
  expect(it.shown.at(-1)).toBe(true);
  it.clock.advance(1);
  expect(it.shown).toEqual([true, false, true, false]);
});

it('stays while somebody presses, and goes a while after', () => {
  const it = doorAt();
  it.open();
  it.unlock();
  it.clock.advance(IDLE_MS - 1);
  it.door.used();
  it.clock.advance(IDLE_MS - 1);
  expect(it.shown).toEqual([true]);
  it.clock.advance(1);
  expect(it.shown).toEqual([true, false]);
});

it('goes at once when somebody is invited, or answers', () => {
  const it = doorAt();
  it.open();
  it.unlock();
  it.becomes({ doing: 'serving' });
  expect(it.shown).toEqual([true]);
  it.becomes({ doing: 'inviting', invitation: invitation(1) });
  expect(it.shown).toEqual([true, false]);
  it.becomes({ doing: 'answering' });
  expect(it.open()).toBe(false);
});

it('lies over an open invitation once, and not long', () => {
  const it = doorAt({ doing: 'inviting', invitation: invitation(1) });
  expect(it.open()).toBe(true);
  it.unlock();
  it.clock.advance(OVER_INVITATION_MS);
  expect(it.shown).toEqual([true, false]);
  expect(it.open()).toBe(false);
  it.becomes({ doing: 'inviting', invitation: invitation(2) });
  expect(it.open()).toBe(true);
  it.becomes({ doing: 'answering' });
  expect(it.shown).toEqual([true, false, true, false]);
});

it('stays when the invitation under it was taken back', () => {
  const it = doorAt({ doing: 'inviting', invitation: invitation(1) });
  it.open();
  it.unlock();
  it.becomes({ doing: 'serving' });
  it.clock.advance(OVER_INVITATION_MS);
  expect(it.shown).toEqual([true]);
});
