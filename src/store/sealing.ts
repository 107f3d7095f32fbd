import { canonicalText, entryHash } from '../shared/journal/chain.ts';
import { type Draft, ENTRY_BODIES } from '../shared/journal/entry.ts';
import type { Signer } from '../shared/journal/suite.ts';
import type { Head } from './reading.ts';

/** A draft with its place, time, chain and (the last of an act) signature: ready to be frozen. */
export interface SealedEntry {
  readonly seq: number;
  readonly id: string;
  readonly at: number;
  readonly mono: number;
  readonly draft: Draft;
  /** RFC 8785 text. */
  readonly body: string;
  readonly prev: Buffer;
  readonly hash: Buffer;
  readonly hashHex: string;
  readonly sig: Buffer | null;
}

/**
 * An act is a handful of entries; what waited for a full disk may be thousands, in one commit. A signature at
 * least this often keeps every signed stretch far below the size of one batch, so that it can be delivered.
 */
const SIGN_AT_LEAST_EVERY = 64;

/** Years 0 to 9999: what RFC 3339 can write. A clock beyond them is as wrong as one at their edge, and delivers. */
function statable(atMs: number): number {
  return Math.min(Date.UTC(9999, 11, 31, 23, 59, 59, 999), Math.max(YEAR_0_MS, Math.round(atMs)));
}
const YEAR_0_MS = Date.parse('0000-01-01T00:00:00.000Z');

/** Throws on a body that is not of its kind: that is a bug, and nothing of it is to be frozen. */
export function seal(parts: {
  readonly drafts: readonly Draft[];
  readonly head: Head;
  readonly atMs: number;
  readonly monoMs: number;
  readonly boot: string;
  readonly signer: Signer;
  readonly newId: (atMs: number) => string;
}): readonly SealedEntry[] {
  const { drafts, head, boot, signer, newId } = parts;
  if (drafts.length === 0) throw new Error('an act without entries reached the journal');
  const at = statable(parts.atMs);
  const mono = Math.max(0, Math.floor(parts.monoMs));
  let prevHex = head.hash;
  let prev = Buffer.from(prevHex, 'hex');
  return drafts.map((draft, index) => {
    const parsed = ENTRY_BODIES[draft.kind].safeParse(draft.body);
    if (!parsed.success)
      throw new Error(`the body of a ${draft.kind} for the journal is wrong: ${parsed.error.message}`);
    const seq = head.seq + 1 + index;
    const id = newId(at);
    const body = canonicalText(parsed.data);
    const hashHex = entryHash(signer.suite, prevHex, seq, { id, kind: draft.kind, at, boot, mono }, body);
    const hash = Buffer.from(hashHex, 'hex');
    const signed = index === drafts.length - 1 || (index + 1) % SIGN_AT_LEAST_EVERY === 0;
    const entry = {
      seq,
      id,
      at,
      mono,
      draft,
      body,
      prev,
      hash,
      hashHex,
      sig: signed ? signer.sign(hash) : null,
    };
    prevHex = hashHex;
    prev = hash;
    return entry;
  });
}
