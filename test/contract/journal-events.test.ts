import { afterEach, expect, it } from 'vitest';
import { canonicalText, entryHash } from '../../src/shared/journal/chain.ts';
import { ed25519Sha256 } from '../../src/shared/journal/suite.ts';
import { BatchSchema } from '../../src/shared/protocol/batch.ts';
import { ENTRY_OVERHEAD_BYTES } from '../../src/store/reading.ts';
import { toEvents } from '../../src/sync/events.ts';
import { drafts, mustOpen, newFolder, newService, rateOnce, storeParts } from '../support/store-parts.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

function journal() {
  const { folder, remove } = newFolder();
  const store = mustOpen(storeParts(folder));
  cleanups.push(remove, () => store.close());
  const service = newService('大厅 "1" \\ 窗口 🏠 e\u0301');
  store.append([drafts.opened(service)]);
  rateOnce(store, 's2', 1);
  return [...store.entries()];
}

it('is a CloudEvents batch as the protocol has it', () => {
  const entries = journal();
  const batch = BatchSchema.parse(JSON.parse(toEvents('hall-01-counter-12', entries)));
  expect(batch.map(({ data, type }) => [data.seq, type])).toEqual(
    entries.map(({ seq, kind }) => [seq, `org.yiping.${kind}`]),
  );
});

it('gives the far end everything it needs to compute the same hashes', () => {
  const entries = journal();
  const batch = BatchSchema.parse(JSON.parse(toEvents('hall-01-counter-12', entries)));
  let prev = '0'.repeat(64);
  for (const [index, { id, type, time, data }] of batch.entries()) {
    const { seq, boot, mono, body } = data;
    const place = { id, kind: type.slice('org.yiping.'.length), at: Date.parse(time), boot, mono };
    prev = entryHash(ed25519Sha256, prev, seq, place, canonicalText(body));
    expect(prev).toBe(entries[index]?.hash);
  }
});

it('costs an entry no more beside its body than the store reckons with', () => {
  for (const entry of journal())
    expect(Buffer.byteLength(toEvents(`d${'x'.repeat(63)}`, [entry]))).toBeLessThan(
      Buffer.byteLength(entry.body) + ENTRY_OVERHEAD_BYTES,
    );
});
