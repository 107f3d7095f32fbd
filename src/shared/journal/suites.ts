import { generateKeyPairSync } from 'node:crypto';
import { assertNever } from '../words.ts';
import { ed25519Sha256, ed25519Signer, type Signer, type Suite, type SuiteName } from './suite.ts';

/**
 * The suite of a name. The national algorithms are a library in plain JavaScript; a process that never meets
 * them never loads it, so this is asynchronous.
 */
export async function loadSuite(name: SuiteName): Promise<Suite> {
  switch (name) {
    case 'ed25519-sha256':
      return ed25519Sha256;
    case 'sm2-sm3':
      return (await import('./suite-sm2-sm3.ts')).sm2Sm3;
    default:
      return assertNever(name);
  }
}

/** @param pkcs8Pem the suite's private key. Throws when it is anything else. */
export async function loadSigner(name: SuiteName, pkcs8Pem: string): Promise<Signer> {
  switch (name) {
    case 'ed25519-sha256':
      return ed25519Signer(pkcs8Pem);
    case 'sm2-sm3':
      return (await import('./suite-sm2-sm3.ts')).sm2Signer(pkcs8Pem);
    default:
      return assertNever(name);
  }
}

/** A new private key, PKCS#8 PEM. */
export async function makePrivateKey(name: SuiteName): Promise<string> {
  switch (name) {
    case 'ed25519-sha256':
      return generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    case 'sm2-sm3':
      return (await import('./suite-sm2-sm3.ts')).makeSm2PrivateKey();
    default:
      return assertNever(name);
  }
}
