import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { copiedRows } from '../../../test/support/copy-rows.ts';
import { createDeviceJournal, rateOnce, toEvent } from '../../../test/support/device-journal.ts';
import { GENESIS } from '../../shared/journal/chain.ts';
import { MAX_BATCH_BYTES } from '../../shared/protocol/batch.ts';
import { createBatchReader } from './batch-reader.ts';
import type { Link } from './chain-batch.ts';

const journal = createDeviceJournal({ deviceId: 'reader-1' });
for (let n = 1; n <= 60; n++) rateOnce(journal, { serviceKey: `reader/${n}`, level: 2, codes: ['207'] });
const device = { id: 'reader-1', suite: journal.signer.suite, publicKey: journal.signer.publicKey };
const packed = (entries = journal.entries) =>
  gzipSync(JSON.stringify(entries.map((entry) => toEvent('reader-1', entry))));
const begin: Link = { afterSeq: 0, afterHash: GENESIS, heldTo: 0 };

describe('a batch', () => {
  const here = createBatchReader(0);
  const beside = createBatchReader(1);
  afterAll(() => beside.close());
  const both = async (body: Buffer, link: Link) => {
    const facts = { link, nowMs: 1_764_000_000_000, clockOffsetMs: 250 };
    const inThread = await beside.read(body, device, facts);
    expect(inThread).toEqual(await here.read(body, device, facts));
    return inThread;
  };

  it('says the same whether it is read in a thread or not', async () => {
    const read = await both(packed(), begin);
    expect(read).toMatchObject({
      ok: true,
      batch: {
        firstSeq: 1,
        lastSeq: journal.entries.length,
        chained: { signed: true, lastHash: journal.entries.at(-1)?.hash },
      },
    });
    if (!read.ok) return;
    expect(read.batch.chained?.hashes.split('\n')).toEqual(journal.entries.map(({ hash }) => hash));
    expect(read.batch.chained?.said.ratings).toHaveLength(60);
  });

  it('writes only what is not held, and compares the rest', async () => {
    const read = await both(packed(), { ...begin, heldTo: journal.entries.length - 2 });
    if (!read.ok) throw new Error('not read');
    const written = copiedRows(read.batch.chained?.rows ?? new Uint8Array());
    expect(written.map((row) => Number(row[2]?.readBigInt64BE()))).toEqual(
      journal.entries.slice(-2).map(({ seq }) => seq),
    );
    expect(read.batch.chained?.hashes.split('\n')).toHaveLength(journal.entries.length);
  });

  it('is not chained to what it does not begin behind', async () => {
    const read = await both(packed(), { afterSeq: 7, afterHash: GENESIS, heldTo: 7 });
    expect(read).toMatchObject({ ok: true, batch: { firstSeq: 1, chained: undefined } });
  });

  it('is not signed for another history', async () => {
    const read = await both(packed(), { ...begin, afterHash: 'ab'.repeat(32) });
    expect(read).toMatchObject({ ok: true, batch: { chained: { signed: false } } });
  });

  it('is refused alike when it is no gzip, a bomb or no batch', async () => {
    const noise = Buffer.alloc(8 * 1024, 'x');
    expect(await both(noise, begin)).toEqual({ ok: false, problem: 'notGzip' });
    const bomb = gzipSync(Buffer.alloc(8 * MAX_BATCH_BYTES));
    expect(bomb.length).toBeGreaterThan(4 * 1024);
    expect(await both(bomb, begin)).toEqual({ ok: false, problem: 'tooLarge' });
    expect(await both(packed(journal.entries.toReversed()), begin)).toMatchObject({
      ok: false,
      refused: { error: 'malformed' },
    });
  });
});
