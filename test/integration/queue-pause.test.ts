import { expect, it } from 'vitest';
import { createConductor, underKeys } from '../../src/queue/conductor.ts';
import { createFollower } from '../../src/queue/follow.ts';
import { type Present, TicketSchema } from '../../src/queue/ticket.ts';
import { createKioskOnFakes } from '../support/kiosk-on-fakes.ts';

/** A counter's present states, through follower and conductor into a session. */
function counter() {
  const run = createKioskOnFakes();
  const parts = { counter: '3', nowMs: run.clock.nowMs, runId: 'run' };
  const follower = createFollower({ ...parts, system: 'mqtt', hall: 'H1', timezone: 'Asia/Shanghai' });
  const conductor = createConductor({ ...parts, links: [{ byHand: false }] });
  const ticketOf = (ticketNo: string) => TicketSchema.parse({ ticketNo, date: '2026-05-06' });
  return {
    ...run,
    /** @returns the screen afterwards. */
    is(phase: Present['phase'], paused: boolean | undefined, ticketNo?: string): string {
      const ticket = ticketNo === undefined ? undefined : ticketOf(ticketNo);
      for (const said of follower.state({ phase, paused, ticket }))
        for (const { event, keys } of conductor.event(0, said).passed)
          run.kiosk.queueEvent(underKeys(event, keys));
      return run.screen().name;
    },
  };
}

const opened = (kinds: readonly string[]) => kinds.filter((kind) => kind === 'invitation.opened').length;

it.each([
  ['with the word of the pause', [['idle', true]]],
  [
    'after it',
    [
      ['serving', true, 'A001'],
      ['idle', true],
      ['idle', true],
    ],
  ],
] as const)('a pause in which the ticket goes %s goes on, and nobody is asked in it', (_, states) => {
  const { is, kinds } = counter();
  expect(is('serving', false, 'A001')).toBe('serving');
  for (const [phase, paused, ticketNo] of states) expect(is(phase, paused, ticketNo)).toBe('paused');
  expect(is('rating', true, 'A002')).toBe('paused');
  expect(opened(kinds())).toBe(0);
  expect(is('rating', false, 'A002')).toBe('inviting');
});

it('a pause made by hand goes on when a view has no ticket any more', () => {
  const { is, kiosk } = counter();
  is('serving', undefined, 'A001');
  kiosk.staff({ act: 'pause' });
  expect(is('idle', undefined)).toBe('paused');
});

it('who was owed an invitation and is gone is not asked when the pause ends with the next ticket', () => {
  const { is, journal, kinds } = counter();
  is('serving', false, 'A001');
  is('serving', true, 'A001');
  expect(is('rating', true, 'A001')).toBe('paused');
  expect(is('serving', false, 'A002')).toBe('serving');
  expect(opened(kinds())).toBe(0);
  expect(journal.written.filter(({ kind }) => kind === 'service.notInvited')).toMatchObject([
    { body: { reason: 'nextCalled' } },
  ]);
});
