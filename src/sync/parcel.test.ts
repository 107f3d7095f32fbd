import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ed25519Sha256 } from '../shared/journal/suite.ts';
import type { StoredEntry } from '../shared/journal/verify.ts';
import { MAX_BATCH_ENTRIES } from '../shared/protocol/batch.ts';
import { toEvents } from './events.ts';
import { type PackableStore, pack } from './parcel.ts';

/** Commits of these sizes, one after the other; the last entry of each is signed. */
function journalOf(commits: readonly number[]): readonly StoredEntry[] {
  const ends = new Set(commits.map((_, at) => commits.slice(0, at + 1).reduce((sum, size) => sum + size, 0)));
  const count = commits.reduce((sum, size) => sum + size, 0);
  return Array.from({ length: count }, (_, index) => ({
    seq: index + 1,
    id: `id-${index + 1}`,
    kind: 'clock.jumped',
    at: 1_700_000_000_000 + index,
    boot: 'boot',
    mono: index,
    body: `{"byMs":${index}}`,
    prev: '0'.repeat(64),
    hash: (index + 1).toString(16).padStart(64, '0'),
    sig: ends.has(index + 1) ? 'c2ln' : null,
  }));
}

/** What the real store promises: whole commits, as many as fit, at least one. */
function storeOf(journal: readonly StoredEntry[]): PackableStore {
  return {
    readBatch({ afterSeq, maxEntries }) {
      const rows = journal.slice(afterSeq, afterSeq + maxEntries);
      const end = rows.findLastIndex((entry) => entry.sig !== null) + 1;
      if (end > 0) return rows.slice(0, end);
      return journal.slice(afterSeq, journal.findIndex((entry) => entry.seq > afterSeq && entry.sig) + 1);
    },
  };
}

it('parcels hold whole commits, follow each other, keep the limits, and lose and double nothing', async () => {
  const signer = { suite: ed25519Sha256, publicKey: new Uint8Array(32), sign: () => Buffer.alloc(64) };
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 160 }), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: MAX_BATCH_ENTRIES }),
      async (commits, maxEntries) => {
        const journal = journalOf(commits);
        const store = storeOf(journal);
        let afterSeq = 0;
        while (afterSeq < journal.length) {
          const parcel = pack(store, { deviceId: 'd', afterSeq, maxEntries, maxBytes: 1 << 20 });
          if (!parcel) throw new Error(`nothing to send after ${afterSeq}`);
          expect(parcel.firstSeq).toBe(afterSeq + 1);
          const held = journal.slice(afterSeq, parcel.lastSeq);
          expect(held.at(-1)?.sig).not.toBeNull();
          // One commit is the least that can be proven, so it may go beyond what is allowed; more may not.
          if (held.filter((entry) => entry.sig !== null).length > 1)
            expect(parcel.count).toBeLessThanOrEqual(maxEntries);
          const { body } = await parcel.seal(signer, 0);
          expect(gunzipSync(body).toString()).toBe(toEvents('d', held));
          afterSeq = parcel.lastSeq;
        }
      },
    ),
    { numRuns: 60 },
  );
});
