import { Aes256Gcm, CipherSuite, HkdfSha256 } from '@hpke/core';
import { DhkemX25519HkdfSha256 } from '@hpke/dhkem-x25519';
import { SEALING_INFO } from './sealed.ts';

/**
 * HPKE (RFC 9180), base mode, one message: DHKEM(X25519, HKDF-SHA256) 0x0020, HKDF-SHA256 0x0001, AES-256-GCM
 * 0x0002. Imported only when something is sealed or opened.
 */
export function hpkeSuite() {
  return new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
}

/** WebCrypto wants memory of its own, not a window on a pool. */
export function own(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

export async function hpkeSeal(
  publicKey: Uint8Array,
  plain: Uint8Array,
  aad: Uint8Array,
): Promise<{ readonly enc: Uint8Array; readonly ct: Uint8Array }> {
  const suite = hpkeSuite();
  const recipientPublicKey = await suite.kem.deserializePublicKey(own(publicKey));
  const { enc, ct } = await suite.seal({ recipientPublicKey, info: own(SEALING_INFO) }, own(plain), own(aad));
  return { enc: new Uint8Array(enc), ct: new Uint8Array(ct) };
}
