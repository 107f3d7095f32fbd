import { createHash } from 'node:crypto';
import { type ServiceKey, ServiceKeySchema, type TicketKey, TicketKeySchema } from '../shared/words.ts';

/**
 * Who a ticket and a service are, for ever. The only place where keys are put together; rules for people are in
 * docs/queue-links.md, "Ticket identity".
 *
 * A key is pieces joined by `/`. A piece is percent-encoded, so no piece can reach into its neighbour and no
 * control character survives. A piece that would be too long keeps its beginning and gets `~` and a digest of
 * the whole; an empty piece is `-`. Both marks are encoded when they come from outside.
 */

/** Longest encoded piece by place. Together they stay far below the limits of the schemas in words.ts. */
const PIECE_LIMITS = {
  hall: 32,
  date: 10,
  queue: 32,
  number: 24,
  serial: 36,
  counter: 24,
  handling: 4,
} as const;
const DIGEST_CHARS = 16;

/** One piece of a key, at most `limit` characters of printable ASCII without `/`. */
export function keyPiece(text: string, limit: number): string {
  const wellFormed = text.toWellFormed();
  if (wellFormed === '') return '-';
  if (wellFormed === '-') return '%2D';
  const encoded = encodeURIComponent(wellFormed).replaceAll('~', '%7E');
  if (encoded.length <= limit) return encoded;
  const digest = createHash('sha256').update(wellFormed).digest('hex').slice(0, DIGEST_CHARS);
  return `${encoded.slice(0, limit - DIGEST_CHARS - 1)}~${digest}`;
}

export interface TicketIdentity {
  readonly hall: string;
  /** `yyyy-mm-dd`; the day the ticket belongs to, not the day the message came. */
  readonly businessDate: string;
  readonly queue: string;
  readonly number: string;
  /** What the queue side never gives twice; tells two A001 of one day apart after its restart. May be empty. */
  readonly serial: string;
}

export function ticketKeyOf(ticket: TicketIdentity): TicketKey {
  return TicketKeySchema.parse(
    [
      keyPiece(ticket.hall, PIECE_LIMITS.hall),
      keyPiece(ticket.businessDate, PIECE_LIMITS.date),
      keyPiece(ticket.queue, PIECE_LIMITS.queue),
      keyPiece(ticket.number, PIECE_LIMITS.number),
      keyPiece(ticket.serial, PIECE_LIMITS.serial),
    ].join('/'),
  );
}

/** `handling` counts how often this ticket was taken up at this counter, from 1; only the queue side knows it. */
export function serviceKeyOf(parts: {
  readonly ticketKey: TicketKey;
  readonly counter: string;
  readonly handling: number;
}): ServiceKey {
  const counter = keyPiece(parts.counter, PIECE_LIMITS.counter);
  return ServiceKeySchema.parse(`${parts.ticketKey}/${counter}/${parts.handling}`);
}

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
