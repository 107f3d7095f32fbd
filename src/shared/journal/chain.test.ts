import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drafts, newService } from '../../../test/support/store-parts.ts';
import { canonicalEntry, canonicalText, entryHash, GENESIS } from './chain.ts';
import { ENTRY_BODIES } from './entry.ts';
import { ed25519Sha256 } from './suite.ts';

/** The same value with its names in order, as a body is that came out of its schema. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, item]) => [name, ordered(item)]),
  );
}

const outcomeOf = (work: () => unknown) => {
  try {
    return { text: work() };
  } catch {
    return 'refused';
  }
};

describe('the canonical text', () => {
  it('is the library’s, whichever way it is come by', () => {
    const value = fc.jsonValue({ maxDepth: 10, noUnicodeString: false });
    fc.assert(
      fc.property(value, (found) => {
        const expected = canonicalize(found);
        expect(canonicalText(found)).toBe(expected);
        expect(canonicalText(ordered(found))).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['ill-formed text', { a: '\ud800' }],
    ['an ill-formed name', { '\ud800': 1 }],
    ['no number', { a: [Number.NaN] }],
    ['infinity', { a: Number.POSITIVE_INFINITY }],
    ['nothing', undefined],
    ['a name without a value', { a: undefined, b: 1 }],
    ['a date', { a: new Date(0) }],
    ['something that writes itself', { a: { toJSON: () => 7 } }],
    ['text in a box', { a: new String('é') }],
    ['names that are numbers', { 9: 1, 10: 2 }],
    ['a list with a hole', [1, undefined, 3]],
    ['minus nothing', { a: -0 }],
    ['what is nested deep', { a: { a: { a: { a: { a: { a: { a: { a: { a: { b: 1, a: 2 } } } } } } } } } }],
  ])('of %s too', (_name, value) => {
    const library = outcomeOf(() => {
      const text = canonicalize(value);
      if (text === undefined) throw new Error('none');
      return text;
    });
    expect(outcomeOf(() => canonicalText(value))).toEqual(library);
  });

  it('needs no sorting for what a citizen does', () => {
    const service = newService('s1');
    const acts = [
      drafts.opened(service),
      drafts.chosen(service, 3),
      drafts.withdrawn(service, 3),
      drafts.settled(service, 3),
      drafts.detailed(service, ['303']),
      drafts.helpRequested(service),
      drafts.closed(service),
    ];
    for (const { kind, body } of acts) {
      const parsed: unknown = ENTRY_BODIES[kind].parse(body);
      expect(JSON.stringify(parsed), kind).toBe(canonicalText(parsed));
    }
  });
});

it('an entry’s hash is what the format says, for long bodies and far places too', () => {
  const place = { id: 'id-1', kind: 'rating.chosen', at: 1, boot: '启动', mono: 2 };
  const texts = ['{}', JSON.stringify('满'.repeat(7_000)), JSON.stringify('x'.repeat(40_000))];
  for (const seq of [1, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
    const at = Buffer.alloc(8);
    at.writeBigUInt64BE(BigInt(seq));
    for (const text of texts) {
      const expected = createHash('sha256')
        .update(Buffer.from(GENESIS, 'hex'))
        .update(at)
        .update(canonicalEntry(place, text), 'utf8')
        .digest('hex');
      expect(entryHash(ed25519Sha256, GENESIS, seq, place, text)).toBe(expected);
    }
  }
});
