import { z } from 'zod';
import type { ServiceKey } from '../../shared/words.ts';
import { cleanText } from '../fields.ts';
import { localDate, requestServiceKeyOf } from '../identity.ts';

/**
 * What a clerk or a scanner writes, and which service it means. Pure. A service that a hand opened has a key of a
 * namespace of its own (`…/manual/…`), which no link that hears of tickets ever gives: it cannot become equal to a
 * served ticket, neither here nor at the province.
 */

/** As it comes from the staff screen or a scanner: one of the two numbers. */
export type HandInvite =
  | { readonly ticketNumber: string }
  | { readonly projectNo: string; readonly taskName?: string | undefined };

/** Why a clerk's hand was refused: by the link itself, or because nothing it says is heard now. */
export const HAND_REFUSALS = [
  'tooSoon',
  'tooMany',
  'alreadyServed',
  /** By this hand, today: the service has its rating. */
  'alreadyRated',
  'badInput',
  'notRunning',
  /** The queue side has a ticket open at this counter. */
  'queueServes',
  /** It cannot be heard, and at this site nobody is asked then. */
  'queueLost',
] as const;
export type HandRefusal = (typeof HAND_REFUSALS)[number];

/** `waitMs`: after so long the same would not be refused for this reason. */
export type HandAnswer =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly reason: HandRefusal; readonly waitMs?: number };

/** What the link must know of the past, from whoever keeps the journal; so a restart makes no limit new. */
export interface HandMemory {
  /** The queue-calling system had this ticket served at this counter on this day. Compare with `sameNumber`. */
  isServed(ticketNumber: string, businessDate: string): boolean;
  /** A rating of this service is kept; `unreadable` is not, for then the session says what is so. */
  isRated(serviceKey: ServiceKey): boolean;
  /** When invitations by hand were opened since then, UTC ms. */
  invitedSince(sinceMs: number): readonly number[];
}

/** One that can be meant. */
export type HandTicket =
  | { readonly kind: 'ticket'; readonly ticketNumber: string }
  | { readonly kind: 'case'; readonly projectNo: string; readonly taskName: string | undefined };

/** A scanner writes what is printed, and may put a line end after it; nothing honest is longer. */
const MAX_TYPED = 200;
/** A service that began before midnight is over by then. */
const OVER_MIDNIGHT_MS = 4 * 3_600_000;
/** `A001`, `社保12`, `B-7`; no white space, no address, no markup. */
const TICKET_NUMBER = /^[\p{L}\p{N}][\p{L}\p{N}._#-]{0,19}$/u;
const PROJECT_NO = /^[A-Z0-9][A-Z0-9._/-]{2,49}$/;

const typed = z.string().max(MAX_TYPED);
const HandInviteSchema = z.union([
  z.strictObject({ ticketNumber: typed }),
  z.strictObject({ projectNo: typed, taskName: z.string().max(1000).optional() }),
]);

/** @returns undefined for what cannot be meant. Never throws, whatever was scanned. */
export function readHandInvite(request: unknown): HandTicket | undefined {
  const read = HandInviteSchema.safeParse(request);
  if (!read.success) return undefined;
  if ('ticketNumber' in read.data) {
    const ticketNumber = plain(read.data.ticketNumber);
    return TICKET_NUMBER.test(ticketNumber) ? { kind: 'ticket', ticketNumber } : undefined;
  }
  const projectNo = plain(read.data.projectNo);
  const taskName = cleanText(read.data.taskName ?? '', 200);
  if (!PROJECT_NO.test(projectNo)) return undefined;
  return { kind: 'case', projectNo, taskName: taskName === '' ? undefined : taskName };
}

/** `ａ００１`, `a001` and `A001 ⏎` are one ticket. */
function plain(text: string): string {
  return text.toWellFormed().normalize('NFKC').replace(/\s/g, '').toUpperCase();
}

/** The same number on the same day at the same counter is the same service, also after a restart. */
export function handServiceKeyOf(parts: {
  readonly hall: string;
  readonly counter: string;
  readonly businessDate: string;
  readonly ticket: HandTicket;
}): ServiceKey {
  const { ticket } = parts;
  const what = ticket.kind === 'ticket' ? ticket.ticketNumber : ticket.projectNo;
  return requestServiceKeyOf({
    hall: parts.hall,
    businessDate: parts.businessDate,
    system: 'manual',
    requestId: `${parts.counter}/${ticket.kind}/${what}`,
  });
}

/**
 * The keys under which a hand may have opened the ticket with this number a moment or a shift ago: of today, and of
 * yesterday while it is hardly over. None for a number that no hand can type.
 */
export function handKeysOf(parts: {
  readonly hall: string;
  readonly counter: string;
  readonly timezone: string;
  readonly ticketNumber: string;
  readonly nowMs: number;
}): readonly ServiceKey[] {
  const ticket = readHandInvite({ ticketNumber: parts.ticketNumber });
  if (!ticket) return [];
  const { hall, counter, timezone, nowMs } = parts;
  const dates = new Set([nowMs, nowMs - OVER_MIDNIGHT_MS].map((atMs) => localDate(atMs, timezone)));
  return [...dates].map((businessDate) => handServiceKeyOf({ hall, counter, businessDate, ticket }));
}

/** Whether a number as a queue system printed it is the one a clerk typed: spaces, width and case aside. */
export function sameNumber(printed: string, ticketNumber: string): boolean {
  const read = readHandInvite({ ticketNumber: printed });
  return read?.kind === 'ticket' && read.ticketNumber === ticketNumber;
}
