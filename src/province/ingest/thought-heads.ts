import { GENESIS } from '../../shared/journal/chain.ts';
import type { Queryable } from '../db/db.ts';
import type { ChainedBatch, Link } from './chain-batch.ts';
import { headNow } from './ledger.ts';

const HEADS_KEPT = 4096;

/**
 * Where each device's journal is thought to stand when the batches before are through, so that the next one can be
 * chained before its turn comes. Only a thought: what holds is in the device's row, and a batch that was chained to
 * anything else is chained again.
 */
export interface ThoughtHeads {
  linkOf(deviceId: string): Promise<Link>;
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
