import fc from 'fast-check';
import { expect, it } from 'vitest';
import { QueueEventSchema } from '../shared/queue-event.ts';
import { createFollower } from './follow.ts';
import { readMessage } from './rate-service/wire.ts';
import { TICKET_KINDS, TicketEventSchema, TicketSchema } from './ticket.ts';

/** Whatever a queue side may legally write, the events made of it are taken: one that is refused is a citizen not asked. */
const nowMs = Date.UTC(2026, 4, 6, 1);

const followerAt = (hall: string, counter: string) =>
  createFollower({
    system: 'rate-service',
    hall,
    counter,
    timezone: 'Asia/Shanghai',
    nowMs: () => nowMs,
    runId: '0d4f1d6e-8a55-4c2e-9d42-0d7c3a3d1b11',
  });

it('every event fits its schema where each piece is as long as it may be', () => {
  const long = (letter: string, length: number) => letter.repeat(length);
  const follower = followerAt(long('厅', 60), long('窗', 32));
  const written = TicketSchema.parse({
    ticketNo: long('号', 40),
    queue: long('社', 60),
    serial: long('序', 100),
    handling: 9999,
    item: long('事', 200),
    projectNo: long('9', 50),
    taskCode: long('9', 33),
    date: '2026-05-06',
    token: `a.${long('b', 4094)}`,
  });
  const events = [
    ...follower.clerkOn({ number: long('员', 32), name: long('名', 40), stars: 5 }),
    ...TICKET_KINDS.flatMap((kind, n) =>
      follower.ticketEvent(
        TicketEventSchema.parse({ ...written, kind, eventId: `${long('事', 99)}${n}`, at: nowMs }),
      ),
    ),
    ...follower.request({ rateId: long('另', 100), item: undefined, date: undefined, token: undefined }),
    ...follower.state({ paused: true, phase: 'rating', ticket: { ...written, serial: long('二', 100) } }),
    ...follower.state({ paused: false, phase: 'serving', ticket: { ...written, serial: long('三', 100) } }),
    ...follower.state({ phase: 'idle', ticket: undefined }),
    ...follower.clerkOff(),
  ];
  const kinds = new Set(events.map((event) => event.kind));
  expect(kinds).toEqual(new Set(['clerkOn', ...TICKET_KINDS, 'paused', 'resumed', 'reset', 'clerkOff']));
  for (const event of events) expect(QueueEventSchema.safeParse(event).error).toBeUndefined();
});

it('an act of a long hall, counter, queue and number reaches the session', () => {
  const message = TicketEventSchema.parse({
    kind: 'served',
    ticketNo: '社保012',
    queue: '社会保险',
    serial: '7f0c2a8e-4f3b-4d6a-9d5e-2f6b8c1d3e4f',
    eventId: 'c3d1a5b7-6e42-4b8f-8a90-1b2c3d4e5f60',
  });
  const [event] = followerAt('云溪市政务服务中心', '综合3号').ticketEvent(message);
  expect(event?.kind).toBe('served');
  expect(QueueEventSchema.safeParse(event).error).toBeUndefined();
});

it('whatever the server writes, an event fits its schema', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 120 }),
    fc.constantFrom('A001', '', '\ud800', '号'.repeat(100)),
  );
  const param = fc.record(
    {
      rateId: text,
      item: text,
      date: text,
      eventId: text,
      kind: fc.constantFrom('called', 'recalled', 'served', 'skipped', 'transferred'),
      ticketNo: text,
      queue: text,
      serial: text,
      handling: fc.oneof(fc.integer(), fc.constant(1)),
      projectNo: text,
      taskCode: text,
      at: fc.oneof(text, fc.double(), fc.integer()),
    },
    { requiredKeys: ['rateId', 'eventId', 'kind', 'ticketNo'] },
  );
  const message = fc.tuple(fc.constantFrom('RateQuest', 'TicketEvent'), param);
  fc.assert(
    fc.property(fc.array(message, { maxLength: 20 }), (messages) => {
      const follower = followerAt('H1', '3');
      for (const [method, one] of messages) {
        const read = readMessage(JSON.stringify({ method, param: one }));
        const events =
          read.type === 'rateQuest'
            ? follower.request(read.rateQuest)
            : read.type === 'ticketEvent'
              ? follower.ticketEvent(read.ticketEvent)
              : [];
        for (const event of events) expect(QueueEventSchema.safeParse(event).error).toBeUndefined();
      }
    }),
  );
});
