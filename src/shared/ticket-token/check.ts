import type { Suite } from '../journal/suite.ts';
import type { ServiceKey, TokenReason } from '../words.ts';
import {
  isAudience,
  LEEWAY_MS,
  MAX_LIFETIME_S,
  provenService,
  type TokenAlgorithm,
  type TokenClaims,
  TokenClaimsSchema,
  TokenHeaderSchema,
} from './claims.ts';
import { readCompactJws } from './compact-jws.ts';

/** A key of the queue side that a site trusts, ready to check with (./keys.ts). */
export interface TrustedKey {
  readonly id: string;
  readonly algorithm: TokenAlgorithm;
  readonly suite: Suite;
  readonly publicKey: Uint8Array;
}

export type TokenProof =
  | { readonly ok: true; readonly claims: TokenClaims }
  | { readonly ok: false; readonly reason: TokenReason };

/**
 * Everything about a token but its single use, which needs a memory. Pure. The algorithm is that of the key, as the
 * site has it; the header may only say the same. Nothing inside is looked at before the signature holds.
 */
export function checkTicketToken(
  text: string,
  at: {
    readonly keys: readonly TrustedKey[];
    readonly hall: string;
    readonly counter: string;
    readonly serviceKey: ServiceKey;
    /** UTC ms, by whichever clock the caller trusts most. */
    readonly nowMs: number;
  },
): TokenProof {
  const jws = readCompactJws(text);
  const header = TokenHeaderSchema.safeParse(jws?.header);
  if (!jws || !header.success) return refused('malformed');
  const key = at.keys.find(({ id }) => id === header.data.kid);
  if (!key) return refused('unknownKey');
  if (header.data.alg !== key.algorithm || !key.suite.verify(key.publicKey, jws.signed, jws.signature))
    return refused('forged');
  const claims = TokenClaimsSchema.safeParse(jws.payload);
  if (!claims.success) return refused('malformed');
  const { iat, exp, aud, ticket } = claims.data;
  if (exp <= iat || exp - iat > MAX_LIFETIME_S) return refused('malformed');
  if (!isAudience(aud, at.hall, at.counter)) return refused('otherCounter');
  if (provenService(ticket, at) !== at.serviceKey) return refused('otherTicket');
  if (at.nowMs < iat * 1000 - LEEWAY_MS) return refused('notYet');
  if (at.nowMs >= exp * 1000 + LEEWAY_MS) return refused('expired');
  return { ok: true, claims: claims.data };
}

function refused(reason: TokenReason): TokenProof {
  return { ok: false, reason };
}
