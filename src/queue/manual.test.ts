import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import type { LinkState, QueueEvent } from '../shared/queue-event.ts';
import type { HandMemory } from './manual/hand.ts';
import { ManualSettingsSchema } from './manual/settings.ts';
import { createManualLink } from './manual.ts';

function linkWith(settings: object = {}, hand?: HandMemory, clock = createFakeClock()) {
  const events: QueueEvent[] = [];
  const states: LinkState[] = [];
  const link = createManualLink({
    settings: ManualSettingsSchema.parse({ kind: 'manual', ...settings }),
    hall: 'H1',
    counter: '3',
    timezone: 'Asia/Shanghai',
    clock,
    onEvent: (event) => events.push(event),
    onState: (state) => states.push(state),
    log: () => undefined,
    ...(hand ? { hand } : {}),
  });
  return { link, events, states, clock };
}
const keys = (events: readonly QueueEvent[]) =>
  events.map((event) => ('service' in event ? event.service.serviceKey : ''));

describe('a rating that a clerk asks for', () => {
  it('is one request to rate, marked manual, with no ticket key', () => {
    const { link, events, clock } = linkWith();
    link.start();
    expect(link.state().state).toBe('ready');
    expect(link.invite({ ticketNumber: 'a001' })).toEqual({ accepted: true });
    expect(events).toEqual([
      {
        id: expect.stringMatching(/^hand:/),
        kind: 'served',
        counter: '3',
        atMs: clock.nowMs(),
        service: { serviceKey: 'H1/2026-05-06/manual/3%2Fticket%2FA001', ticketNumber: 'A001', manual: true },
      },
    ]);
  });

  it('may be about a case', () => {
    const { link, events } = linkWith();
    link.start();
    link.invite({ projectNo: '3720260506201400001', taskName: '社保参保登记' });
    expect(events[0]).toMatchObject({
      service: { case: { projectNo: '3720260506201400001', taskName: '社保参保登记' }, manual: true },
    });
  });

  it('is the same service when the same ticket comes again, also after a restart, and another tomorrow', () => {
    const { link, events, clock } = linkWith();
    link.start();
    link.invite({ ticketNumber: 'A001' });
    clock.advance(10_000);
    link.invite({ ticketNumber: 'a001 ' });
    const later = linkWith({}, undefined, clock);
    later.link.start();
    later.link.invite({ ticketNumber: 'A001' });
    expect(new Set(keys([...events, ...later.events])).size).toBe(1);
    expect(new Set([...events, ...later.events].map((event) => event.id)).size).toBe(3);
    clock.advance(24 * 3_600_000);
    later.link.invite({ ticketNumber: 'A001' });
    expect(new Set(keys(later.events)).size).toBe(2);
  });

  it('waits after the one before', () => {
    const { link, events, clock } = linkWith();
    link.start();
    link.invite({ ticketNumber: 'A001' });
    clock.advance(4_000);
    expect(link.invite({ ticketNumber: 'A002' })).toEqual({
      accepted: false,
      reason: 'tooSoon',
      waitMs: 6_000,
    });
    link.invite({ ticketNumber: 'A001' });
    expect(link.counters()).toMatchObject({ refused: 2, duplicates: 1 });
    clock.advance(6_000);
    expect(link.invite({ ticketNumber: 'A002' })).toEqual({ accepted: true });
    expect(events).toHaveLength(2);
  });

  it('is refused above so many in any hour', () => {
    const { link, clock } = linkWith({ perHour: 3 });
    link.start();
    for (const ticketNumber of ['A001', 'A002', 'A003']) {
      expect(link.invite({ ticketNumber })).toEqual({ accepted: true });
      clock.advance(600_000);
    }
    expect(link.invite({ ticketNumber: 'A004' })).toEqual({
      accepted: false,
      reason: 'tooMany',
      waitMs: 1_800_000,
    });
    clock.advance(1_800_000);
    expect(link.invite({ ticketNumber: 'A004' })).toEqual({ accepted: true });
  });

  it('is limited by what the journal knows of the time before a restart', () => {
    const clock = createFakeClock();
    const invitedAtMs = [clock.nowMs() - 3_000, clock.nowMs() - 1_200_000];
    const hand = {
      isServed: () => false,
      isRated: () => false,
      invitedSince: (sinceMs: number) => invitedAtMs.filter((at) => at >= sinceMs),
    };
    const { link } = linkWith({ perHour: 2 }, hand, clock);
    link.start();
    expect(link.invite({ ticketNumber: 'A001' })).toMatchObject({ reason: 'tooSoon', waitMs: 7_000 });
    clock.advance(7_000);
    expect(link.invite({ ticketNumber: 'A001' })).toMatchObject({ reason: 'tooMany' });
  });

  it('is refused for a ticket that the queue system had served today', () => {
    const asked: string[] = [];
    const hand = {
      isServed: (number: string, date: string) => {
        asked.push(`${number} ${date}`);
        return number === 'A001';
      },
      isRated: () => false,
      invitedSince: () => [],
    };
    const { link, events } = linkWith({}, hand);
    link.start();
    expect(link.invite({ ticketNumber: ' a001' })).toEqual({ accepted: false, reason: 'alreadyServed' });
    expect(link.invite({ ticketNumber: 'A002' })).toEqual({ accepted: true });
    expect(asked).toEqual(['A001 2026-05-06', 'A002 2026-05-06']);
    expect(keys(events)).toEqual(['H1/2026-05-06/manual/3%2Fticket%2FA002']);
  });

  it('is refused for a service that has been rated: the clerk is not left waiting for a page', () => {
    const hand = {
      isServed: () => false,
      isRated: (key: string) => key === 'H1/2026-05-06/manual/3%2Fticket%2FA001',
      invitedSince: () => [],
    };
    const { link, events } = linkWith({}, hand);
    link.start();
    expect(link.invite({ ticketNumber: 'a001' })).toEqual({ accepted: false, reason: 'alreadyRated' });
    expect(events).toEqual([]);
    // Nor does the refusal keep the next one waiting.
    expect(link.invite({ ticketNumber: 'A002' })).toEqual({ accepted: true });
  });

  it('is refused for what is no number, before the start and after the end', async () => {
    const { link, events } = linkWith();
    expect(link.invite({ ticketNumber: 'A001' })).toEqual({ accepted: false, reason: 'notRunning' });
    link.start();
    expect(link.invite({ ticketNumber: 'http://evil.example/' })).toEqual({
      accepted: false,
      reason: 'badInput',
    });
    expect(link.counters()).toMatchObject({ malformed: 1, refused: 1 });
    await link.stop();
    expect(link.invite({ ticketNumber: 'A001' })).toEqual({ accepted: false, reason: 'notRunning' });
    expect(events).toEqual([]);
  });
});
