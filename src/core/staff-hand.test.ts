import { expect, it } from 'vitest';
import type { LedgerEntry } from '../store/store.ts';
import { createHandMemory, staffAnswerOf } from './staff-hand.ts';

const NOW_MS = Date.UTC(2026, 4, 6, 2, 0, 0);
const HOUR_MS = 3_600_000;

function memoryOf(...entries: readonly Partial<LedgerEntry>[]) {
  return createHandMemory({
    timezone: 'Asia/Shanghai',
    nowMs: () => NOW_MS,
    ledger: ({ sinceMs }) =>
      entries
        .map((more, seq) => ({
          seq,
          atMs: NOW_MS,
          kind: 'invitation.opened' as const,
          serviceKey: `H1/2026-05-06/A/A00${seq}/${seq}/3/1`,
          ticketNumber: null,
          projectNo: null,
          manual: false,
          outcome: null,
          reason: null,
          ...more,
        }))
        .filter(({ atMs }) => atMs >= sinceMs),
  });
}

it('knows a ticket that the queue system had served here today, however it is typed', () => {
  const memory = memoryOf({ ticketNumber: 'A001' });
  expect(memory.isServed('A001', '2026-05-06')).toBe(true);
  expect(memory.isServed('A002', '2026-05-06')).toBe(false);
  expect(memory.isServed('A001', '2026-05-05')).toBe(false);
  expect(memoryOf({ ticketNumber: 'a００１' }).isServed('A001', '2026-05-06')).toBe(true);
});

it.each<[string, Partial<LedgerEntry>, boolean]>([
  ['served and not asked about', { kind: 'service.notInvited', reason: 'nextCalled' }, true],
  ['that nobody came with', { kind: 'service.notInvited', reason: 'skipped' }, false],
  ['that was sent on', { kind: 'service.notInvited', reason: 'transferred' }, false],
  ['asked about by hand', { manual: true, ticketNumber: 'A000' }, false],
])('a ticket %s', (_what, entry, served) => {
  expect(memoryOf(entry).isServed('A000', '2026-05-06')).toBe(served);
});

it('counts what was asked by hand, and nothing else', () => {
  const memory = memoryOf(
    { manual: true, atMs: NOW_MS - 2 * HOUR_MS },
    { manual: true, atMs: NOW_MS - 60_000 },
    { atMs: NOW_MS - 30_000 },
    { kind: 'invitation.closed', atMs: NOW_MS - 10_000 },
  );
  expect(memory.invitedSince(NOW_MS - HOUR_MS)).toEqual([NOW_MS - 60_000]);
});

it('says the link’s word in the screen’s', () => {
  expect(staffAnswerOf({ accepted: true })).toEqual({ accepted: true });
  expect(staffAnswerOf({ accepted: false, reason: 'tooSoon', waitMs: 5 })).toEqual({
    accepted: false,
    reason: 'tooSoon',
  });
  expect(staffAnswerOf({ accepted: false, reason: 'notRunning' })).toMatchObject({ reason: 'notNow' });
});
