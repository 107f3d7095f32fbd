import { z } from 'zod';
import type { SuiteName } from '../journal/suite.ts';
import { serviceKeyOf, ticketKeyOf } from '../ticket-identity.ts';
import { outsideText, type ServiceKey, TokenIdSchema } from '../words.ts';

/**
 * What a served-ticket token says (docs/ticket-token.md): this ticket was served at this counter. A compact JWS
 * (RFC 7515) of the queue side, good for one service and a few minutes.
 */

/** `EdDSA` is registered (RFC 8037); no registry has a name for SM2, so `SM2` is ours. */
export const TOKEN_ALGORITHMS = ['EdDSA', 'SM2'] as const;
export type TokenAlgorithm = (typeof TOKEN_ALGORITHMS)[number];

/** Who signs and checks each; the hash is part of the suite. */
export const SUITE_OF: Readonly<Record<TokenAlgorithm, SuiteName>> = {
  EdDSA: 'ed25519-sha256',
  SM2: 'sm2-sm3',
};

export const TOKEN_TYPE = 'yiping-ticket+jwt';
export const MAX_TOKEN_CHARS = 4096;
/** A token that claims to live longer is refused, whatever the clock says. */
export const MAX_LIFETIME_S = 900;
/** What two clocks may differ by without anybody being at fault. */
export const LEEWAY_MS = 60_000;

/** Names a key of the queue side among those of a site. */
export const TokenKeyIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1–64 letters, digits, dots, dashes or underscores');

/** Nothing else may stand in the header: no key, no address of one, no extension that would have to be understood. */
export const TokenHeaderSchema = z.strictObject({
  alg: z.enum(TOKEN_ALGORITHMS),
  kid: TokenKeyIdSchema,
  typ: z.literal(TOKEN_TYPE),
});

const SECONDS = z.int().min(0).max(99_999_999_999);

/** The ticket in the words of the link's own messages, so that both give the same `serviceKey`. */
const TokenTicketSchema = z.strictObject({
  number: outsideText(40).min(1),
  queue: outsideText(60).default(''),
  serial: outsideText(100).default(''),
  date: z.iso.date(),
  handling: z.int().min(1).max(9999).default(1),
});

export const TokenClaimsSchema = z.strictObject({
  /** Who signed, for people; what counts is the key. */
  iss: outsideText(100).min(1),
  aud: outsideText(300).min(1),
  jti: TokenIdSchema,
  iat: SECONDS,
  exp: SECONDS,
  ticket: TokenTicketSchema,
});
export type TokenClaims = z.output<typeof TokenClaimsSchema>;

/** `yiping:<hall>/<counter>`, both percent-encoded in UTF-8. */
export function audienceOf(hall: string, counter: string): string {
  return `yiping:${encodeURIComponent(hall)}/${encodeURIComponent(counter)}`;
}

/** Whether this is meant for that counter, however much of it was percent-encoded. */
export function isAudience(aud: string, hall: string, counter: string): boolean {
  const [, ofHall, ofCounter] = /^yiping:([^/]+)\/([^/]+)$/.exec(aud) ?? [];
  if (ofHall === undefined || ofCounter === undefined) return false;
  try {
    return decodeURIComponent(ofHall) === hall && decodeURIComponent(ofCounter) === counter;
  } catch {
    // A percent sign that begins nothing.
    return false;
  }
}

/** The one service that a token with this ticket can prove at that counter. */
export function provenService(
  ticket: TokenClaims['ticket'],
  at: { readonly hall: string; readonly counter: string },
): ServiceKey {
  const { number, queue, serial, date, handling } = ticket;
  const ticketKey = ticketKeyOf({ hall: at.hall, businessDate: date, queue, number, serial });
  return serviceKeyOf({ ticketKey, counter: at.counter, handling });
}
