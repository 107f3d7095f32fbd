import canonicalize from 'canonicalize';
import type { EntryContent } from './entry.ts';
import type { Suite } from './suite.ts';

/**
 * How entries are bound together. Both ends of every delivery compute exactly this, and docs/journal-format.md
 * says it so that another implementation can:
 *
 *     hash = H( prev (32 bytes) ‖ seq (unsigned 64 bit, big endian) ‖ UTF-8 of RFC 8785 of
 *               {"at":…,"body":…,"boot":…,"id":…,"kind":…,"mono":…} )
 */
export const GENESIS = '0'.repeat(64);

/**
 * RFC 8785 text of a value. Throws on what has none: NaN, Infinity, functions, text that is not well-formed
 * Unicode. That it gets here is a bug. test/fixtures/canonical-vectors.json.
 */
export function canonicalText(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new Error('a value without a canonical form reached the journal');
  return text;
}

/**
 * The canonical text of an entry, put together around a body that is canonical already. The names stand in
 * the order RFC 8785 asks for; a test holds this against the library's own output.
 */
export function canonicalEntry(content: Omit<EntryContent, 'body'>, canonicalBody: string): string {
  return `{"at":${content.at},"body":${canonicalBody},"boot":${JSON.stringify(content.boot)},"id":${JSON.stringify(content.id)},"kind":${JSON.stringify(content.kind)},"mono":${content.mono}}`;
}

/** Hash of the entry before, and the place. */
const HEAD_BYTES = 32 + 8;

/** @param prevHex hash of the entry before, lower-case hex; GENESIS for seq 1. @returns lower-case hex. */
export function entryHash(
  suite: Suite,
  prevHex: string,
  seq: number,
  content: Omit<EntryContent, 'body'>,
  canonicalBody: string,
): string {
  const text = canonicalEntry(content, canonicalBody);
  const bytes = Buffer.alloc(HEAD_BYTES + Buffer.byteLength(text));
  bytes.write(prevHex, 0, 32, 'hex');
  bytes.writeBigUInt64BE(BigInt(seq), 32);
  bytes.write(text, HEAD_BYTES);
  return suite.hash(bytes).toString('hex');
}
