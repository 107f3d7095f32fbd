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
 * An act is a handful of entries; what waited for a full disk may be thousands, in one commit. A signature at
 * least this often keeps every signed stretch far below the size of one batch, so that it can be delivered.
 */
export const SIGNED_AT_LEAST_EVERY = 64;

/**
 * RFC 8785 text of a value. Throws on what has none: NaN, Infinity, functions, text that is not well-formed
 * Unicode. That it gets here is a bug. test/fixtures/canonical-vectors.json.
 */
export function canonicalText(value: unknown): string {
  if (standsInOrder(value, DEEPEST)) return JSON.stringify(value);
  const text = canonicalize(value);
  if (text === undefined) throw new Error('a value without a canonical form reached the journal');
  return text;
}

/** Deeper than any body; the library takes the rest. */
const DEEPEST = 8;

/**
 * Whether JSON.stringify writes the canonical text of it, in a third of the library's time: plain values whose names
 * stand in the order RFC 8785 asks for. A test holds the two against each other.
 */
function standsInOrder(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object') return typeof value === 'boolean';
  if (value === null) return true;
  if (depth === 0 || 'toJSON' in value) return false;
  if (Array.isArray(value)) return value.every((item) => standsInOrder(item, depth - 1));
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  let before: string | undefined;
  for (const [name, item] of Object.entries(value)) {
    // `<` on strings compares UTF-16 code units, as the order does.
    if (before !== undefined && name < before) return false;
    if (!name.isWellFormed() || !standsInOrder(item, depth - 1)) return false;
    before = name;
  }
  return true;
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
  const most = HEAD_BYTES + MOST_BYTES_PER_UNIT * text.length;
  const bytes = most <= desk.length ? desk : Buffer.allocUnsafe(most);
  bytes.write(prevHex, 0, 32, 'hex');
  bytes.writeUInt32BE(Math.floor(seq / 2 ** 32), 32);
  bytes.writeUInt32BE(seq % 2 ** 32, 36);
  const end = HEAD_BYTES + bytes.write(text, HEAD_BYTES);
  return suite.hashHex(bytes.subarray(0, end));
}

/** UTF-8 of one UTF-16 code unit. */
const MOST_BYTES_PER_UNIT = 3;
/** Where an entry is laid out to be hashed: nearly every one fits, and none needs a buffer of its own. */
const desk = Buffer.allocUnsafe(16 * 1024);
