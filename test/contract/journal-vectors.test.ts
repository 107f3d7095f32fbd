import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalEntry, canonicalText, entryHash } from '../../src/shared/journal/chain.ts';
import { ed25519Sha256, ed25519Signer } from '../../src/shared/journal/suite.ts';

interface Vector {
  readonly seq: number;
  readonly id: string;
  readonly kind: string;
  readonly at: number;
  readonly boot: string;
  readonly mono: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly canonical: string;
  readonly prev: string;
  readonly hash: string;
}
const vectors: { readonly entries: readonly Vector[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/journal-vectors.json'), 'utf8'),
);

it.each(vectors.entries)(
  'vector $seq, $kind: computed as docs/journal-format.md says, by nothing of ours',
  (vector) => {
    const { seq, prev, canonical, hash, at, body, boot, id, kind, mono } = vector;
    expect(canonicalize({ kind, mono, id, body, boot, at })).toBe(canonical);
    const place = Buffer.alloc(8);
    place.writeBigUInt64BE(BigInt(seq));
    const digest = createHash('sha256')
      .update(Buffer.from(prev, 'hex'))
      .update(place)
      .update(canonical, 'utf8');
    expect(digest.digest('hex')).toBe(hash);
  },
);

it.each(vectors.entries)('vector $seq, $kind: our own way gives the same', (vector) => {
  const text = canonicalText(vector.body);
  expect(canonicalEntry(vector, text)).toBe(vector.canonical);
  expect(entryHash(ed25519Sha256, vector.prev, vector.seq, vector, text)).toBe(vector.hash);
});

it('the vectors are a chain', () => {
  const hashes = vectors.entries.map((vector) => vector.hash);
  expect(vectors.entries.map((vector) => vector.prev)).toEqual(['0'.repeat(64), ...hashes.slice(0, -1)]);
});

it('a signature is plain Ed25519 over the 32 bytes of the hash', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const signer = ed25519Signer(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
  const hash = Buffer.from(vectors.entries.at(-1)?.hash ?? '', 'hex');
  expect(verify(null, hash, publicKey, signer.sign(hash))).toBe(true);
  expect(ed25519Sha256.verify(signer.publicKey, hash, sign(null, hash, privateKey))).toBe(true);
});

it('the text put together by hand is what RFC 8785 says, for any entry', () => {
  const text = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(
      fc.record({
        id: text,
        kind: text,
        boot: text,
        at: fc.maxSafeInteger(),
        mono: fc.maxSafeNat(),
        body: fc.dictionary(text, fc.jsonValue()),
      }),
      (entry) => {
        expect(canonicalEntry(entry, canonicalText(entry.body))).toBe(canonicalize(entry));
      },
    ),
  );
});
