import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServiceKeySchema, TicketKeySchema } from '../shared/words.ts';
import {
  businessDateOf,
  keyPiece,
  localDate,
  requestServiceKeyOf,
  serviceKeyOf,
  statedDate,
  ticketKeyOf,
} from './identity.ts';

const ticket = { hall: 'H1', businessDate: '2026-05-06', queue: 'A', number: 'A001', serial: '77' };
/** Text as a hostile queue server would send it: lone surrogates and control characters included. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.constantFrom('', '-', '~', '/', '\ud800', 'a\u0000b', '号'.repeat(60)),
);

describe('ticket identity', () => {
  it('joins hall, day, queue, number and serial', () => {
    expect(ticketKeyOf(ticket)).toBe('H1/2026-05-06/A/A001/77');
  });

  it('is another ticket when numbers begin again the next day', () => {
    expect(ticketKeyOf({ ...ticket, businessDate: '2026-05-07' })).not.toBe(ticketKeyOf(ticket));
  });

  it('is another ticket when the queue system restarts its numbers within a day', () => {
    expect(ticketKeyOf({ ...ticket, serial: '78' })).not.toBe(ticketKeyOf(ticket));
  });

  it('gives a transferred ticket a second service and keeps the ticket', () => {
    const ticketKey = ticketKeyOf(ticket);
    const here = serviceKeyOf({ ticketKey, counter: '3', handling: 1 });
    const there = serviceKeyOf({ ticketKey, counter: '4', handling: 1 });
    const back = serviceKeyOf({ ticketKey, counter: '3', handling: 2 });
    expect(new Set([here, there, back]).size).toBe(3);
    expect(here.startsWith(`${ticketKey}/`)).toBe(true);
  });

  it('cannot be made to look like another by a slash in a piece', () => {
    expect(ticketKeyOf({ ...ticket, queue: 'A/A001', number: '' })).not.toBe(
      ticketKeyOf({ ...ticket, queue: 'A', number: 'A001/' }),
    );
  });

  it('fits the schemas and leaves room for an event id, whatever comes', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, hostile, hostile, (hall, queue, number, serial, counter) => {
        const ticketKey = ticketKeyOf({ hall, businessDate: '2026-05-06', queue, number, serial });
        const serviceKey = serviceKeyOf({ ticketKey, counter, handling: 9999 });
        const request = requestServiceKeyOf({
          hall,
          businessDate: '2026-05-06',
          system: queue,
          requestId: number,
        });
        expect(TicketKeySchema.safeParse(ticketKey).success).toBe(true);
        expect(ServiceKeySchema.safeParse(serviceKey).success).toBe(true);
        expect(serviceKey).toMatch(/^[!-~]{1,180}$/);
        expect(request).toMatch(/^[!-~]{1,180}$/);
      }),
    );
  });

  it('keeps different pieces different, however long', () => {
    fc.assert(
      fc.property(hostile, hostile, (one, other) => {
        fc.pre(one.toWellFormed() !== other.toWellFormed());
        expect(keyPiece(one, 32)).not.toBe(keyPiece(other, 32));
      }),
    );
  });
});

describe('business date', () => {
  it.each([
    ['2026-05-06', '2026-05-06'],
    ['2026/5/6 0:00:00', '2026-05-06'],
    ['20260506', '2026-05-06'],
    ['20260506093000', '2026-05-06'],
    ['2026-05-06T23:59:59+08:00', '2026-05-06'],
    [' 2026.05.06 ', '2026-05-06'],
  ])('reads %s', (text, date) => {
    expect(statedDate(text)).toBe(date);
  });

  it.each([undefined, '', '2026-02-30', '2026-13-01', '1970-01-01', '06/05/2026', 'today', '2026-05/06'])(
    'does not believe %s',
    (text) => {
      expect(statedDate(text)).toBeUndefined();
    },
  );

  it('is the day at the hall, not the day in Greenwich, where the message says nothing', () => {
    const arrivedAtMs = Date.UTC(2026, 4, 5, 16, 30);
    expect(localDate(arrivedAtMs, 'Asia/Shanghai')).toBe('2026-05-06');
    expect(businessDateOf({ stated: undefined, arrivedAtMs, timezone: 'Asia/Shanghai' })).toBe('2026-05-06');
    expect(businessDateOf({ stated: '2026-05-05', arrivedAtMs, timezone: 'Asia/Shanghai' })).toBe(
      '2026-05-05',
    );
  });
});
