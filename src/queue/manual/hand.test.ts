import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { handServiceKeyOf, readHandInvite, sameNumber } from './hand.ts';

const ticket = (ticketNumber: string) => readHandInvite({ ticketNumber });

describe('what a clerk types or a scanner writes', () => {
  it.each(['A001', ' a001\r\n', 'Ａ００１', 'A 001', 'a001\t'])('is one ticket: %j', (text) => {
    expect(ticket(text)).toEqual({ kind: 'ticket', ticketNumber: 'A001' });
  });

  it('may have Chinese letters and marks in it', () => {
    expect(ticket('社保-12')).toEqual({ kind: 'ticket', ticketNumber: '社保-12' });
  });

  it('is a case with its item', () => {
    expect(readHandInvite({ projectNo: ' 3720260506201400001 ', taskName: '社保\u0007参保登记' })).toEqual({
      kind: 'case',
      projectNo: '3720260506201400001',
      taskName: '社保 参保登记',
    });
  });

  it.each([
    '',
    '   ',
    'x'.repeat(21),
    'http://evil.example/A001',
    '<b>A001</b>',
    'A001;DROP',
    'A\u0000001',
    '-A001',
    '\u202eA001',
    '\ud800',
    'A'.repeat(100_000),
  ])('is refused: %j', (text) => {
    expect(ticket(text.slice(0, 100_000))).toBeUndefined();
  });

  it.each([
    null,
    [],
    'A001',
    {},
    { ticketNumber: 1 },
    { ticketNumber: 'A001', projectNo: '3720260506' },
    { projectNo: '张三' },
    { projectNo: 'AB' },
    { ticketNumber: 'A001', level: 5 },
  ])('is refused: %j', (request) => {
    expect(readHandInvite(request)).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.jsonValue(), fc.record({ ticketNumber: fc.string({ unit: 'binary' }) })),
        (any) => {
          const read = readHandInvite(any);
          expect(read === undefined || typeof read === 'object').toBe(true);
        },
      ),
    );
  });

  it('is compared with what a queue system printed', () => {
    expect(sameNumber('a 001', 'A001')).toBe(true);
    expect(sameNumber('A002', 'A001')).toBe(false);
    expect(sameNumber('<A001>', 'A001')).toBe(false);
  });
});

describe('the key of a service opened by hand', () => {
  const place = { hall: 'H1', counter: '3', businessDate: '2026-05-06' };
  const key = (more: object = {}) =>
    handServiceKeyOf({ ...place, ticket: { kind: 'ticket', ticketNumber: 'A001' }, ...more });

  it('is the same for the same ticket on the same day at the same counter, and no other', () => {
    expect(key()).toBe('H1/2026-05-06/manual/3%2Fticket%2FA001');
    expect(key()).toBe(key());
    const others = [
      key({ counter: '4' }),
      key({ businessDate: '2026-05-07' }),
      key({ hall: 'H2' }),
      key({ ticket: { kind: 'case', projectNo: 'A001', taskName: undefined } }),
    ];
    expect(new Set([key(), ...others]).size).toBe(5);
  });
});
