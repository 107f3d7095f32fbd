import type { Suite } from '../../shared/journal/suite.ts';
import type { Refused } from '../refusal.ts';
import { chainHashes, signsHash } from './chain.ts';
import { ledgerRows } from './ledger-rows.ts';
import { type Projection, projectEntries } from './projection.ts';
import { readBatch } from './read-batch.ts';
import { withTrueTimes } from './when-truly.ts';

/** Where a batch is chained on. */
export interface Link {
  /** The entry before the batch's first, 0 before a journal's first, and its hash. Lower-case hex. */
  readonly afterSeq: number;
  readonly afterHash: string;
  /** Entries up to this one are held already: they are compared and not written again. */
  readonly heldTo: number;
}

/** What a batch needs beside its bytes. Plain data, so that it may be read in another thread. */
export interface ChainFacts {
  readonly device: { readonly id: string; readonly publicKey: Uint8Array };
  /** What the province thinks it holds; it knows when it has the device's row. */
  readonly link: Link;
  readonly nowMs: number;
  readonly clockOffsetMs: number;
}

/** A batch ready for the database. Plain data. */
export interface ChainedBatch {
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Undefined where the batch does not begin behind its link: then it must be chained again. */
  readonly chained:
    | {
        readonly link: Link;
        /** Of every entry, a line each. Lower-case hex. */
        readonly hashes: string;
        readonly lastHash: string;
        /** Whether the last entry's signature covers all of it. */
        readonly signed: boolean;
        /** The entries that are not held, as the database takes them (./ledger-rows.ts). */
        readonly rows: Uint8Array;
        readonly said: Projection;
      }
    | undefined;
}
export type Chained = NonNullable<ChainedBatch['chained']>;

export type ReadChained =
  | { readonly ok: true; readonly batch: ChainedBatch }
  | { readonly ok: false; readonly refused: Refused };

/** Unpacked bytes of a proven request → all that the database is told. Pure, and most of the work a batch makes. */
export function chainBatch(suite: Suite, bytes: Buffer, facts: ChainFacts): ReadChained {
  const read = readBatch(bytes);
  if (!read.ok) return read;
  const { entries } = read;
  const first = entries[0];
  const last = entries.at(-1);
  if (!first || !last?.sig) throw new Error('readBatch let a batch through without an end');
  const { device, link } = facts;
  const place = { firstSeq: first.seq, lastSeq: last.seq };
  if (first.seq !== link.afterSeq + 1) return { ok: true, batch: { ...place, chained: undefined } };

  const hashes = chainHashes(suite, link.afterHash, entries);
  const lastHash = hashes.at(-1) ?? '';
  const overlap = Math.max(0, Math.min(entries.length, link.heldTo - link.afterSeq));
  const fresh = overlap > 0 ? entries.slice(overlap) : entries;
  const freshHashes = overlap > 0 ? hashes.slice(overlap) : hashes;
  const said = projectEntries(fresh, freshHashes, {
    id: device.id,
    publicKey: Buffer.from(device.publicKey).toString('base64'),
  });
  return {
    ok: true,
    batch: {
      ...place,
      chained: {
        link,
        hashes: hashes.join('\n'),
        lastHash,
        signed: signsHash(suite, device.publicKey, lastHash, last.sig),
        rows: ledgerRows(fresh, freshHashes, { deviceId: device.id, nowMs: facts.nowMs }),
        said: withTrueTimes(said, fresh, facts),
      },
    },
  };
}
