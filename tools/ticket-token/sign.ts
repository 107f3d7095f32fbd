import { randomBytes } from 'node:crypto';
import type { Signer } from '../../src/shared/journal/suite.ts';
import { loadSigner } from '../../src/shared/journal/suites.ts';

/**
 * Signs served-ticket tokens, as a queue-calling system does: docs/ticket-token.md. Written apart from the check in
 * src/shared/ticket-token, with which it shares the signature algorithms and nothing else.
 */
export interface TokenSignerParts {
  readonly key: {
    readonly id: string;
    readonly algorithm: 'EdDSA' | 'SM2';
    /** PKCS#8, as OpenSSL writes it. */
    readonly privateKeyPem: string;
  };
  /** Names the queue system, for people. */
  readonly issuer: string;
  /** `hall.id` of the tablets' settings. */
  readonly hall: string;
  /** UTC ms; the system's clock unless something else is given. */
  readonly nowMs?: () => number;
}

/** The ticket exactly as the link's own message about it says. */
export interface ServedTicket {
  /** `counter.number` of the tablet's settings. */
  readonly counter: string;
  readonly number: string;
  readonly queue?: string;
  readonly serial?: string;
  /** Business date, `yyyy-mm-dd`. */
  readonly date: string;
  readonly handling?: number;
}

export interface SignOptions {
  /** At most 900. */
  readonly lifetimeS?: number;
  /** 16–64 letters, digits, dashes or underscores; a random one unless given. */
  readonly tokenId?: string;
}

export interface TokenSigner {
  /** Raw public key, base64: what `ticketTokens.keys[].publicKey` takes. */
  readonly publicKey: string;
  sign(ticket: ServedTicket, options?: SignOptions): string;
}

const SUITES = { EdDSA: 'ed25519-sha256', SM2: 'sm2-sm3' } as const;
const LIFETIME_S = 300;

/** @throws when the key is none of its algorithm. */
export async function createTokenSigner(parts: TokenSignerParts): Promise<TokenSigner> {
  const { key, issuer, hall, nowMs = Date.now } = parts;
  const signer = await loadSigner(SUITES[key.algorithm], key.privateKeyPem);
  return {
    publicKey: Buffer.from(signer.publicKey).toString('base64'),
    sign(ticket, options = {}) {
      const { counter, number, queue = '', serial = '', date, handling = 1 } = ticket;
      const iat = Math.floor(nowMs() / 1000);
      return signCompact(
        signer,
        { alg: key.algorithm, kid: key.id, typ: 'yiping-ticket+jwt' },
        {
          iss: issuer,
          aud: `yiping:${encodeURIComponent(hall)}/${encodeURIComponent(counter)}`,
          jti: options.tokenId ?? randomBytes(18).toString('base64url'),
          iat,
          exp: iat + (options.lifetimeS ?? LIFETIME_S),
          ticket: { number, queue, serial, date, handling },
        },
      );
    },
  };
}

/** Any header and payload as a compact JWS, also such as no honest system would sign. */
export function signCompact(signer: Signer, header: object, payload: object): string {
  const text = [header, payload].map((part) => base64url(JSON.stringify(part))).join('.');
  return `${text}.${base64url(signer.sign(Buffer.from(text, 'ascii')))}`;
}

function base64url(bytes: string | Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
