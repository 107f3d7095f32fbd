import { type HandAnswer, type HandMemory, sameNumber } from '../queue/links.ts';
import type { StaffAnswer } from '../shared/screen/staff-contract.ts';
import { assertNever } from '../shared/words.ts';
import type { LedgerEntry } from '../store/store.ts';
import { NOT_SERVED, ticketNumberIn } from './staff-day.ts';
import { hallTime } from './staff-view.ts';

/** A business date is over a little after its own end wherever the hall is. */
const DAY_AND_SOME_MS = 26 * 3_600_000;

/**
 * What the manual link must know of the past, read from the journal: so a restart makes no limit new, and a ticket that
 * the queue system had served here is not asked about a second time by hand.
 */
export function createHandMemory(parts: {
  readonly ledger: (from: { readonly sinceMs: number }) => readonly LedgerEntry[];
  readonly timezone: string;
  readonly nowMs: () => number;
}): HandMemory {
  const { dateOf } = hallTime(parts.timezone);
  return {
    isServed(ticketNumber, businessDate) {
      return parts.ledger({ sinceMs: parts.nowMs() - DAY_AND_SOME_MS }).some((entry) => {
        const number = servedNumberOf(entry);
        return (
          number !== undefined && dateOf(entry.atMs) === businessDate && sameNumber(number, ticketNumber)
        );
      });
    },
    invitedSince: (sinceMs) =>
      parts
        .ledger({ sinceMs })
        .filter(({ kind, manual }) => kind === 'invitation.opened' && manual)
        .map(({ atMs }) => atMs),
  };
}

/** The number of a ticket that the queue system brought here and that was served, asked about or not. */
function servedNumberOf(entry: LedgerEntry): string | undefined {
  switch (entry.kind) {
    case 'invitation.opened':
      return entry.manual ? undefined : (entry.ticketNumber ?? ticketNumberIn(entry.serviceKey));
    case 'service.notInvited':
      return NOT_SERVED.has(entry.reason ?? '') ? undefined : ticketNumberIn(entry.serviceKey);
    case 'invitation.closed':
      return undefined;
    default:
      return assertNever(entry.kind);
  }
}

/** The manual link's word as the staff screen's. */
export function staffAnswerOf(answer: HandAnswer): StaffAnswer {
  if (answer.accepted) return answer;
  const { reason } = answer;
  return { accepted: false, reason: reason === 'notRunning' ? 'notNow' : reason };
}
