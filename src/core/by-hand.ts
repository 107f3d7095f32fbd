import { type HandAnswer, type HandMemory, sameNumber } from '../queue/links.ts';
import type { StaffAnswer } from '../shared/screen/staff-contract.ts';
import type { LedgerEntry } from '../store/store.ts';

/** No business date is longer, wherever the hall is. */
const DAY_AND_SOME_MS = 26 * 3_600_000;

/**
 * What the manual link must know of the past, from the journal: so neither a restart nor another link lets a ticket be
 * asked about twice.
 */
export function createHandMemory(parts: {
  readonly ledger: (from: { readonly sinceMs: number }) => readonly LedgerEntry[];
  readonly nowMs: () => number;
  /** The business date of a time, at the hall. */
  readonly dateOf: (atMs: number) => string;
}): HandMemory {
  return {
    isServed: (ticketNumber, businessDate) =>
      parts.ledger({ sinceMs: parts.nowMs() - DAY_AND_SOME_MS }).some(
        (entry) =>
          // One that was asked about, or had ended without: either way the queue side has been done with it.
          (entry.kind === 'invitation.opened' || entry.kind === 'service.notInvited') &&
          !entry.manual &&
          entry.ticketNumber !== null &&
          sameNumber(entry.ticketNumber, ticketNumber) &&
          parts.dateOf(entry.atMs) === businessDate,
      ),
    invitedSince: (sinceMs) =>
      parts
        .ledger({ sinceMs })
        .filter((entry) => entry.kind === 'invitation.opened' && entry.manual)
        .map(({ atMs }) => atMs),
  };
}

/** What the staff screen says of it. */
export function staffAnswerOf(answer: HandAnswer): StaffAnswer {
  if (answer.accepted) return { accepted: true };
  return { accepted: false, reason: answer.reason === 'notRunning' ? 'notNow' : answer.reason };
}
