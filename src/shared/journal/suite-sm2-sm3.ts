import { createHash, getHashes } from 'node:crypto';
import { sm2, sm3 } from 'sm-crypto-v2';
import { derPem, makeSm2Key, readSm2Key } from './sm2-key.ts';
import type { Signer, Suite } from './suite.ts';

/**
 * The suite `sm2-sm3` (GB/T 32918.2, GB/T 32905). Imported only by ./suites.ts, when a site or a device uses
 * it. Public key: 65 bytes, 04 ‖ x ‖ y. Signature: 64 bytes, r ‖ s, over SM3(Z ‖ message), Z with the
 * standard user id.
 */
const USER_ID = '1234567812345678';

/** Node's own OpenSSL has SM3 and is three times as fast; Electron's BoringSSL has it not. A test holds the two together. */
const hasNativeSm3 = getHashes().includes('sm3');

/** @param bySoftware for the test that holds both ways together. */
export function sm3Digest(parts: readonly Uint8Array[], bySoftware = !hasNativeSm3): Buffer {
  if (bySoftware) return Buffer.from(sm3(Buffer.concat(parts)), 'hex');
  const digest = createHash('sm3');
  for (const part of parts) digest.update(part);
  return digest.digest();
}

/** The group's order: r and s lie between 1 and one less. */
const ORDER = Buffer.from('fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123', 'hex');

function isScalar(bytes: Uint8Array): boolean {
  return Buffer.compare(bytes, ORDER) < 0 && bytes.some((byte) => byte !== 0);
}

type PreparedKey = ReturnType<typeof sm2.precomputePublicKey>;

/** Tables that halve a check cost a key less than a tenth of a megabyte and one check's time; one device's key is asked for again and again. */
const prepared = new Map<string, PreparedKey>();
const KEYS_KEPT = 128;
const WINDOW = 4;

/** Throws when the bytes are no point of the curve. */
function preparedKey(publicKey: Uint8Array): PreparedKey {
  const name = Buffer.from(publicKey).toString('hex');
  const known = prepared.get(name);
  if (known) {
    // Last used goes last: a Map keeps the order of insertion, and the first is the one to give up.
    prepared.delete(name);
    prepared.set(name, known);
    return known;
  }
  const key = sm2.precomputePublicKey(name, WINDOW);
  const [oldest] = prepared.keys();
  if (prepared.size >= KEYS_KEPT && oldest !== undefined) prepared.delete(oldest);
  prepared.set(name, key);
  return key;
}

export const sm2Sm3: Suite = {
  name: 'sm2-sm3',
  request: { alg: 'sm2-sm3', digest: 'sm3' },
  hash: (...parts) => sm3Digest(parts),
  hashHex: (bytes) => sm3Digest([bytes]).toString('hex'),
  isPublicKey(raw) {
    if (raw.length !== 65 || raw[0] !== 4) return false;
    try {
      return sm2.verifyPublicKey(Buffer.from(raw).toString('hex'));
    } catch {
      return false;
    }
  },
  verify(publicKey, message, signature) {
    if (publicKey.length !== 65 || publicKey[0] !== 4 || signature.length !== 64) return false;
    if (!isScalar(signature.subarray(0, 32)) || !isScalar(signature.subarray(32))) return false;
    try {
      const hex = Buffer.from(signature).toString('hex');
      return sm2.doVerifySignature(message, hex, preparedKey(publicKey), { hash: true, userId: USER_ID });
    } catch {
      // The library throws at a key that is no point and at sums that have no inverse.
      return false;
    }
  },
};

/** @param pkcs8Pem a PKCS#8 PEM of an SM2 private key. Throws when it is anything else. */
export function sm2Signer(pkcs8Pem: string): Signer {
  const { privateKey, publicKey } = readSm2Key(pkcs8Pem);
  const publicKeyHex = publicKey.toString('hex');
  const privateKeyHex = privateKey.toString('hex');
  return {
    suite: sm2Sm3,
    publicKey,
    sign: (message) =>
      Buffer.from(
        sm2.doSignature(message, privateKeyHex, { hash: true, publicKey: publicKeyHex, userId: USER_ID }),
        'hex',
      ),
  };
}

export function makeSm2PrivateKey(): string {
  return derPem(makeSm2Key());
}
