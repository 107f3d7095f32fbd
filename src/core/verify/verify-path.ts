import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ENTRY_BODIES } from '../../shared/journal/entry.ts';
import type { Compacted } from '../../shared/journal/segment.ts';
import { ed25519Sha256, type Suite } from '../../shared/journal/suite.ts';
import {
  type LaterEntry,
  type SeenElsewhere,
  type StoredEntry,
  verifyEntries,
} from '../../shared/journal/verify.ts';
import { type Sentence, sayLaterAmong } from '../../shared/journal/verify-words.ts';
import { damageOf, headSeqNamed, JOURNAL_FILE, openEvidence } from '../../store/store.ts';
import { looksLikeExport, NotAnExport, openExport } from './export-file.ts';
import { say } from './report-words.ts';

/**
 * The verifier: a journal, a data folder, a backup or a province's export, judged offline. `bad` names the
 * first bad record (`seq`), or is about the file as a whole.
 */
export type VerifyReport =
  | {
      readonly verdict: 'good';
      readonly deviceId: string;
      readonly entries: number;
      readonly ratings: number;
      /** Of `entries`, those that were compacted to signed totals. */
      readonly compacted: number;
      readonly head: { readonly seq: number; readonly hash: string };
      /** base64; `proven` when it was given by whoever asked, and not taken from the journal itself. */
      readonly publicKey: string;
      readonly proven: boolean;
      /** An entry whose chain was checked, and whose meaning only a later version knows. */
      readonly later?: LaterEntry;
    }
  | {
      readonly verdict: 'bad';
      readonly problem: string;
      readonly seq: number | null;
      /** First entry that no signature covers any more; `seq` or before it. */
      readonly unprovenFrom: number | null;
      readonly sentence: Sentence;
    }
  | { readonly verdict: 'unusable'; readonly sentence: Sentence };

export interface VerifyRequest {
  /** A `journal.sqlite`, its folder, a backup, or an export as JSON lines. */
  readonly path: string;
  /** Raw public key of the device, from the province's registry. */
  readonly publicKey?: Uint8Array;
  readonly seen?: SeenElsewhere;
  /** Another journal or export of the same device: where do the two part? */
  readonly against?: string;
  /** The suites that a journal may be signed with; by default only the one that needs no library. */
  readonly suites?: readonly Suite[];
}

/** What is read from whatever kind of file it is. */
interface Source {
  readonly entries: () => Iterable<StoredEntry>;
  readonly seen: SeenElsewhere;
  /** What stands in for entries that are gone; only a database may have that. */
  readonly compacted: () => Compacted | undefined;
  /** What is wrong although every entry is right. */
  readonly afterwards: (later?: LaterEntry) => Objection | undefined;
  readonly close: () => void;
}
/** What is known of the journal elsewhere. */
interface Seen extends SeenElsewhere {
  /** Of the hashes, those that have to be compared. */
  readonly wanted: ReadonlySet<number>;
}
/** No entry's. */
const TWO_HASHES = '';

/** About the file as a whole, or about its first bad record. */
type Objection = Extract<VerifyReport, { readonly sentence: Sentence }>;
type Bad = Extract<VerifyReport, { readonly verdict: 'bad' }>;

/** Never throws for what a file holds or a file system says. */
export function verifyPath(request: VerifyRequest): VerifyReport {
  return withSource(request.path, (source) => {
    const hashes = new Map<number, string>();
    // Where two have seen different entries, at least one of them has seen another than this journal's.
    const see = (seq: number, hash: string) =>
      hashes.set(seq, (hashes.get(seq) ?? hash) === hash ? hash : TWO_HASHES);
    for (const seen of [source.seen, request.seen])
      for (const [seq, hash] of seen?.hashes ?? []) see(seq, hash);
    const wanted = new Set(hashes.keys());
    if (request.against !== undefined) {
      let last = 0;
      const read = withSource(request.against, (other) => {
        for (const { seq, hash } of other.entries()) {
          if (!Number.isSafeInteger(seq)) continue;
          see(seq, hash);
          last = Math.max(last, seq);
        }
        // Its first line may name more than came after it.
        for (const [seq, hash] of other.seen.hashes ?? []) {
          see(seq, hash);
          wanted.add(seq);
        }
        return undefined;
      });
      const nothing = read?.sentence ?? (last === 0 ? say.noEntries() : undefined);
      if (nothing) return { verdict: 'unusable', sentence: say.against(request.against, nothing) };
      // The last one stands on all before it.
      wanted.add(last);
    }
    const receipts = request.seen?.receipts ?? [];
    return judge(source, request, { hashes, receipts, wanted });
  });
}

function judge(source: Source, request: VerifyRequest, seen: Seen): VerifyReport {
  const { publicKey: given, suites = [ed25519Sha256] } = request;
  let last = 0;
  let compactedTo = 0;
  const counted = function* () {
    for (const entry of source.entries()) {
      yield entry;
      last = Math.max(entry.seq, compactedTo);
    }
  };
  try {
    const first = firstOf(source.entries());
    if (!first) return bad('empty', 1, say.empty());
    const begun = readBegun(first);
    const suite = begun && suites.find(({ name }) => name === begun.suite);
    if (begun && !suite) return { verdict: 'unusable', sentence: say.unknownSuite(begun.suite) };
    const publicKey = given ?? Buffer.from(begun?.publicKey ?? '', 'base64');
    const compactedAs = readCompacted(source);
    if ('verdict' in compactedAs) return compactedAs;
    compactedTo = compactedAs.compacted?.segments.at(-1)?.toSeq || 0;
    const found = verifyEntries(suite ?? ed25519Sha256, publicKey, counted(), seen, compactedAs.compacted);
    if (!found.ok) return bad(found.problem, found.seq, found.sentence, found.unprovenFrom);
    const { entries, ratings, compacted, head } = found;
    const named = headSeqNamed(basename(request.path));
    if (named !== undefined && head.seq < named)
      return bad('cutTail', head.seq + 1, say.shorterThanNamed(head.seq, named));
    const { later, unjudged } = found;
    const wrong = source.afterwards(later);
    if (wrong?.verdict === 'bad') return wrong;
    if (later && unjudged !== undefined) return { verdict: 'unusable', sentence: sayLater(later, unjudged) };
    if (wrong) return wrong;
    const uncompared = found.uncompared?.find((seq) => seen.wanted.has(seq));
    if (uncompared !== undefined) return { verdict: 'unusable', sentence: say.uncompared(uncompared) };
    const key = Buffer.from(publicKey).toString('base64');
    const deviceId = begun?.deviceId ?? '';
    const proven = given !== undefined;
    const good = { deviceId, entries, ratings, compacted, head, publicKey: key, proven };
    return { verdict: 'good', ...good, ...(later ? { later } : {}) };
  } catch (error) {
    const damage = damageOf(error);
    if (damage === undefined) throw error;
    return bad('damaged', last + 1, say.damagedAt(last, damage));
  }
}

/** A page of it that cannot be read is no entry's: those may all be there. */
function readCompacted(source: Source): Bad | { readonly compacted: Compacted | undefined } {
  try {
    return { compacted: source.compacted() };
  } catch (error) {
    const damage = damageOf(error);
    if (damage === undefined) throw error;
    return bad('damaged', null, say.damaged(damage));
  }
}

function withSource<Report>(path: string, use: (source: Source) => Report): Report | Objection {
  let source: Source | undefined;
  try {
    const opened = openSource(path);
    if ('report' in opened) return opened.report;
    source = opened.source;
    return use(source);
  } catch (error) {
    if (error instanceof NotAnExport) return bad(error.problem, error.line, error.sentence);
    const damage = damageOf(error);
    if (damage !== undefined) return bad('damaged', null, say.damaged(damage));
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    return { verdict: 'unusable', sentence: say.unreadable(path, error.message) };
  } finally {
    source?.close();
  }
}

function openSource(path: string): { readonly source: Source } | { readonly report: Objection } {
  const file = statSync(path).isDirectory() ? join(path, JOURNAL_FILE) : path;
  if (looksLikeExport(file)) {
    const { entries, seen } = openExport(file);
    return {
      source: { entries, seen, compacted: () => undefined, afterwards: () => undefined, close: () => {} },
    };
  }
  const opened = openEvidence(file);
  if (opened.ok) {
    const { evidence } = opened;
    const afterwards = (later?: LaterEntry): Objection | undefined => {
      const damage = evidence.damage();
      if (damage !== undefined) return bad('damaged', null, say.damaged(damage));
      const foreign = evidence.foreignSchema();
      if (foreign !== undefined) return bad('schema', null, say.schema(foreign));
      // What such an entry does to the tables nobody here can say.
      if (later) return { verdict: 'unusable', sentence: sayLater(later) };
      const table = evidence.wrongProjection();
      return table === undefined ? undefined : bad('projection', null, say.projection(table));
    };
    const { entries, compacted, close } = evidence;
    return { source: { entries, seen: {}, compacted, afterwards, close } };
  }
  switch (opened.problem) {
    case 'damaged':
      // Anything may be fed to a verifier; what is named a database and is none has been bent.
      return file.endsWith('.sqlite')
        ? { report: bad('damaged', null, say.damaged(opened.detail)) }
        : { report: { verdict: 'unusable', sentence: say.neither(file) } };
    case 'foreign':
      return { report: { verdict: 'unusable', sentence: say.neither(file) } };
    case 'newerSchema':
      return { report: { verdict: 'unusable', sentence: say.newer(opened.detail) } };
    case 'unreadable':
      return { report: { verdict: 'unusable', sentence: say.unreadable(file, opened.detail) } };
  }
}

/** Of the tables, or of an entry that the rules of this version cannot judge. */
function sayLater({ seq, toSeq, kind }: LaterEntry, unjudged?: number): Sentence {
  if (toSeq !== undefined) return sayLaterAmong({ seq, toSeq, kind }, unjudged);
  return unjudged === undefined ? say.laterTables(seq, kind) : say.laterRule(seq, kind, unjudged);
}

function bad(problem: string, seq: number | null, sentence: Sentence, unprovenFrom = seq): Bad {
  return { verdict: 'bad', problem, seq, unprovenFrom, sentence };
}

function firstOf<T>(values: Iterable<T>): T | undefined {
  for (const value of values) return value;
  return undefined;
}

/** What the journal says of itself; nothing when its first entry is not what it should be. */
function readBegun(first: StoredEntry) {
  try {
    return ENTRY_BODIES['journal.begun'].safeParse(JSON.parse(first.body)).data;
  } catch {
    return undefined;
  }
}
