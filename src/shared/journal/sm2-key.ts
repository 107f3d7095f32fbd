import { randomBytes } from 'node:crypto';
import { sm2 } from 'sm-crypto-v2';

/**
 * SM2 private keys as PKCS#8, as OpenSSL writes and reads them: every field has a fixed length, so the
 * encoding is two constants around the two numbers. Anything else is refused rather than guessed at.
 */
export interface Sm2Key {
  /** 32 bytes, big endian. */
  readonly privateKey: Buffer;
  /** 65 bytes: 04 ‖ x ‖ y. */
  readonly publicKey: Buffer;
}

/** PrivateKeyInfo { 0, id-ecPublicKey with the curve SM2, ECPrivateKey { 1, 32 bytes …. */
const BEFORE_PRIVATE = Buffer.from(
  '308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420',
  'hex',
);
/** … [1] BIT STRING of 65 bytes } }. */
const BEFORE_PUBLIC = Buffer.from('a144034200', 'hex');
const PEM = /^-----BEGIN PRIVATE KEY-----\s+([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----\s*$/;

export function makeSm2Key(): Sm2Key {
  for (;;) {
    const key = keyOf(randomBytes(32));
    if (key) return key;
  }
}

export function derPem({ privateKey, publicKey }: Sm2Key): string {
  const der = Buffer.concat([BEFORE_PRIVATE, privateKey, BEFORE_PUBLIC, publicKey]).toString('base64');
  const lines = der.match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
}

/** Throws when it is anything but an SM2 key, or its two halves do not belong together. */
export function readSm2Key(pkcs8Pem: string): Sm2Key {
  const der = Buffer.from(PEM.exec(pkcs8Pem)?.[1] ?? '', 'base64');
  const atPublic = BEFORE_PRIVATE.length + 32;
  const atPoint = atPublic + BEFORE_PUBLIC.length;
  if (
    der.length !== atPoint + 65 ||
    !der.subarray(0, BEFORE_PRIVATE.length).equals(BEFORE_PRIVATE) ||
    !der.subarray(atPublic, atPoint).equals(BEFORE_PUBLIC)
  )
    throw new Error('the key is not an SM2 private key in PKCS#8 (PEM)');
  const key = keyOf(der.subarray(BEFORE_PRIVATE.length, atPublic));
  if (!key?.publicKey.equals(der.subarray(atPoint)))
    throw new Error('the SM2 key is damaged: its public half does not belong to its private half');
  return key;
}

/** GB/T 32918.1: a private key lies between 1 and the order less two, or signing would divide by zero. */
const LARGEST = Buffer.from('fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54121', 'hex');

function keyOf(privateKey: Buffer): Sm2Key | undefined {
  if (Buffer.compare(privateKey, LARGEST) > 0 || privateKey.every((byte) => byte === 0)) return undefined;
  const publicKey = sm2.getPublicKeyFromPrivateKey(privateKey.toString('hex'));
  return { privateKey: Buffer.from(privateKey), publicKey: Buffer.from(publicKey, 'hex') };
}
