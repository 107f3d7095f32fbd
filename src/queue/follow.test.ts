import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { createFollower } from './follow.ts';
import type { Ticket, TicketEvent } from './ticket.ts';

/** 2026-05-06 23:30 at the hall. */
const lateEvening = Date.UTC(2026, 4, 6, 15, 30);

function follow(startMs = lateEvening, more: { readonly serialsForEver?: true } = {}) {
  const clock = createFakeClock(startMs);
  const follower = createFollower({
    system: 'rate-service',
    hall: 'H1',
    counter: '3',
    timezone: 'Asia/Shanghai',
    nowMs: clock.nowMs,
    runId: 'run1',
    ...more,
  });
  return { clock, follower };
}

const ticket: Ticket = {
  ticketNo: 'A001',
  queue: '社会保险',
  serial: '77',
  handling: 1,
  rateId: undefined,
  item: '社保参保登记',
  projectNo: undefined,
  taskCode: undefined,
  date: '2026-05-06',
  token: undefined,
};
const quest = (rateId: string, date?: string) => ({ rateId, item: undefined, date, token: undefined });
let eventIds = 0;
const said = (kind: TicketEvent['kind'], more: Partial<TicketEvent> = {}): TicketEvent => ({
  ...ticket,
  eventId: `e${++eventIds}`,
  kind,
  at: undefined,
  ...more,
});

it('where serials never come again, a case said again the next morning, after a start, is the same service', () => {
  const aCase = {
    ticketNo: '',
    queue: undefined,
    serial: '440100-7',
    projectNo: '440100-7',
    rateId: '440100-7',
  };
  const DAY_MS = 86_400_000;
  const keys = [
    follow(lateEvening, { serialsForEver: true }).follower.ticketEvent(said('served', aCase)),
    follow(lateEvening + DAY_MS, { serialsForEver: true }).follower.ticketEvent(
      said('served', { ...aCase, date: undefined }),
    ),
  ].map(([event]) => event?.kind === 'served' && event.service.serviceKey);
  expect(keys).toEqual(['H1/-/-/-/440100-7/3/1', 'H1/-/-/-/440100-7/3/1']);
});

describe('the published messages', () => {
  it('a request to rate brings its proof along', () => {
    const { follower } = follow();
    const [event] = follower.request({ ...quest('R1', '2026-05-06'), token: 'a.b.c' });
    expect(event).toMatchObject({ kind: 'served', service: { servedToken: 'a.b.c' } });
  });

  it('a request to rate is one event, however often it is sent', () => {
    const { follower } = follow();
    const [event] = follower.request(quest('R1', '2026-05-06'));
    expect(event).toMatchObject({
      kind: 'served',
      counter: '3',
      service: { serviceKey: 'H1/2026-05-06/rate-service/R1', manual: false },
    });
    expect(follower.request(quest('R1', '2026-05-06'))).toEqual([]);
  });

  it('keeps its key and its id in another run of the link, so that a restart of the tablet opens nothing twice', () => {
    const first = follow().follower.request(quest('R1', '2026-05-06'));
    const other = follow(lateEvening + 86_400_000).follower.request(quest('R1', '2026-05-06'));
    expect(other[0]?.id).toBe(first[0]?.id);
  });

  it('keeps its key when it is sent again after midnight without a date', () => {
    const { follower, clock } = follow();
    expect(follower.request(quest('R1'))).toHaveLength(1);
    clock.advance(3_600_000);
    expect(follower.request(quest('R1'))).toEqual([]);
    expect(follower.request(quest('R2'))[0]).toMatchObject({
      service: { serviceKey: 'H1/2026-05-07/rate-service/R2' },
    });
  });

  it('a late repetition of an earlier request does not come again after a newer one', () => {
    const { follower } = follow();
    follower.request(quest('R1'));
    follower.request(quest('R2'));
    expect(follower.request(quest('R1'))).toEqual([]);
  });

  it('pause, resume and reset are events each time, with ids of their own', () => {
    const { follower } = follow();
    const events = (['pause', 'resume', 'reset', 'pause'] as const).flatMap(follower.operate);
    expect(events.map((event) => event.kind)).toEqual(['paused', 'resumed', 'reset', 'paused']);
    expect(new Set(events.map((event) => event.id)).size).toBe(4);
  });

  it('carries the clerk who is logged in', () => {
    const { follower } = follow();
    expect(follower.clerkOn({ number: '1001' })).toHaveLength(1);
    expect(follower.clerkOn({ number: '1001' })).toEqual([]);
    expect(follower.clerkOn({ number: '1001', name: '李慧敏' })).toHaveLength(1);
    expect(follower.request(quest('R1'))[0]).toMatchObject({ service: { clerk: { name: '李慧敏' } } });
  });

  it('a clerk who has left stands by no ticket, and is told of again who comes back', () => {
    const { follower } = follow();
    follower.clerkOn({ number: '1001' });
    const events = [...follower.clerkOff(), ...follower.clerkOff(), ...follower.request(quest('R1'))];
    expect(events.map((event) => event.kind)).toEqual(['clerkOff', 'clerkOff', 'served']);
    expect(events[2]).not.toHaveProperty('service.clerk');
    expect(follower.clerkOn({ number: '1001' })).toHaveLength(1);
    expect(new Set(events.map((event) => event.id)).size).toBe(3);
  });
});

describe('with the extension', () => {
  it('gives call, request to rate and end of one ticket the same service', () => {
    const { follower } = follow();
    const events = [
      ...follower.ticketEvent(said('called')),
      ...follower.ticketEvent(said('recalled')),
      ...follower.request(quest('R1', '2026-05-06')),
      ...follower.ticketEvent(said('served', { rateId: 'R1' })),
    ];
    expect(events.map((event) => event.kind)).toEqual(['called', 'recalled', 'served']);
    expect(new Set(events.map(serviceKeyOf)).size).toBe(1);
    expect(events[0]).toMatchObject({
      service: { ticketNumber: 'A001', queueName: '社会保险', case: { taskName: '社保参保登记' } },
    });
  });

  it('waits for the ticket messages of the last requests, not of all there ever were', () => {
    const { follower } = follow();
    for (let n = 1; n <= 100; n++) follower.request(quest(`R${n}`));
    const now = (rateId: string) => follower.ticketEvent(said('served', { ticketNo: rateId, rateId }));
    expect(now('R100')).toEqual([]);
    expect(now('R90')).toEqual([]);
    expect(now('R1')).toHaveLength(1);
  });

  it('finishing again after a recall is another request, and its repetition is none', () => {
    const { follower } = follow();
    const acts = ['called', 'served', 'recalled', 'served'] as const;
    const events = acts.flatMap((kind, n) => [
      ...follower.ticketEvent(said(kind, { rateId: 'R1', eventId: `act-${n}` })),
      ...(kind === 'served' ? follower.request(quest('R1', '2026-05-06')) : []),
    ]);
    expect(events.map((event) => event.kind)).toEqual(['called', 'served', 'recalled', 'served']);
    expect(new Set(events.map(serviceKeyOf)).size).toBe(1);
    expect(follower.request(quest('R1', '2026-05-06'))).toEqual([]);
  });

  it('learns the case number when the service is finished', () => {
    const { follower } = follow();
    follower.ticketEvent(said('called'));
    expect(follower.ticketEvent(said('served', { projectNo: 'P9' }))[0]).toMatchObject({
      service: { case: { projectNo: 'P9', taskName: '社保参保登记' } },
    });
  });

  it('keeps the day of a ticket that is open over midnight, also where no message has a date', () => {
    const { follower, clock } = follow();
    const [called] = follower.ticketEvent(said('called', { date: undefined }));
    clock.advance(3_600_000);
    const [served] = follower.ticketEvent(said('served', { date: undefined }));
    expect(called).toMatchObject({ service: { ticketKey: expect.stringContaining('H1/2026-05-06/') } });
    expect(served).toMatchObject({ service: called && 'service' in called ? called.service : {} });
  });

  it('the same event twice is one, by its id', () => {
    const { follower } = follow();
    const event = said('called');
    expect(follower.ticketEvent(event)).toHaveLength(1);
    expect(follower.ticketEvent(event)).toEqual([]);
  });

  it('a parked ticket that is called back is called again, as the same service', () => {
    const { follower } = follow();
    const [first] = follower.ticketEvent(said('called'));
    follower.ticketEvent(said('skipped'));
    const [again] = follower.ticketEvent(said('called'));
    expect(again).toMatchObject({ kind: 'called', service: { serviceKey: serviceKeyOf(first) } });
  });

  it('a ticket that was transferred and comes back is another service', () => {
    const { follower } = follow();
    const [first] = follower.ticketEvent(said('called', { rateId: 'R1' }));
    follower.ticketEvent(said('transferred', { rateId: 'R1' }));
    const [back] = follower.ticketEvent(said('called', { handling: 2, rateId: 'R2' }));
    expect(serviceKeyOf(back)).not.toBe(serviceKeyOf(first));
    expect(follower.request(quest('R2'))[0]).toMatchObject({ service: { serviceKey: serviceKeyOf(back) } });
  });

  it('a request to rate after the ticket was given up is not about that ticket', () => {
    const { follower } = follow();
    follower.ticketEvent(said('called'));
    follower.ticketEvent(said('skipped'));
    expect(follower.request(quest('R1', '2026-05-06'))[0]).toMatchObject({
      service: { serviceKey: 'H1/2026-05-06/rate-service/R1' },
    });
  });

  it('believes the queue side’s clock within reason', () => {
    const { follower, clock } = follow();
    expect(follower.ticketEvent(said('called', { at: clock.nowMs() - 5000 }))[0]?.atMs).toBe(
      clock.nowMs() - 5000,
    );
    expect(follower.ticketEvent(said('recalled', { at: 1 }))[0]?.atMs).toBe(clock.nowMs());
    expect(follower.ticketEvent(said('recalled', { at: 'yesterday' }))[0]?.atMs).toBe(clock.nowMs());
  });
});

describe('the present state after a login', () => {
  const kinds = (events: readonly { readonly kind: string }[]) => events.map((event) => event.kind);

  it('says nothing new where nothing changed', () => {
    const { follower } = follow();
    follower.operate('resume');
    follower.ticketEvent(said('called'));
    expect(follower.state({ paused: false, phase: 'serving', ticket })).toEqual([]);
  });

  it('tells a ticket that was called and one that was finished while the link was down', () => {
    const { follower } = follow();
    expect(kinds(follower.state({ paused: false, phase: 'serving', ticket }))).toEqual(['called', 'resumed']);
    expect(kinds(follower.state({ paused: false, phase: 'rating', ticket }))).toEqual(['served']);
    expect(kinds(follower.state({ paused: false, phase: 'rating', ticket }))).toEqual([]);
  });

  it('takes a page away whose ticket is gone', () => {
    const { follower } = follow();
    follower.ticketEvent(said('called'));
    expect(kinds(follower.state({ paused: false, phase: 'idle', ticket: undefined }))).toEqual([
      'reset',
      'resumed',
    ]);
  });

  it.each([true, undefined])(
    'a ticket that is gone says nothing of the pause the counter is in (paused: %s)',
    (paused) => {
      const { follower } = follow();
      follower.operate('pause');
      follower.ticketEvent(said('called'));
      const now = follower.state({ paused, phase: 'idle', ticket: undefined });
      expect(now).toMatchObject([{ kind: 'reset', nothingOpen: true }]);
      expect(follower.state({ paused, phase: 'idle', ticket: undefined })).toEqual([]);
    },
  );

  it('a ticket that goes as the pause begins: first that it is gone, then the pause', () => {
    const { follower } = follow();
    follower.ticketEvent(said('called'));
    expect(follower.state({ paused: true, phase: 'idle', ticket: undefined })).toMatchObject([
      { kind: 'reset', nothingOpen: true },
      { kind: 'paused' },
    ]);
  });

  it('a pause that begins is said before the ticket and one that ends after it: nobody is asked in between', () => {
    const { follower } = follow();
    const next = { ...ticket, ticketNo: 'A002', serial: '78' };
    expect(kinds(follower.state({ paused: true, phase: 'rating', ticket }))).toEqual(['paused', 'served']);
    expect(kinds(follower.state({ paused: false, phase: 'serving', ticket: next }))).toEqual([
      'called',
      'resumed',
    ]);
  });

  it('a reset by the queue side is one, and a pause that goes on all the same is said again', () => {
    const { follower } = follow();
    follower.operate('pause');
    expect(follower.operate('reset')[0]).not.toHaveProperty('nothingOpen');
    expect(kinds(follower.state({ paused: true, phase: 'idle', ticket: undefined }))).toEqual(['paused']);
  });

  it('leaves a finished rating in peace', () => {
    const { follower } = follow();
    follower.operate('resume');
    const [served] = follower.ticketEvent(said('served', { rateId: 'R1' }));
    if (served?.kind !== 'served') throw new Error('the ticket was not served');
    expect(follower.finished(served.service.serviceKey)).toEqual({
      ticketNo: 'A001',
      serial: '77',
      rateId: 'R1',
    });
    expect(follower.state({ paused: false, phase: 'idle', ticket: undefined })).toEqual([]);
    expect(follower.state({ paused: false, phase: 'rating', ticket: { ...ticket, rateId: 'R1' } })).toEqual(
      [],
    );
  });

  it('knows of a pause in both directions', () => {
    const { follower } = follow();
    expect(kinds(follower.state({ paused: true, phase: 'idle', ticket: undefined }))).toEqual(['paused']);
    expect(kinds(follower.state({ paused: true, phase: 'idle', ticket: undefined }))).toEqual([]);
    expect(kinds(follower.state({ paused: false, phase: 'idle', ticket: undefined }))).toEqual(['resumed']);
  });
});

function serviceKeyOf(
  event: ReturnType<ReturnType<typeof createFollower>['request']>[number] | undefined,
): string {
  if (!event || !('service' in event)) throw new Error('no event with a service');
  return event.service.serviceKey;
}
