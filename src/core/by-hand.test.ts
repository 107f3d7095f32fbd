import { describe, expect, it } from 'vitest';
import { HAND_REFUSALS } from '../queue/manual/hand.ts';
import { StaffAnswerSchema } from '../shared/screen/staff-contract.ts';
import type { LedgerEntry } from '../store/store.ts';
import { createHandMemory, staffAnswerOf } from './by-hand.ts';

const NOW = Date.UTC(2026, 4, 6, 4);
const entry = (more: Partial<LedgerEntry>): LedgerEntry => ({
  seq: 1,
  atMs: NOW - 60_000,
  kind: 'invitation.opened',
  serviceKey: 'k',
  ticketNumber: 'A001',
  projectNo: null,
  manual: false,
  outcome: null,
  reason: null,
  ...more,
});
const memory = (...entries: readonly LedgerEntry[]) =>
  createHandMemory({
    ledger: ({ sinceMs }) => entries.filter(({ atMs }) => atMs >= sinceMs),
    isRated: () => false,
    nowMs: () => NOW,
    dateOf: (atMs) => new Date(atMs).toISOString().slice(0, 10),
  });

/** As the journal has it: the ticket's number stands in its key alone. */
const notInvited = {
  kind: 'service.notInvited',
  serviceKey: 'H1/2026-05-06/A/A001/77/3/1',
  ticketNumber: null,
  reason: 'nextCalled',
} as const;

describe('what the journal tells the clerk’s hand', () => {
  it('a ticket was served today, however it is written', () => {
    expect(memory(entry({})).isServed('A001', '2026-05-06')).toBe(true);
    expect(memory(entry({ ticketNumber: 'a 001' })).isServed('A001', '2026-05-06')).toBe(true);
    expect(memory(entry(notInvited)).isServed('A001', '2026-05-06')).toBe(true);
  });

  it.each<readonly [string, Partial<LedgerEntry>]>([
    ['another number', { ticketNumber: 'A002' }],
    ['yesterday', { atMs: NOW - 12 * 3_600_000 }],
    ['by hand', { manual: true }],
    ['without a number', { ticketNumber: null }],
    ['nobody came', { ...notInvited, reason: 'skipped' }],
    ['sent on', { ...notInvited, reason: 'transferred' }],
    ['left for what a hand opened', { ...notInvited, reason: 'openedByHand' }],
    ['only closed', { kind: 'invitation.closed' }],
  ])('it was not: %s', (_, more) => {
    expect(memory(entry(more)).isServed('A001', '2026-05-06')).toBe(false);
  });

  it('when was asked by hand', () => {
    const entries = [entry({ manual: true }), entry({}), entry({ manual: true, kind: 'invitation.closed' })];
    expect(memory(...entries).invitedSince(NOW - 3_600_000)).toEqual([NOW - 60_000]);
    expect(memory(...entries).invitedSince(NOW)).toEqual([]);
  });
});

it('every refusal has its answer at the staff screen', () => {
  for (const reason of HAND_REFUSALS)
    expect(StaffAnswerSchema.safeParse(staffAnswerOf({ accepted: false, reason, waitMs: 5 })).success).toBe(
      true,
    );
  expect(staffAnswerOf({ accepted: true })).toEqual({ accepted: true });
});
