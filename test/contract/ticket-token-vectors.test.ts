import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkTicketToken, type TrustedKey } from '../../src/shared/ticket-token/check.ts';
import { audienceOf, type TokenAlgorithm } from '../../src/shared/ticket-token/claims.ts';
import { loadTokenKeys, TokenKeysSchema } from '../../src/shared/ticket-token/keys.ts';
import { ServiceKeySchema, TOKEN_REASONS } from '../../src/shared/words.ts';
import { openSsl, type Scheme } from '../support/openssl.ts';
import { serviceOf } from '../support/token-site.ts';

/** docs/ticket-token.md as it stands there: vectors for both algorithms, and OpenSSL in the place of a vendor. */
const root = join(import.meta.dirname, '../..');
const { vectors, ...at } = z
  .object({
    hall: z.string(),
    counter: z.string(),
    serviceKey: ServiceKeySchema,
    nowMs: z.int(),
    vectors: z.array(
      z.object({
        algorithm: z.enum(['EdDSA', 'SM2']),
        key: TokenKeysSchema.element,
        header: z.string(),
        payload: z.string(),
        token: z.string(),
        refused: z.array(z.object({ reason: z.enum(TOKEN_REASONS), what: z.string(), token: z.string() })),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(join(root, 'test/fixtures/ticket-token-vectors.json'), 'utf8')));
const page = readFileSync(join(root, 'docs/ticket-token.md'), 'utf8');

const ssl = openSsl();
afterAll(() => ssl.remove());

/** What OpenSSL calls each, and how its public key begins. */
const OPENSSL: Readonly<Record<TokenAlgorithm, { readonly scheme: Scheme; readonly spki: string }>> = {
  EdDSA: { scheme: 'ed25519', spki: '302a300506032b6570032100' },
  SM2: { scheme: 'sm2', spki: '3059301306072a8648ce3d020106082a811ccf5501822d034200' },
};

describe.each(vectors)(
  'the vectors for $algorithm',
  ({ algorithm, key, header, payload, token, refused }) => {
    let keys: readonly TrustedKey[];
    beforeAll(async () => {
      const loaded = await loadTokenKeys([key]);
      if (!loaded.ok) throw new Error(loaded.id);
      keys = loaded.keys;
    });
    const [head = '', body = '', signature = ''] = token.split('.');

    it('are what header and claims in the file give, and prove their service', () => {
      expect([head, body].map((part) => Buffer.from(part, 'base64url').toString())).toEqual([
        header,
        payload,
      ]);
      expect(checkTicketToken(token, { keys, ...at })).toMatchObject({ ok: true });
    });

    it.each(refused)('hold one that is $reason: $what', (wrong) => {
      expect(checkTicketToken(wrong.token, { keys, ...at })).toEqual({ ok: false, reason: wrong.reason });
    });

    it('stand in the page', () => {
      for (const text of [key.publicKey, header, payload, token]) expect(page).toContain(text);
    });

    it('are verified by OpenSSL', () => {
      const { scheme, spki } = OPENSSL[algorithm];
      const der = Buffer.concat([Buffer.from(spki, 'hex'), Buffer.from(key.publicKey, 'base64')]);
      ssl.write(
        'public.pem',
        `-----BEGIN PUBLIC KEY-----\n${der.toString('base64')}\n-----END PUBLIC KEY-----\n`,
      );
      const verifies = (signed: string) => ssl.verifies(scheme, signed, Buffer.from(signature, 'base64url'));
      expect(verifies(`${head}.${body}`)).toBe(true);
      expect(verifies(`${head}.${body}x`)).toBe(false);
    });

    it('are not needed by a vendor who has OpenSSL alone: a token it signs is good', async () => {
      const { scheme } = OPENSSL[algorithm];
      ssl.makeKey(scheme);
      const spki = ssl.run('pkey', '-in', 'key.pem', '-pubout', '-outform', 'DER');
      const publicKey = spki.subarray(algorithm === 'EdDSA' ? -32 : -65).toString('base64');
      const loaded = await loadTokenKeys([{ ...key, publicKey }]);
      if (!loaded.ok) throw new Error(loaded.id);
      const made = `${head}.${body}.${ssl.signs(scheme, `${head}.${body}`).toString('base64url')}`;
      expect(checkTicketToken(made, { keys: loaded.keys, ...at })).toMatchObject({ ok: true });
      expect(checkTicketToken(made, { keys, ...at })).toEqual({ ok: false, reason: 'forged' });
    });
  },
);

it('name hall, counter and ticket as the link’s own key does', () => {
  const ticket = { counter: '3', number: 'A001', queue: '社会保险', serial: '77', date: '2026-05-06' };
  expect(serviceOf(at.hall, ticket).serviceKey).toBe(at.serviceKey);
  expect(page).toContain(audienceOf(at.hall, at.counter));
});
