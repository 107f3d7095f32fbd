import { z } from 'zod';
import { loadSuite } from '../journal/suites.ts';
import type { TrustedKey } from './check.ts';
import { SUITE_OF, TOKEN_ALGORITHMS, type TokenAlgorithm, TokenKeyIdSchema } from './claims.ts';

/** A key of the queue side as settings have it: the public half alone. */
const TokenKeySchema = z
  .strictObject({
    id: TokenKeyIdSchema,
    algorithm: z.enum(TOKEN_ALGORITHMS),
    /** Base64 of the raw key. */
    publicKey: z.base64().max(200),
  })
  .refine(({ algorithm, publicKey }) => isKeyForm(algorithm, Buffer.from(publicKey, 'base64')), {
    path: ['publicKey'],
    message:
      'must be base64 of a raw public key: 32 bytes for EdDSA (and no point of small order), 65 bytes that begin with 04 for SM2',
  });

/** What a kiosk and a province take as the keys of a site. */
export const TokenKeysSchema = z
  .array(TokenKeySchema)
  .max(16)
  .refine(
    (keys) => new Set(keys.map(({ id }) => id)).size === keys.length,
    'must not give one id to two keys',
  );
export type TokenKeys = z.output<typeof TokenKeysSchema>;

/** Points of small order without the sign bit, as hex: under such a "key" signatures can be made by anybody. */
const SMALL_ORDER = [
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
];

function isKeyForm(algorithm: TokenAlgorithm, raw: Buffer): boolean {
  if (algorithm === 'SM2') return raw.length === 65 && raw[0] === 4;
  if (raw.length !== 32) return false;
  const unsigned = Buffer.from(raw);
  unsigned[31] = (unsigned[31] ?? 0) & 0x7f;
  return !SMALL_ORDER.includes(unsigned.toString('hex'));
}

export type LoadedKeys =
  | { readonly ok: true; readonly keys: readonly TrustedKey[] }
  | { readonly ok: false; readonly id: string };

/** Makes keys ready; loads the national algorithms only where a key needs them. @returns the id of a key that is none. */
export async function loadTokenKeys(settings: TokenKeys): Promise<LoadedKeys> {
  const keys: TrustedKey[] = [];
  for (const { id, algorithm, publicKey } of settings) {
    const suite = await loadSuite(SUITE_OF[algorithm]);
    const raw = Buffer.from(publicKey, 'base64');
    if (!suite.isPublicKey(raw)) return { ok: false, id };
    keys.push({ id, algorithm, suite, publicKey: raw });
  }
  return { ok: true, keys };
}
