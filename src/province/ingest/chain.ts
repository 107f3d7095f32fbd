import { entryHash } from '../../shared/journal/chain.ts';
import type { Suite } from '../../shared/journal/suite.ts';
import type { WireEntry } from './read-batch.ts';

/** The hashes of entries that follow `prevHex`, in their order. Lower-case hex. */
export function chainHashes(suite: Suite, prevHex: string, entries: readonly WireEntry[]): readonly string[] {
  const hashes: string[] = [];
  let prev = prevHex;
  for (const entry of entries) {
    prev = entryHash(suite, prev, entry.seq, entry, entry.bodyText);
    hashes.push(prev);
  }
  return hashes;
}

/** An entry's signature is the device key over the 32 bytes of its hash. */
export function signsHash(suite: Suite, publicKey: Uint8Array, hashHex: string, sig: string): boolean {
  return suite.verify(publicKey, Buffer.from(hashHex, 'hex'), Buffer.from(sig, 'base64'));
}
