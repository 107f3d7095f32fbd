import { hash as hashOnce } from 'node:crypto';
import { entryHash } from '../../shared/journal/chain.ts';
import type { Suite } from '../../shared/journal/suite.ts';
import { MAX_BATCH_BYTES } from '../../shared/protocol/batch.ts';
import type { WireEntry } from './read-batch.ts';

/** The hashes of entries that follow `prevHex`, in their order. Lower-case hex. */
export function chainHashes(suite: Suite, prevHex: string, entries: readonly WireEntry[]): readonly string[] {
  const hashEntry = suite.name === 'ed25519-sha256' ? sha256Entry : entryHash.bind(undefined, suite);
  const hashes: string[] = [];
  let prev = prevHex;
  for (const entry of entries) {
    prev = hashEntry(prev, entry.seq, entry, entry.bodyText);
    hashes.push(prev);
  }
  return hashes;
}

/** An entry's signature is the device key over the 32 bytes of its hash. */
export function signsHash(suite: Suite, publicKey: Uint8Array, hashHex: string, sig: string): boolean {
  return suite.verify(publicKey, Buffer.from(hashHex, 'hex'), Buffer.from(sig, 'base64'));
}

const scratch = Buffer.allocUnsafe(MAX_BATCH_BYTES + 4096);

/**
 * `entryHash` of the suite ed25519-sha256 for entries that `readBatch` let through, whose id and kind need no
 * escaping: one call into the hash and no allocation, which is most of what an entry costs otherwise. A test
 * holds the two together.
 */
function sha256Entry(prevHex: string, seq: number, entry: WireEntry, bodyText: string): string {
  const text = `{"at":${entry.at},"body":${bodyText},"boot":${JSON.stringify(entry.boot)},"id":"${entry.id}","kind":"${entry.kind}","mono":${entry.mono}}`;
  // A number may be longer in its canonical form than it was on the wire.
  const bytes = text.length * 3 + 40 <= scratch.length ? scratch : Buffer.allocUnsafe(text.length * 3 + 40);
  bytes.write(prevHex, 0, 32, 'hex');
  bytes.writeBigUInt64BE(BigInt(seq), 32);
  const end = 40 + bytes.write(text, 40, 'utf8');
  return hashOnce('sha256', bytes.subarray(0, end), 'hex');
}
