import { expect, it } from 'vitest';
import type { LedgerEntry } from '../store/store.ts';
import { figuresOf, foldDay, leafOf, ticketNumberIn } from './staff-day.ts';

function entry(kind: LedgerEntry['kind'], serviceKey: string, more: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    seq: 1,
    atMs: 0,
    kind,
    serviceKey,
    ticketNumber: null,
    projectNo: null,
    manual: false,
    outcome: null,
    reason: null,
    ...more,
  };
}

it('who did not come or was sent on was not served and could not be asked', () => {
  const day = foldDay(new Map(), [
    entry('service.notInvited', 'a', { reason: 'skipped' }),
    entry('service.notInvited', 'b', { reason: 'transferred' }),
    entry('service.notInvited', 'c', { reason: 'nextCalled' }),
  ]);
  expect(figuresOf(day.values())).toMatchObject({ served: 1, invited: 0, notInvited: 1 });
});

it('an invitation that was opened before the day began is not the day’s', () => {
  expect(foldDay(new Map(), [entry('invitation.closed', 'a', { outcome: 'rated' })]).size).toBe(0);
});

it('folds on where it was', () => {
  const open = foldDay(new Map(), [entry('invitation.opened', 'a', { ticketNumber: 'A001' })]);
  expect(figuresOf(open.values())).toMatchObject({ invited: 1, rated: 0 });
  const closed = foldDay(open, [entry('invitation.closed', 'a', { outcome: 'rated' })]);
  expect(figuresOf(closed.values())).toMatchObject({ invited: 1, rated: 1 });
  expect(figuresOf(open.values())).toMatchObject({ rated: 0 });
});

it('shows the newest first, leaf by leaf, and never one that is not there', () => {
  const day = foldDay(
    new Map(),
    Array.from({ length: 5 }, (_, index) => entry('invitation.opened', `s${index}`, { atMs: index })),
  );
  const parts = { size: 2, timeOf: String };
  expect(leafOf(day.values(), 0, parts)).toMatchObject({ rows: [{ time: '4' }, { time: '3' }], leaves: 3 });
  expect(leafOf(day.values(), 99, parts)).toMatchObject({ rows: [{ time: '0' }], leaf: 2 });
  expect(leafOf([], 0, parts)).toEqual({ rows: [], leaf: 0, leaves: 1 });
});

it.each([
  ['H1/2026-05-06/A/A001/77/3/1', 'A001'],
  ['H1/2026-05-06/A/%E6%88%B7%2F1/77/3/1', '户/1'],
  ['H1/2026-05-06/A/-/77/3/1', undefined],
  ['H1/2026-05-06/A/%zz/77/3/1', undefined],
  ['H1/2026-05-06/rate-service/20260506093015', undefined],
])('%s names the ticket %s', (key, number) => {
  expect(ticketNumberIn(key)).toBe(number);
});
