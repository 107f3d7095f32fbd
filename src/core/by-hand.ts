import { type HandAnswer, type HandMemory, handKeysOf, sameNumber } from '../queue/links.ts';
import { OPENED_BY_HAND } from '../session/kiosk.ts';
import type { Clock } from '../shared/clock.ts';
import type { StaffAnswer } from '../shared/screen/staff-contract.ts';
import { assertNever, type Service, type ServiceKey } from '../shared/words.ts';
import type { LedgerEntry } from '../store/store.ts';
import type { KioskConfig } from './config.ts';
import { NOT_SERVED, ticketNumberIn } from './staff-day.ts';

/** No business date is longer, wherever the hall is. */
const DAY_AND_SOME_MS = 26 * 3_600_000;

/**
 * What the manual link must know of the past, from the journal: so neither a restart nor another link lets a ticket be
 * asked about twice.
 */
export function createHandMemory(parts: {
  readonly ledger: (from: { readonly sinceMs: number }) => readonly LedgerEntry[];
  readonly isRated: (serviceKey: ServiceKey) => boolean;
  readonly nowMs: () => number;
  /** The business date of a time, at the hall. */
  readonly dateOf: (atMs: number) => string;
}): HandMemory {
  return {
    isServed: (ticketNumber, businessDate) =>
      parts.ledger({ sinceMs: parts.nowMs() - DAY_AND_SOME_MS }).some((entry) => {
        const number = servedNumberOf(entry);
        return (
          number !== undefined &&
          sameNumber(number, ticketNumber) &&
          parts.dateOf(entry.atMs) === businessDate
        );
      }),
    isRated: parts.isRated,
    invitedSince: (sinceMs) =>
      parts
        .ledger({ sinceMs })
        .filter((entry) => entry.kind === 'invitation.opened' && entry.manual)
        .map(({ atMs }) => atMs),
  };
}

/** The number of a ticket that the queue system brought here and is done with, asked about or not. */
function servedNumberOf(entry: LedgerEntry): string | undefined {
  switch (entry.kind) {
    case 'invitation.opened':
      return entry.manual ? undefined : (entry.ticketNumber ?? ticketNumberIn(entry.serviceKey));
    case 'service.notInvited': {
      const reason = entry.reason ?? '';
      // Left because a hand opened something: it may be this very ticket, at whose service the queue side was lost.
      const isOver = !NOT_SERVED.has(reason) && reason !== OPENED_BY_HAND;
      return isOver ? (entry.ticketNumber ?? ticketNumberIn(entry.serviceKey)) : undefined;
    }
    case 'invitation.closed':
      return undefined;
    default:
      return assertNever(entry.kind);
  }
}

/** Under which keys a clerk may have opened a ticket here that the queue side speaks of: one ticket, one rating. */
export function createHandKeys(
  config: Pick<KioskConfig, 'hall' | 'counter' | 'timezone'>,
  clock: Pick<Clock, 'nowMs'>,
) {
  const { timezone } = config;
  const place = { hall: config.hall.id, counter: config.counter.number, timezone };
  return ({ ticketNumber }: Service): readonly ServiceKey[] =>
    ticketNumber === undefined ? [] : handKeysOf({ ...place, ticketNumber, nowMs: clock.nowMs() });
}

/** What the staff screen says of it. */
export function staffAnswerOf(answer: HandAnswer): StaffAnswer {
  if (answer.accepted) return { accepted: true };
  return { accepted: false, reason: answer.reason === 'notRunning' ? 'notNow' : answer.reason };
}
