import { canonicalText, entryHash, SIGNED_AT_LEAST_EVERY } from '../shared/journal/chain.ts';
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

/** Which instant an entry names: its wall clock, and its place in a boot's time. */
export interface EntryTime {
  readonly at: number;
  readonly boot: string;
  readonly mono: number;
}

/** Years 0 to 9999: what RFC 3339 can write. A clock beyond them is as wrong as one at their edge, and delivers. */
function statable(atMs: number): number {
  return Math.min(LAST_MS, Math.max(YEAR_0_MS, Math.round(atMs)));
}
const YEAR_0_MS = Date.parse('0000-01-01T00:00:00.000Z');
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * Entries of one instant are of one act, and only its last is signed. So that nobody can take a signature away between
 * two acts of one millisecond, the wall clock of the later one, which decides nothing, says one more or less.
 */
function apartFrom(before: EntryTime | undefined, { at, boot, mono }: EntryTime): number {
  if (before?.at !== at || before.boot !== boot || before.mono !== mono) return at;
  return at < LAST_MS ? at + 1 : at - 1;
}

/** Throws on a body that is not of its kind: that is a bug, and nothing of it is to be frozen. */
export function seal(parts: {
  readonly drafts: readonly Draft[];
  readonly head: Head;
  /** Of the entry at the head. */
  readonly headTime: EntryTime | undefined;
  readonly atMs: number;
  readonly monoMs: number;
  readonly boot: string;
  readonly signer: Signer;
  readonly newId: (atMs: number) => string;
}): readonly SealedEntry[] {
  const { drafts, head, boot, signer, newId } = parts;
  if (drafts.length === 0) throw new Error('an act without entries reached the journal');
  const mono = Math.max(0, Math.floor(parts.monoMs));
  const at = apartFrom(parts.headTime, { at: statable(parts.atMs), boot, mono });
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
    const signed = index === drafts.length - 1 || (index + 1) % SIGNED_AT_LEAST_EVERY === 0;
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
