import { createHmac } from 'node:crypto';
import type { Signer } from '../../src/shared/journal/suite.ts';
import { loadSigner, makePrivateKey } from '../../src/shared/journal/suites.ts';
import { type ServedTicket, signCompact } from '../../tools/ticket-token/sign.ts';

/** Whoever wants a rating without a ticket: has seen tokens, owns keys of their own, and may know the public ones. */
export const HALL = 'yunxi';
export const COUNTER = '3';

export const ATTACKS = ['forged', 'replayed', 'expired', 'otherCounter', 'notYet', 'malformed'] as const;
export type Attack = (typeof ATTACKS)[number];

export interface SiteKey {
  readonly id: string;
  readonly algorithm: 'EdDSA' | 'SM2';
  readonly signer: Signer;
}

export interface Draw {
  /** 0 ≤ n < below. */
  int(below: number): number;
  of<T>(choices: readonly T[]): T;
}

export async function newSiteKey(id: string, algorithm: 'EdDSA' | 'SM2'): Promise<SiteKey> {
  const suite = algorithm === 'EdDSA' ? 'ed25519-sha256' : 'sm2-sm3';
  return { id, algorithm, signer: await loadSigner(suite, await makePrivateKey(suite)) };
}

export interface Attacker {
  /** A token of the queue system itself. */
  honest(ticket: ServedTicket, tokenId: string): string;
  /** A token that must not prove `ticket` at COUNTER. `seen` are honest ones that have been used. */
  hostile(attack: Attack, ticket: ServedTicket, seen: readonly Seen[]): string;
}

export interface Seen {
  readonly token: string;
  readonly tokenId: string;
}

/** @param own the attacker's key for each key of the site, of the same algorithm and under the same id. */
export function createAttacker(parts: {
  readonly key: SiteKey;
  readonly others: readonly SiteKey[];
  readonly own: SiteKey;
  readonly draw: Draw;
  readonly nowMs: () => number;
}): Attacker {
  const { key, others, own, draw, nowMs } = parts;
  const header = (over: object = {}) => ({
    alg: key.algorithm,
    kid: key.id,
    typ: 'yiping-ticket+jwt',
    ...over,
  });
  const claims = (ticket: ServedTicket, over: object = {}) => {
    const { number, queue = '', serial = '', date, handling = 1 } = ticket;
    const iat = Math.floor(nowMs() / 1000);
    return {
      iss: 'queue',
      aud: `yiping:${HALL}/${COUNTER}`,
      jti: `j-${draw.int(2 ** 30)}-${draw.int(2 ** 30)}-padding`,
      iat,
      exp: iat + 300,
      ticket: { number, queue, serial, date, handling },
      ...over,
    };
  };
  const signed = (ticket: ServedTicket, over: object = {}, head: object = {}) =>
    signCompact(key.signer, header(head), claims(ticket, over));

  const FORGERIES: readonly ((ticket: ServedTicket) => string)[] = [
    (ticket) => signCompact(own.signer, header(), claims(ticket)),
    (ticket) => signCompact(own.signer, header({ kid: 'nobody' }), claims(ticket)),
    (ticket) => signCompact(own.signer, header({ jwk: { x: 'own' } }), claims(ticket)),
    (ticket) => signCompact(own.signer, header({ jku: 'https://own.example/' }), claims(ticket)),
    // The other key's name, and the other algorithm's.
    (ticket) => signed(ticket, {}, { kid: draw.of(others).id }),
    (ticket) => signed(ticket, {}, { alg: key.algorithm === 'EdDSA' ? 'SM2' : 'EdDSA' }),
    (ticket) => `${unsigned(header({ alg: 'none' }), claims(ticket))}.`,
    (ticket) => `${unsigned(header(), claims(ticket))}.${Buffer.alloc(64).toString('base64url')}`,
    (ticket) => hmac(unsigned(header({ alg: 'HS256' }), claims(ticket)), key.signer.publicKey),
    (ticket) => hmac(unsigned(header(), claims(ticket)), key.signer.publicKey),
    // A good signature over something else.
    (ticket) => {
      const [head = '', , signature = ''] = signed({ ...ticket, number: 'other' }).split('.');
      return `${head}.${signed(ticket).split('.')[1]}.${signature}`;
    },
    (ticket) => bent(signed(ticket), draw),
    (ticket) => bent(signed(ticket), draw),
    (ticket) => bent(signed(ticket), draw),
  ];

  const MALFORMED: readonly ((ticket: ServedTicket) => string)[] = [
    (ticket) => signed(ticket, { exp: Math.floor(nowMs() / 1000) + 901 + draw.int(9e6) }),
    (ticket) => signed(ticket, {}, { typ: 'JWT' }),
    (ticket) => signed(ticket, {}, { crit: ['exp'] }),
    (ticket) => signed(ticket, { jti: draw.of(['', 'short', 'x'.repeat(65), 'with blanks in it, long']) }),
    (ticket) => signed(ticket, { aud: [`yiping:${HALL}/${COUNTER}`] }),
    (ticket) => signed(ticket, { level: 5 }),
    (ticket) => signed(ticket, { ticket: undefined }),
    (ticket) => signed(ticket, { iss: 'x'.repeat(draw.of([101, 4000])) }),
    (ticket) => `${signed(ticket)}${draw.of(['=', '==', '.', ' ', '\u4e00'])}`,
    (ticket) => draw.of(['', '.', '..', 'null', '{}', 'A'.repeat(4096)]) || ticket.number,
    // A member twice: whoever reads the first and whoever reads the last see another counter.
    (ticket) =>
      signedText(
        JSON.stringify(header()),
        JSON.stringify(claims(ticket)).replace('{', `{"aud":"yiping:${HALL}/4",`),
        key.signer,
      ),
  ];

  return {
    honest: (ticket, tokenId) => signed(ticket, { jti: tokenId }),
    hostile(attack, ticket, seen) {
      switch (attack) {
        case 'forged':
          return draw.of(FORGERIES)(ticket);
        case 'malformed':
          return draw.of(MALFORMED)(ticket);
        case 'replayed': {
          const used = draw.of(seen);
          // For another ticket as it is; or signed anew under the same id by a signer that repeats itself.
          return draw.int(2) === 0 ? used.token : signed(ticket, { jti: used.tokenId });
        }
        case 'expired': {
          const exp = Math.floor(nowMs() / 1000) - 61 - draw.int(draw.of([60, 3600, 3e7]));
          return signed(ticket, { exp, iat: exp - 1 - draw.int(899) });
        }
        case 'notYet': {
          const iat = Math.floor(nowMs() / 1000) + 120 + draw.int(draw.of([60, 3600, 3e7]));
          return signed(ticket, { iat, exp: iat + 1 + draw.int(899) });
        }
        case 'otherCounter':
          return signed(ticket, {
            aud: draw.of([
              `yiping:${HALL}/4`,
              `yiping:${HALL}/33`,
              `yiping:other/${COUNTER}`,
              `yiping:${HALL}`,
              `${HALL}/${COUNTER}`,
              `yiping:${HALL}/${COUNTER}/`,
              `yiping:${HALL}/%`,
              'yiping:*/*',
            ]),
          });
      }
    },
  };
}

function unsigned(header: object, payload: object): string {
  return [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
}

function hmac(text: string, secret: Uint8Array): string {
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

function signedText(header: string, payload: string, signer: Signer): string {
  const text = [header, payload].map((part) => Buffer.from(part).toString('base64url')).join('.');
  return `${text}.${signer.sign(Buffer.from(text)).toString('base64url')}`;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** One character is another one of base64url, anywhere in it. */
function bent(token: string, draw: Draw): string {
  for (;;) {
    const at = draw.int(token.length);
    const character = draw.of([...ALPHABET]);
    if (token[at] !== '.' && token[at] !== character)
      return token.slice(0, at) + character + token.slice(at + 1);
  }
}
