import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';

/** All that a journal's first entry may name. Which is used where: docs/adr/0010-crypto-suites.md. */
export const SUITE_NAMES = ['ed25519-sha256', 'sm2-sm3'] as const;
export type SuiteName = (typeof SUITE_NAMES)[number];

/**
 * A crypto suite: the hash that chains entries and the signature that covers a chain's head. Suites are
 * named in the journal's first entry, so that a journal says itself how it is to be checked. `loadSuite`
 * (./suites.ts) gives the suite of a name.
 */
export interface Suite {
  readonly name: SuiteName;
  /** What a request's `Signature-Input` and `Content-Digest` call these algorithms (../protocol/signature.ts). */
  readonly request: { readonly alg: string; readonly digest: string };
  /** 32 bytes. */
  hash(...parts: readonly Uint8Array[]): Buffer;
  /** The same of one part, lower-case hex. */
  hashHex(bytes: Uint8Array): string;
  /** Whether these bytes have the form of a raw public key. */
  isPublicKey(raw: Uint8Array): boolean;
  /** `publicKey` is the raw key, `signature` 64 bytes. False for anything malformed. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/** Somebody who holds a private key. */
export interface Signer {
  readonly suite: Suite;
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Buffer;
}

/** RFC 8410: an Ed25519 SubjectPublicKeyInfo is this prefix and the 32 raw bytes. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** Turning raw bytes into a key object costs more than a check; one device's key is asked for again and again. */
const keys = new Map<string, KeyObject>();
const KEYS_KEPT = 4096;

function publicKeyObject(raw: Uint8Array): KeyObject {
  const name = Buffer.from(raw).toString('hex');
  const known = keys.get(name);
  if (known) return known;
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
  if (keys.size >= KEYS_KEPT) keys.clear();
  keys.set(name, key);
  return key;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  return parts.length === 1 && only ? only : Buffer.concat(parts);
}

export const ed25519Sha256: Suite = {
  name: 'ed25519-sha256',
  request: { alg: 'ed25519', digest: 'sha-256' },
  // In one call: a hash object costs more than the hash.
  hash: (...parts) => hash('sha256', joined(parts), 'buffer'),
  hashHex: (bytes) => hash('sha256', bytes, 'hex'),
  isPublicKey: (raw) => raw.length === 32,
  verify(publicKey, message, signature) {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    return verify(null, message, publicKeyObject(publicKey), signature);
  },
};

/** @param pkcs8Pem a PKCS#8 PEM of an Ed25519 private key. Throws when it is anything else. */
export function ed25519Signer(pkcs8Pem: string): Signer {
  const privateKey = createPrivateKey(pkcs8Pem);
  if (privateKey.asymmetricKeyType !== 'ed25519')
    throw new Error(`the device key is ${privateKey.asymmetricKeyType}, not ed25519`);
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return {
    suite: ed25519Sha256,
    publicKey: spki.subarray(spki.length - 32),
    sign: (message) => sign(null, message, privateKey),
  };
}
