import { createPrivateKey } from 'node:crypto';
import { sm2, sm4 } from 'sm-crypto-v2';
import { readSm2Key } from '../../shared/journal/sm2-key.ts';
import { hpkeSuite, own } from '../../shared/sealing/hpke.ts';
import {
  placeBytes,
  SEALING_INFO,
  type Sealed,
  type SealedPlace,
  SealedSchema,
  unpad,
} from '../../shared/sealing/sealed.ts';
import { C1C3C2, SM2_ENC_BYTES, SM4_KEY_BYTES } from '../../shared/sealing/sm2-sm4.ts';
import { assertNever } from '../../shared/words.ts';

export type Opened =
  | { readonly ok: true; readonly plain: Buffer }
  | { readonly ok: false; readonly message: string };

/**
 * Opens what a kiosk sealed. Only the province can: it alone holds the private key, and no room of the kiosk
 * has this code.
 *
 * @param pkcs8Pem the private key that `place.to` names, as OpenSSL writes it. Throws when it is anything else.
 * @param place where the record was found; one that was moved does not open.
 */
export async function openSealed(pkcs8Pem: string, sealed: Sealed, place: SealedPlace): Promise<Opened> {
  const unopened: Opened = {
    ok: false,
    message: `The sealed record of service ${place.serviceKey} does not open: it was sealed to another key than ${place.to}, was changed, or belongs elsewhere.`,
  };
  if (!SealedSchema.safeParse(sealed).success) return unopened;
  const openWith = keyFor(sealed.suite, pkcs8Pem);
  try {
    const padded = await openWith(
      Buffer.from(sealed.enc, 'base64'),
      Buffer.from(sealed.ct, 'base64'),
      placeBytes(place),
    );
    const plain = padded && unpad(padded);
    return plain ? { ok: true, plain } : unopened;
  } catch {
    return unopened;
  }
}

type OpenWith = (enc: Buffer, ct: Buffer, aad: Buffer) => Promise<Uint8Array | undefined>;

function keyFor(suite: Sealed['suite'], pem: string): OpenWith {
  switch (suite) {
    case 'hpke-x25519-aes256gcm': {
      const key = createPrivateKey(pem);
      if (key.asymmetricKeyType !== 'x25519')
        throw new Error(`the sealing key is ${key.asymmetricKeyType}, not x25519`);
      const raw = Buffer.from(String(key.export({ format: 'jwk' })['d']), 'base64url');
      return async (enc, ct, aad) => {
        const hpke = hpkeSuite();
        const recipientKey = await hpke.kem.deserializePrivateKey(own(raw));
        const parameters = { recipientKey, enc: own(enc), info: own(SEALING_INFO) };
        return new Uint8Array(await hpke.open(parameters, own(ct), own(aad)));
      };
    }
    case 'sm2-sm4gcm': {
      const privateKey = readSm2Key(pem).privateKey.toString('hex');
      return async (enc, ct, aad) => openSm2Sm4(privateKey, enc, ct, aad);
    }
    default:
      return assertNever(suite);
  }
}

function openSm2Sm4(privateKey: string, enc: Buffer, ct: Buffer, aad: Buffer): Uint8Array | undefined {
  if (enc.length !== SM2_ENC_BYTES || enc[0] !== 4) return undefined;
  const keyAndNonce = sm2.doDecrypt(enc.subarray(1).toString('hex'), privateKey, C1C3C2, { output: 'array' });
  if (keyAndNonce.length === 0) return undefined;
  return sm4.decrypt(ct.subarray(0, -16), keyAndNonce.slice(0, SM4_KEY_BYTES), {
    mode: 'gcm',
    iv: keyAndNonce.slice(SM4_KEY_BYTES),
    associatedData: aad,
    tag: ct.subarray(-16),
    output: 'array',
  });
}
