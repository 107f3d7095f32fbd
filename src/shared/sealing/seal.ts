import { assertNever } from '../words.ts';
import {
  MAX_SEALED_BYTES,
  pad,
  placeBytes,
  type Sealed,
  type SealedPlace,
  type SealingName,
} from './sealed.ts';

/**
 * Seals to the province's public key. The libraries are loaded here and now: most counters never seal.
 *
 * @param to the raw public key and how this site seals.
 * @param place bound to the record, so that it opens nowhere else.
 */
export async function seal(
  to: { readonly suite: SealingName; readonly publicKey: Uint8Array },
  plain: Uint8Array,
  place: SealedPlace,
): Promise<Sealed> {
  if (plain.length > MAX_SEALED_BYTES)
    throw new Error(`${plain.length} bytes are to be sealed; at most ${MAX_SEALED_BYTES} are`);
  const parts = await sealBytes(to, pad(plain), placeBytes(place));
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  return { suite: to.suite, enc: base64(parts.enc), ct: base64(parts.ct) };
}

async function sealBytes(
  { suite, publicKey }: { readonly suite: SealingName; readonly publicKey: Uint8Array },
  padded: Uint8Array,
  aad: Uint8Array,
): Promise<{ readonly enc: Uint8Array; readonly ct: Uint8Array }> {
  switch (suite) {
    case 'hpke-x25519-aes256gcm':
      return (await import('./hpke.ts')).hpkeSeal(publicKey, padded, aad);
    case 'sm2-sm4gcm':
      return (await import('./sm2-sm4.ts')).sm2Sm4Seal(publicKey, padded, aad);
    default:
      return assertNever(suite);
  }
}
