import { randomBytes } from 'node:crypto';
import { sm2, sm4 } from 'sm-crypto-v2';

/**
 * A digital envelope of the national algorithms: SM2 (GB/T 32918.4) around a key and a nonce made for this one
 * record, SM4-GCM (GB/T 32907, RFC 8998) with them around the record. `enc` is 04 ‖ C1 ‖ C3 ‖ C2.
 */
export const SM4_KEY_BYTES = 16;
export const SM4_NONCE_BYTES = 12;
/** 04, the point, the digest, the key and the nonce. */
export const SM2_ENC_BYTES = 1 + 64 + 32 + SM4_KEY_BYTES + SM4_NONCE_BYTES;
/** The order of C1, C3, C2 in the present standard. */
export const C1C3C2 = 1;

export function sm2Sm4Seal(
  publicKey: Uint8Array,
  plain: Uint8Array,
  aad: Uint8Array,
): { readonly enc: Uint8Array; readonly ct: Uint8Array } {
  if (publicKey.length !== 65 || publicKey[0] !== 4)
    throw new Error('the province’s sealing key is not a raw SM2 public key (65 bytes)');
  const key = randomBytes(SM4_KEY_BYTES);
  const iv = randomBytes(SM4_NONCE_BYTES);
  const wrapped = sm2.doEncrypt(Buffer.concat([key, iv]), Buffer.from(publicKey).toString('hex'), C1C3C2);
  const { output, tag } = sm4.encrypt(plain, key, {
    mode: 'gcm',
    iv,
    associatedData: aad,
    output: 'array',
    outputTag: true,
  });
  if (tag?.length !== 16) throw new Error('SM4-GCM gave no tag');
  return { enc: Buffer.from(`04${wrapped}`, 'hex'), ct: Buffer.concat([output, tag]) };
}
