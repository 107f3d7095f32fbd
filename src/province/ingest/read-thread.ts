import { gunzipSync } from 'node:zlib';
import type { SuiteName } from '../../shared/journal/suite.ts';
import { loadSuite } from '../../shared/journal/suites.ts';
import { type ChainFacts, chainBatch, type ReadChained } from './chain-batch.ts';
import { INFLATE_LIMITS, type Inflated, problemOf } from './inflate.ts';

/** What a thread is asked; plain data, since it is copied. */
export interface ThreadTask {
  readonly packed: Uint8Array;
  readonly suite: SuiteName;
  readonly facts: ChainFacts;
}

export type ReadPacked = ReadChained | Exclude<Inflated, { ok: true }>;

/** Runs in a thread of ./batch-reader.ts, where nothing else waits, so it need not give way. */
export default async function readPacked({ packed, suite, facts }: ThreadTask): Promise<ReadPacked> {
  const loaded = await loadSuite(suite);
  let bytes: Buffer;
  try {
    bytes = gunzipSync(packed, INFLATE_LIMITS);
  } catch (error) {
    return { ok: false, problem: problemOf(error) };
  }
  return chainBatch(loaded, bytes, facts);
}
