import { expect, it } from 'vitest';
import { byHand, createKioskOnFakes, service } from '../../test/support/kiosk-on-fakes.ts';

function counter() {
  const run = createKioskOnFakes();
  let acts = 0;
  return {
    ...run,
    /** A clerk opens the rating of a ticket by hand. */
    hand(ticket: string) {
      const id = `hand-${++acts}`;
      run.kiosk.queueEvent({ id, counter: '3', atMs: 0, kind: 'served', service: byHand(ticket) });
    },
    settled: () =>
      run.journal.written.flatMap(({ kind, body }) =>
        kind === 'rating.settled' ? [Reflect.get(body, 'serviceKey')] : [],
      ),
    notInvited: () =>
      run.journal.written.flatMap(({ kind, body }) =>
        kind === 'service.notInvited' ? [[Reflect.get(body, 'serviceKey'), Reflect.get(body, 'reason')]] : [],
      ),
  };
}

const A001 = service('A001').serviceKey;
const BY_HAND = byHand('A001').serviceKey;

it('a ticket that was rated by hand is not asked about again when the queue side has it served, and that is noted', () => {
  const { kiosk, queue, hand, press, clock, screen, settled, notInvited, reports } = counter();
  queue('called');
  kiosk.queueLost();
  hand('A001');
  press(5);
  press('confirm');
  press('confirm');
  clock.advance(60_000);
  kiosk.queueBack({ tellsState: true });
  queue('served');
  queue('served');
  expect(screen().name).toBe('idle');
  expect(settled()).toEqual([BY_HAND]);
  expect(notInvited()).toEqual([
    [A001, 'openedByHand'],
    [A001, 'ratedByHand'],
  ]);
  // What a hand opened is no rating of the served ticket.
  expect(reports.at(-1)).toEqual({ serviceKey: A001, rated: false });
});

it('nor while the three seconds of that choice run: the page stays, and one rating is settled', () => {
  const { queue, hand, press, clock, screen, settled, notInvited } = counter();
  hand('A001');
  press(2);
  queue('served');
  expect(screen()).toMatchObject({ name: 'chosen', level: 2 });
  clock.advance(3_000);
  expect(screen().name).toBe('details');
  queue('served');
  expect(screen().name).toBe('details');
  expect(settled()).toEqual([BY_HAND]);
  expect(notInvited()).toContainEqual([A001, 'ratedByHand']);
});

it('an invitation by hand that nobody has answered gives way to that of the queue side, under its own key', () => {
  const { queue, hand, press, clock, screen, settled } = counter();
  hand('A001');
  queue('served');
  expect(screen()).toMatchObject({ name: 'inviting', ticketNumber: 'A001' });
  press(4);
  clock.advance(3_000);
  expect(settled()).toEqual([A001]);
});

it('another ticket is asked about as ever', () => {
  const { queue, hand, press, clock, screen } = counter();
  hand('A001');
  press(5);
  clock.advance(3_000);
  queue('served', 'A002');
  expect(screen()).toMatchObject({ name: 'inviting', ticketNumber: 'A002' });
});

it('nothing ever calls the next one where a clerk opened by hand: what is taken back leaves the screen to nobody', () => {
  const { kiosk, hand, screen, queue } = counter();
  hand('A001');
  const asked = screen();
  if (asked.name !== 'inviting') throw new Error('nobody is asked');
  expect(kiosk.staff({ act: 'recall', invitation: asked.invitation })).toEqual({ accepted: true });
  expect(screen()).toEqual({ name: 'idle' });
  expect(kiosk.counter()).toMatchObject({ doing: 'idle' });
  // Taken back, not answered: the same ticket may be opened again.
  hand('A001');
  expect(screen()).toMatchObject({ name: 'inviting', ticketNumber: 'A001' });
  queue('called', 'A002');
  expect(screen()).toMatchObject({ name: 'serving', ticketNumber: 'A002' });
});

it('a queue side that has no ticket open takes no page away that a clerk opened by hand; its order does', () => {
  const { kiosk, queue, hand, screen } = counter();
  queue('called');
  kiosk.queueLost();
  hand('M1');
  const reset = (id: string, nothingOpen?: true) =>
    kiosk.queueEvent({ id, counter: '3', atMs: 0, kind: 'reset', ...(nothingOpen ? { nothingOpen } : {}) });
  reset('gone', true);
  kiosk.queueBack({ tellsState: true });
  expect(screen()).toMatchObject({ name: 'inviting', ticketNumber: 'M1' });
  reset('order');
  expect(screen().name).toBe('idle');
});
