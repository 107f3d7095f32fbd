import { GENESIS } from '../../shared/journal/chain.ts';
import type { Queryable } from '../db/db.ts';
import type { ChainedBatch, Link } from './chain-batch.ts';
import { headNow, heldHashes } from './ledger.ts';

const HEADS_KEPT = 4096;

/**
 * Where each device's journal is thought to stand when the batches before are through, so that the next one can be
 * chained before its turn comes. Only a thought: what holds is in the device's row, and a batch that was chained to
 * anything else is chained again.
 */
export interface ThoughtHeads {
  linkOf(deviceId: string): Promise<Link>;
  /**
   * What stands before an entry that is sent again with more behind it, because its answer was lost; undefined where
   * that is not held. Without it that batch, and every one after it, would be chained to the wrong place at first and
   * read once more while it holds the device's row.
   */
  linkBefore(deviceId: string, firstSeq: number): Promise<Link | undefined>;
  /** A batch has been read and goes to the database. */
  read(deviceId: string, batch: ChainedBatch): void;
  /** It did not get there. */
  forget(deviceId: string): void;
}

export function createThoughtHeads(db: Queryable): ThoughtHeads {
  const heads = new Map<string, { readonly seq: number; readonly hash: string }>();
  return {
    async linkOf(deviceId) {
      const { seq, hash } = heads.get(deviceId) ?? (await headNow(db, deviceId)) ?? { seq: 0, hash: GENESIS };
      return { afterSeq: seq, afterHash: hash, heldTo: seq };
    },
    async linkBefore(deviceId, firstSeq) {
      const head = await headNow(db, deviceId);
      if (!head || firstSeq > head.seq + 1) return undefined;
      const afterSeq = firstSeq - 1;
      const [afterHash] = afterSeq === 0 ? [GENESIS] : await heldHashes(db, deviceId, afterSeq, afterSeq);
      return afterHash === undefined ? undefined : { afterSeq, afterHash, heldTo: head.seq };
    },
    read(deviceId, { lastSeq, chained }) {
      if (!chained) return;
      if (heads.size >= HEADS_KEPT) heads.clear();
      heads.set(deviceId, { seq: lastSeq, hash: chained.lastHash });
    },
    forget(deviceId) {
      heads.delete(deviceId);
    },
  };
}
