import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/**
 * A crypto suite: the hash that chains entries and the signature that covers a chain's head. Suites are
 * named in the journal's first entry, so that a journal says itself how it is to be checked.
 */
export interface Suite {
  readonly name: 'ed25519-sha256';
  hash(...parts: readonly Uint8Array[]): Buffer;
  /** `publicKey` is the raw key (32 bytes), `signature` 64 bytes. False for anything malformed. */
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

export const ed25519Sha256: Suite = {
  name: 'ed25519-sha256',
  hash(...parts) {
    const digest = createHash('sha256');
    for (const part of parts) digest.update(part);
    return digest.digest();
  },
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
