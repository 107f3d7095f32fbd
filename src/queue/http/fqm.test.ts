import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareFqm, type FqmTicket, readFqmTickets } from './fqm.ts';
import { readPoll, readPush } from './message.ts';
import { retryAfterMs } from './retry-after.ts';

const PARTS = {
  counter: '3',
  offices: { 1: '3', 2: '4' },
  tasks: { 5: '社保' },
  processedMeans: 'served',
} as const;
const pulled = (id: number, more: Partial<FqmTicket> = {}): FqmTicket => ({
  id,
  number: String(100 + id),
  date: '2026-05-06',
  p: true,
  pdt: `2026-05-06T01:00:0${id}`,
  status: 'Waiting',
  on_hold: false,
  office_id: 1,
  task_id: 5,
  ...more,
});
const kinds = (before: readonly FqmTicket[], after: readonly FqmTicket[]) =>
  compareFqm({ ...compareFqm(undefined, before, PARTS), lookedBeforeMs: 800 }, after, PARTS).happened.map(
    (event) => `${event.kind} ${event.ticketNo}`,
  );
const done = (id: number) => pulled(id, { status: 'Processed' });
/** What is present after looks at these lists, one after the other, the first after a start. */
const presentAfter = (
  ...looks: (readonly [tickets: readonly FqmTicket[], lookedBeforeMs?: number, wasLost?: true])[]
) => {
  let last: ReturnType<typeof compareFqm> | undefined;
  for (const [tickets, lookedBeforeMs = 800, wasLost] of looks)
    last = compareFqm(last && { ...last, lookedBeforeMs, ...(wasLost && { wasLost }) }, tickets, PARTS);
  return `${last?.present.phase} ${last?.present.ticket?.ticketNo ?? ''}`.trim();
};

describe('two looks at FQM’s list', () => {
  it('the first look is only the present', () => {
    const { happened, present } = compareFqm(undefined, [pulled(1), pulled(2)], PARTS);
    expect(happened).toEqual([]);
    expect(present).toMatchObject({
      phase: 'serving',
      ticket: { ticketNo: '102', serial: '2', item: '社保' },
    });
  });

  it('tells what happened in the order in which tickets were pulled', () => {
    expect(kinds([], [pulled(2), pulled(1, { status: 'Processed' })])).toEqual([
      'called 101',
      'served 101',
      'called 102',
    ]);
  });

  it.each([
    ['pulled again', pulled(1, { pdt: '2026-05-06T01:09:00' }), ['recalled 101']],
    ['nobody came', pulled(1, { status: 'Unattended' }), ['skipped 101']],
    ['parked', pulled(1, { on_hold: true }), ['skipped 101']],
    ['finished', pulled(1, { status: 'Processed' }), ['served 101']],
    ['moved to another office', pulled(1, { office_id: 2 }), ['transferred 101']],
    ['unchanged', pulled(1), []],
  ])('%s', (_, after, expected) => {
    expect(kinds([pulled(1)], [after])).toEqual(expected);
  });

  it('asks nobody about a ticket that is finished after the next was called', () => {
    expect(kinds([pulled(1), pulled(2)], [done(1), pulled(2)])).toEqual([]);
    expect(kinds([pulled(1)], [done(1), pulled(2)])).toEqual(['served 101', 'called 102']);
  });

  it('takes the page away when the ticket is gone from the list', () => {
    const before = { ...compareFqm(undefined, [pulled(1)], PARTS), lookedBeforeMs: 800 };
    expect(compareFqm(before, [], PARTS)).toMatchObject({ happened: [], present: { phase: 'idle' } });
  });

  it('asks nobody about what was finished before the first look, however long that is looked at', () => {
    expect(presentAfter([[done(1)]])).toBe('idle');
    expect(presentAfter([[done(1)]], [[done(1)]], [[done(1)], 800, true])).toBe('idle');
    // Neither when the ticket after it is gone again.
    expect(presentAfter([[done(1), pulled(2)]], [[done(1)]])).toBe('idle');
    expect(presentAfter([[done(1)]], [[done(1), pulled(2)]], [[done(1), done(2)]])).toBe('rating 102');
    expect(presentAfter([[done(1)]], [[pulled(1, { pdt: '2026-05-06T01:09:00' })]])).toBe('serving 101');
  });

  it('after a loss asks about what was finished meanwhile, if that cannot be long ago', () => {
    expect(presentAfter([[pulled(1)]], [[done(1)], 170_000, true])).toBe('rating 101');
    expect(presentAfter([[pulled(1)]], [[done(1), done(2)], 170_000, true])).toBe('rating 102');
    expect(presentAfter([[pulled(1)]], [[done(1)], 190_000, true])).toBe('idle');
    // Whoever was asked when it was lost is asked on, and not the next morning.
    expect(presentAfter([[pulled(1)]], [[done(1)]], [[done(1)], 170_000, true])).toBe('rating 101');
    expect(presentAfter([[pulled(1)]], [[done(1)]], [[done(1)], 50_000_000, true])).toBe('idle');
    expect(presentAfter([[pulled(1)]], [[pulled(1)], 190_000, true], [[done(1)]])).toBe('rating 101');
  });

  it('what happened while it was lost is told by the present alone', () => {
    const before = {
      ...compareFqm(undefined, [pulled(1)], PARTS),
      lookedBeforeMs: 3000,
      wasLost: true,
    } as const;
    expect(compareFqm(before, [done(1), pulled(2)], PARTS)).toMatchObject({
      happened: [],
      present: { phase: 'serving', ticket: { ticketNo: '102' } },
    });
  });

  it('takes Processed for called where the code is as published', () => {
    const { present } = compareFqm(undefined, [pulled(1, { status: 'Processed' })], {
      ...PARTS,
      processedMeans: 'called',
    });
    expect(present.phase).toBe('serving');
  });

  it('leaves the name behind', () => {
    const read = readFqmTickets(JSON.stringify([{ ...pulled(1), number: 101, name: '张三' }]));
    expect(read).toHaveLength(1);
    expect(JSON.stringify(read)).not.toContain('张三');
  });
});

describe('whatever comes over HTTP', () => {
  it('is read or refused, never thrown at us', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
        expect(readPush(text).type).toBeTypeOf('string');
        expect(readPoll(text).type).toBeTypeOf('string');
        const tickets = readFqmTickets(text);
        if (tickets) compareFqm(undefined, tickets, PARTS);
      }),
    );
  });

  it.each([
    ['2', 2000],
    ['Wed, 06 May 2026 01:00:05 GMT', 5000],
    ['999999', 60_000],
    ['-1', undefined],
    ['soon', undefined],
    [undefined, undefined],
  ])('Retry-After %s', (value, expected) => {
    const nowMs = Date.UTC(2026, 4, 6, 1, 0, 0);
    expect(retryAfterMs(value, nowMs)).toBe(expected);
  });
});
