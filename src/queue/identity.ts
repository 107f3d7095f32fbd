import { keyPiece, PIECE_LIMITS } from '../shared/ticket-identity.ts';
import { type ServiceKey, ServiceKeySchema } from '../shared/words.ts';

export { keyPiece, serviceKeyOf, type TicketIdentity, ticketKeyOf } from '../shared/ticket-identity.ts';

/** What of ticket identity only links need: services without a ticket, and the business date. Keys: ../shared/ticket-identity.ts. */

/** A service known only by the id of the queue side's request to rate. `system` is the link's name. */
export function requestServiceKeyOf(parts: {
  readonly hall: string;
  readonly businessDate: string;
  readonly system: string;
  readonly requestId: string;
}): ServiceKey {
  return ServiceKeySchema.parse(
    [
      keyPiece(parts.hall, PIECE_LIMITS.hall),
      keyPiece(parts.businessDate, PIECE_LIMITS.date),
      keyPiece(parts.system, PIECE_LIMITS.queue),
      keyPiece(parts.requestId, 64),
    ].join('/'),
  );
}

/**
 * The day a service belongs to: the day the message states, else the day it arrived where the hall is. A
 * message that comes again after midnight without a date would change its day, so links remember the key they
 * gave to an id.
 */
export function businessDateOf(parts: {
  readonly stated: string | undefined;
  readonly arrivedAtMs: number;
  readonly timezone: string;
}): string {
  return statedDate(parts.stated) ?? localDate(parts.arrivedAtMs, parts.timezone);
}

/** `2026-05-06`, `2026/5/6 0:00:00`, `20260506`, `2026-05-06T…` → `2026-05-06`; anything else → nothing. */
export function statedDate(text: string | undefined): string | undefined {
  const match = /^\s*(20\d\d)(?:([-/.])(\d{1,2})\2(\d{1,2})|(\d\d)(\d\d))(?:[T\s].*|\d{6})?\s*$/.exec(
    text ?? '',
  );
  if (!match) return undefined;
  const [year, month, day] = [match[1], match[3] ?? match[5], match[4] ?? match[6]].map(Number);
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const date = new Date(Date.UTC(year, month - 1, day));
  const real = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return real ? date.toISOString().slice(0, 10) : undefined;
}

/** The calendar day in a zone. @throws RangeError for a zone that does not exist. */
export function localDate(atMs: number, timezone: string): string {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).formatToParts(atMs);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}`;
}
