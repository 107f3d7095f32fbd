import { z } from 'zod';
import { canonicalText } from '../journal/chain.ts';
import type { SuiteName } from '../journal/suite.ts';

/**
 * What a citizen writes and how they can be reached is for the province alone: it is sealed to the province's
 * public key before it is stored, and nothing in the hall can open it again. docs/crypto.md has the bytes.
 * Here is what both ends share; sealing is ./seal.ts, opening is the province's own.
 */
export const SEALING_NAMES = ['hpke-x25519-aes256gcm', 'sm2-sm4gcm'] as const;
export type SealingName = (typeof SEALING_NAMES)[number];

/** A site's suite decides how it seals as well. */
export const SEALING_OF: Readonly<Record<SuiteName, SealingName>> = {
  'ed25519-sha256': 'hpke-x25519-aes256gcm',
  'sm2-sm3': 'sm2-sm4gcm',
};

/** Bytes of a raw public key: X25519, or 04 ‖ x ‖ y of SM2. */
export const SEALING_KEY_BYTES: Readonly<Record<SealingName, number>> = {
  'hpke-x25519-aes256gcm': 32,
  'sm2-sm4gcm': 65,
};

/** Names a key of the province. */
export const SealingKeyIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,39}$/, 'must be 1–40 letters, digits or dashes');

/** A text of a thousand characters and a contact, as JSON in UTF-8. */
export const MAX_SEALED_BYTES = 4_000;
/** The length of what was written would say something about it; so it is told in steps only. */
const STEP = 256;

const MAX_CT_BYTES = Math.ceil((MAX_SEALED_BYTES + 1) / STEP) * STEP + 16;

export const SealedSchema = z.strictObject({
  suite: z.enum(SEALING_NAMES),
  /** base64: what the private key turns into the record's own key. */
  enc: z.base64().min(44).max(168),
  /** base64: ciphertext and tag. */
  ct: z
    .base64()
    .min(Math.ceil((STEP + 16) / 3) * 4)
    .max(Math.ceil(MAX_CT_BYTES / 3) * 4),
});
export type Sealed = z.output<typeof SealedSchema>;

/** Where a sealed record belongs: moved to another service, device or key it does not open. */
export interface SealedPlace {
  readonly kind: 'rating.sealed';
  readonly deviceId: string;
  readonly invitation: string;
  readonly serviceKey: string;
  /** Id of the province's key. */
  readonly to: string;
}

/** Says to HPKE what the key is used for. */
export const SEALING_INFO = Buffer.from('yiping sealed 1');

/** RFC 8785 of the place, UTF-8. */
export function placeBytes({ kind, deviceId, invitation, serviceKey, to }: SealedPlace): Buffer {
  return Buffer.from(canonicalText({ kind, deviceId, invitation, serviceKey, to }));
}

/** ISO/IEC 7816-4: 80, then zeros up to the next step. */
export function pad(plain: Uint8Array): Buffer {
  const padded = Buffer.alloc(Math.ceil((plain.length + 1) / STEP) * STEP);
  padded.set(plain);
  padded[plain.length] = 0x80;
  return padded;
}

/** Undefined when it is not padded so. */
export function unpad(padded: Uint8Array): Buffer | undefined {
  let end = padded.length - 1;
  while (end > 0 && padded[end] === 0) end--;
  return padded[end] === 0x80 ? Buffer.from(padded.subarray(0, end)) : undefined;
}
