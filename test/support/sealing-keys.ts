import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readSm2Key } from '../../src/shared/journal/sm2-key.ts';
import { makePrivateKey } from '../../src/shared/journal/suites.ts';
import type { SealedPlace, SealingName } from '../../src/shared/sealing/sealed.ts';

/** The raw public half of a private key, as `kiosk.json` has it. */
export function sealingPublicKey(suite: SealingName, pem: string): Buffer {
  if (suite === 'sm2-sm4gcm') return readSm2Key(pem).publicKey;
  return createPublicKey(pem).export({ format: 'der', type: 'spki' }).subarray(-32);
}

/** A province's sealing key. */
export async function makeSealingKey(
  suite: SealingName,
): Promise<{ readonly pem: string; readonly publicKey: Buffer }> {
  const pem =
    suite === 'sm2-sm4gcm'
      ? await makePrivateKey('sm2-sm3')
      : generateKeyPairSync('x25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  return { pem, publicKey: sealingPublicKey(suite, pem) };
}

export const PLACE: SealedPlace = {
  kind: 'rating.sealed',
  deviceId: 'hall-01-counter-12',
  invitation: '019dfb2a-3f80-7000-8000-000000000001',
  serviceKey: 'hall-01/20260506/Q1/A012/1/c12',
  to: 'province-2026',
};
