import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDeviceJournal, newSigner, rateOnce, toEvent } from '../../../test/support/device-journal.ts';
import { entryHash, GENESIS } from '../../shared/journal/chain.ts';
import { chainHashes, signsHash } from './chain.ts';
import { readBatch } from './read-batch.ts';

const journal = createDeviceJournal({ deviceId: 'chain-1' });
rateOnce(journal, { serviceKey: 'hall-1', level: 3 });
const { suite, publicKey } = journal.signer;

const entries = fc.array(
  fc.record({
    id: fc.uuid(),
    kind: fc.stringMatching(/^[A-Za-z][A-Za-z0-9.-]{0,20}$/),
    at: fc.integer({ min: -1e12, max: 1e14 }),
    boot: fc.string({ minLength: 1, maxLength: 64, unit: 'grapheme' }),
    mono: fc.maxSafeNat(),
    sig: fc.constant(undefined),
    body: fc.constant({}),
    bodyText: fc.object().map((body) => JSON.stringify({ text: '评价', body })),
  }),
  { minLength: 1, maxLength: 5 },
);

describe('the chain', () => {
  it('is the one of the shared words, hash for hash', () => {
    fc.assert(
      fc.property(entries, fc.integer({ min: 1, max: 2 ** 40 }), (drafts, first) => {
        const chain = drafts.map((draft, index) => ({ ...draft, seq: first + index }));
        let prev = 'ab'.repeat(32);
        const wanted = chain.map((entry) => {
          prev = entryHash(suite, prev, entry.seq, entry, entry.bodyText);
          return prev;
        });
        expect(chainHashes(suite, 'ab'.repeat(32), chain)).toEqual(wanted);
      }),
    );
  });

  it('takes an entry larger than any batch', () => {
    const [entry] = fc.sample(entries, { numRuns: 1, seed: 1 })[0] ?? [];
    if (!entry) throw new Error('no entry was made');
    const large = { ...entry, seq: 1, bodyText: JSON.stringify('评'.repeat(600_000)) };
    expect(chainHashes(suite, GENESIS, [large])).toEqual([
      entryHash(suite, GENESIS, 1, large, large.bodyText),
    ]);
  });

  it('comes out as the device made it', () => {
    const read = readBatch(
      Buffer.from(JSON.stringify(journal.entries.map((entry) => toEvent('chain-1', entry)))),
    );
    if (!read.ok) throw new Error(read.refused.message);
    expect(chainHashes(suite, GENESIS, read.entries)).toEqual(journal.entries.map((entry) => entry.hash));
  });

  it('is signed at its last entry, by this key and no other', () => {
    const last = journal.entries.at(-1);
    if (!last?.sig) throw new Error('the last entry is not signed');
    expect(signsHash(suite, publicKey, last.hash, last.sig)).toBe(true);
    expect(signsHash(suite, newSigner().publicKey, last.hash, last.sig)).toBe(false);
    expect(signsHash(suite, publicKey, journal.entries[0]?.hash ?? '', last.sig)).toBe(false);
  });
});
