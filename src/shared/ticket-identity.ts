import { createHash } from 'node:crypto';
import { type ServiceKey, ServiceKeySchema, type TicketKey, TicketKeySchema } from './words.ts';

/**
 * Who a ticket and a service are, for ever. The only place where keys are put together, for the links, for the check
 * of a served-ticket token, and for the province; rules for people are in docs/queue-links.md, "Ticket identity".
 *
 * A key is pieces joined by `/`. A piece is percent-encoded, so no piece can reach into its neighbour and no
 * control character survives. A piece that would be too long keeps its beginning and gets `~` and a digest of
 * the whole; an empty piece is `-`. Both marks are encoded when they come from outside.
 */

/** Longest encoded piece by place. Together they stay far below the limits of the schemas in words.ts. */
export const PIECE_LIMITS = {
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
