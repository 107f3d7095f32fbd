import { canonicalText } from '../shared/journal/chain.ts';
import { type Draft, ENTRY_BODIES } from '../shared/journal/entry.ts';
import {
  type Kept,
  keptDigest,
  type Segment,
  type SegmentCounts,
  segmentSum,
} from '../shared/journal/segment.ts';
import type { Suite } from '../shared/journal/suite.ts';
import type { Connection } from './connection.ts';

export interface CompactLimits {
  /** By the province's clock, UTC ms: only what was certainly written before may go. */
  readonly beforeMs: number;
  /** Never beyond this entry: what a backup holds, for one. */
  readonly upToSeq: number;
  /** Every one of them must have delivered an entry before it goes; a link without a cursor has delivered nothing. */
  readonly links: readonly string[];
  /** In one transaction; more only where a single invitation is longer. */
  readonly maxEntries: number;
}

/**
 * - `compacted`: there may be more
 * - `searching`: nothing yet; the next call looks further
 * - `nothing`: nothing is old, delivered and finished
 */
export type CompactResult =
  | { readonly kind: 'compacted'; readonly fromSeq: number; readonly toSeq: number }
  | { readonly kind: 'searching' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'failed'; readonly message: string };

export interface SegmentPlan {
  readonly kind: 'plan';
  readonly segment: Segment;
  readonly invitations: readonly string[];
  readonly draft: Draft;
}

interface Row {
  readonly seq: number;
  readonly kind: string;
  readonly body: string;
  readonly prev: Buffer;
  readonly hash: Buffer;
  readonly sig: Buffer | null;
}

/** How far one call looks for a word of the province's time. */
const LOOK_AHEAD = 5_000;
const MAX_ENTRIES = 2_000;
/** How far one call reads where an invitation is longer than what it was to take: a key that hangs presses for hours. */
const LONGEST = 32 * MAX_ENTRIES;

/** Which entries may go next, and what then stands for them. Reads only. */
export function createSegmentPlanner(
  db: Connection,
  suite: Suite,
): (limits: CompactLimits) => SegmentPlan | CompactResult {
  const newest = db.prepare<[], { to_seq: number; sum: Buffer }>(
    'SELECT to_seq, sum FROM segment ORDER BY to_seq DESC LIMIT 1',
  );
  // As the disk has it: what only memory knows is sent again after a power cut, and must be there then.
  const delivered = db.prepare<[string], number>('SELECT acked_seq FROM cursor WHERE link = ?').pluck();
  const slowest = db.prepare<[], number | null>('SELECT min(acked_seq) FROM cursor').pluck();
  const page = db.prepare<[number, number], Row>(
    'SELECT seq, kind, body, prev, hash, sig FROM journal WHERE seq >= ? ORDER BY seq LIMIT ?',
  );
  const observation = db.prepare<[number, number], { seq: number; body: string }>(
    "SELECT seq, body FROM journal WHERE seq > ? AND seq <= ? AND kind = 'clock.observed' ORDER BY seq LIMIT 1",
  );
  const head = db.prepare<[], number>('SELECT max(seq) FROM journal').pluck();
  const kept = db.prepare<[string], Omit<KeptRow, 'segment'>>(`${KEPT} WHERE invitation.invitation = ?`);
  /** From `start` to here nobody has said what time it was. */
  let looked = { start: 0, to: 0 };

  function deliveredByAll(links: readonly string[]): number {
    if (links.length === 0) return 0;
    return Math.min(slowest.get() ?? 0, ...links.map((link) => delivered.get(link) ?? 0));
  }

  /** Whether the next word of the province's time after `seq` is of before `beforeMs`. */
  function oldBeyond(start: number, seq: number, beforeMs: number): boolean | 'unknown' {
    const from = looked.start === start ? Math.max(seq, looked.to) : seq;
    const to = from + LOOK_AHEAD;
    const found = observation.get(from, to);
    if (found) return timeOf(found.body) <= beforeMs;
    if (to >= (head.get() ?? 0)) return false;
    looked = { start, to };
    return 'unknown';
  }

  return (limits) => {
    const before = newest.get();
    const start = (before?.to_seq ?? 1) + 1;
    const ceiling = Math.min(limits.upToSeq, deliveredByAll(limits.links));
    if (ceiling < start) return { kind: 'nothing' };
    for (let most = Math.min(MAX_ENTRIES, Math.max(1, limits.maxEntries)); most <= LONGEST; most *= 4) {
      const rows = page.all(start, most);
      const last = rows.at(-1);
      if (!last) return { kind: 'nothing' };
      const beyond = oldBeyond(start, last.seq, limits.beforeMs);
      const witness =
        beyond === true
          ? last.seq
          : (rows.findLast(({ kind, body }) => kind === 'clock.observed' && timeOf(body) <= limits.beforeMs)
              ?.seq ?? 0);
      const upTo = Math.min(ceiling, witness);
      const end = lastRest(rows, upTo);
      if (end > 0) return plan(rows.slice(0, end), before?.sum);
      if (beyond === 'unknown') return { kind: 'searching' };
      if (rows.length < most || last.seq > upTo) return { kind: 'nothing' };
      // All of it may go, and nowhere in it is everything finished: one invitation is longer than this.
    }
    return {
      kind: 'failed',
      message: `from entry ${start} on nothing is finished for so long that it is not read on`,
    };
  };

  function plan(rows: readonly Row[], sumBefore: Buffer | undefined): SegmentPlan {
    const [first, last] = [rows[0], rows.at(-1)];
    if (!first || !last?.sig) throw new Error('a segment was planned without a signed end');
    const kinds: Record<string, number> = {};
    const invitations: string[] = [];
    for (const { kind, body } of rows) {
      kinds[kind] = (kinds[kind] ?? 0) + 1;
      if (kind === 'invitation.opened') invitations.push(invitationOf(body));
    }
    const staying = invitations.flatMap((invitation) =>
      kept.all(invitation).map((row) => keptOf({ ...row, segment: last.seq })),
    );
    const count = (level: number) => staying.filter(({ rating }) => rating?.level === level).length;
    const counts: SegmentCounts = {
      kinds,
      ratings: { '1': count(1), '2': count(2), '3': count(3), '4': count(4), '5': count(5) },
      kept: keptDigest(suite, staying),
    };
    const unsummed = {
      fromSeq: first.seq,
      toSeq: last.seq,
      prev: first.prev.toString('hex'),
      hash: last.hash.toString('hex'),
      sig: last.sig.toString('base64'),
      counts: canonicalText(counts),
    };
    const sum = segmentSum(suite, sumBefore?.toString('hex'), unsummed);
    const segment = { ...unsummed, sum };
    const { fromSeq, toSeq, hash } = segment;
    const body = ENTRY_BODIES['journal.compacted'].parse({ fromSeq, toSeq, hash, counts, sum });
    return { kind: 'plan', segment, invitations, draft: { kind: 'journal.compacted', body } };
  }
}

/** Puts the segment in the place of its entries. In the transaction that has just appended the plan's draft. */
export function createCompaction(db: Connection): (plan: SegmentPlan) => void {
  const insert = db.prepare(
    'INSERT INTO segment (from_seq, to_seq, prev, hash, sig, counts, sum) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const mark = db.prepare('UPDATE invitation SET segment = ? WHERE invitation = ?');
  const remove = db.prepare('DELETE FROM journal WHERE seq BETWEEN ? AND ?');
  return ({ segment, invitations }) => {
    const { fromSeq, toSeq, prev, hash, sig, counts, sum } = segment;
    const bytes = (hex: string) => Buffer.from(hex, 'hex');
    insert.run(fromSeq, toSeq, bytes(prev), bytes(hash), Buffer.from(sig, 'base64'), counts, bytes(sum));
    for (const invitation of invitations) mark.run(toSeq, invitation);
    remove.run(fromSeq, toSeq);
  };
}

export interface KeptRow {
  readonly segment: unknown;
  readonly invitation: unknown;
  readonly service_key: unknown;
  readonly outcome: unknown;
  readonly level: unknown;
  readonly changes: unknown;
  readonly settled_hash: unknown;
}

/** An invitation with the rating it led to; a rating of another invitation of the service is not its own. */
export const KEPT = `SELECT invitation.segment, invitation.invitation, invitation.service_key, outcome, level, changes, settled_hash
FROM invitation LEFT JOIN rating ON rating.service_key = invitation.service_key AND rating.invitation = invitation.invitation`;

/** Columns as they are found; what was bent gives no right digest. */
export function keptOf(row: KeptRow): Kept {
  const { settled_hash } = row;
  return {
    toSeq: Number(row.segment),
    invitation: String(row.invitation),
    serviceKey: String(row.service_key),
    outcome: String(row.outcome),
    rating:
      row.level === null
        ? null
        : {
            level: Number(row.level),
            changes: Number(row.changes),
            settledHash: Buffer.isBuffer(settled_hash) ? settled_hash.toString('hex') : '',
          },
  };
}

/**
 * How many of the rows may go, ending where everything that was begun is finished: on a signed entry with no
 * invitation open, so that what stays never speaks of what went.
 */
function lastRest(rows: readonly Row[], upToSeq: number): number {
  const open = new Set<string>();
  let end = 0;
  for (const [index, { seq, kind, body, sig }] of rows.entries()) {
    if (seq > upToSeq) break;
    if (kind === 'invitation.opened') open.add(invitationOf(body));
    if (kind === 'invitation.closed') open.delete(invitationOf(body));
    if (sig && open.size === 0) end = index + 1;
  }
  return end;
}

function invitationOf(body: string): string {
  return String((JSON.parse(body) as { invitation?: unknown }).invitation);
}

/** The latest that the province's clock can have been when the entry was written, and so all before it. */
function timeOf(body: string): number {
  const { theirMs, errorMs } = ENTRY_BODIES['clock.observed'].parse(JSON.parse(body));
  return theirMs + errorMs;
}
