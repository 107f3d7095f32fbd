import { Tinypool } from 'tinypool';
import { type ChainFacts, chainBatch } from './chain-batch.ts';
import { inflateBatch } from './inflate.ts';
import type { ProvenDevice } from './ingest.ts';
import type { ReadPacked, ThreadTask } from './read-thread.ts';

/**
 * Reads batches: unpacked, checked, chained, projected. A large one is read in a thread of its own, so that a backlog
 * of one tablet does not hold up the answers to all others; a small one is read here, sooner than a thread could be
 * asked. Threads beyond those that are kept end when they have had nothing to do for a while.
 */
export interface BatchReader {
  read(packed: Buffer, device: ProvenDevice, facts: Omit<ChainFacts, 'device'>): Promise<ReadPacked>;
  close(): Promise<void>;
}

/** Bytes as they come; a rating alone has a few hundred. */
const LARGE_BYTES = 4 * 1024;
const THREAD_IDLE_MS = 60_000;

export function createBatchReader(threads: number, kept = 0): BatchReader {
  const startPool = () =>
    new Tinypool({
      filename: new URL('./read-thread.ts', import.meta.url).href,
      minThreads: Math.min(kept, threads),
      maxThreads: threads,
      idleTimeout: THREAD_IDLE_MS,
    });
  let pool = threads > 0 && kept > 0 ? startPool() : undefined;
  const inThread = (task: ThreadTask): Promise<ReadPacked> => {
    pool ??= startPool();
    return pool.run(task);
  };

  return {
    async read(packed, { id, suite, publicKey }, facts) {
      const asked = { ...facts, device: { id, publicKey } };
      if (threads > 0 && packed.length >= LARGE_BYTES)
        return await inThread({ packed: new Uint8Array(packed), suite: suite.name, facts: asked });
      const inflated = await inflateBatch(packed);
      return inflated.ok ? chainBatch(suite, inflated.bytes, asked) : inflated;
    },
    async close() {
      await pool?.destroy();
    },
  };
}
