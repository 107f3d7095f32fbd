import { describe, expect, it } from 'vitest';
import { createDeviceJournal, newSigner, rateOnce, toEvent } from '../../../test/support/device-journal.ts';
import { GENESIS } from '../../shared/journal/chain.ts';
import { chainHashes, signsHash } from './chain.ts';
import { readBatch } from './read-batch.ts';

const journal = createDeviceJournal({ deviceId: 'chain-1' });
rateOnce(journal, { serviceKey: 'hall-1', level: 3 });
const { suite, publicKey } = journal.signer;

describe('the chain', () => {
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
