import { isUtf8 } from 'node:buffer';
import {
  BatchSchema,
  type EntryEvent,
  EVENT_TYPE_PREFIX,
  MAX_BATCH_ENTRIES,
} from '../../shared/protocol/batch.ts';
import type { Refused } from '../refusal.ts';
import { canonicalBody } from './canonical-body.ts';
import { isPlainEntryEvent } from './quick-check.ts';

/** An entry as it came over the wire, ready to be chained. */
export interface WireEntry {
  readonly seq: number;
  readonly id: string;
  readonly kind: string;
  /** UTC ms. */
  readonly at: number;
  readonly boot: string;
  readonly mono: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** The body's RFC 8785 text: what is hashed and kept. */
  readonly bodyText: string;
  readonly sig: string | undefined;
}

export type ReadBatch =
  | { readonly ok: true; readonly entries: readonly WireEntry[] }
  | { readonly ok: false; readonly refused: Refused };

/** Kinds of later versions are welcome, but they are names. */
const KIND_PATTERN = /^[A-Za-z][A-Za-z0-9.-]*$/;

/** Unpacked bytes → entries that follow each other and end with a signature. Pure. */
export function readBatch(bytes: Buffer): ReadBatch {
  if (!isUtf8(bytes)) return unreadable('The batch is not UTF-8. Send JSON in UTF-8.');
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch {
    return unreadable('The batch is not JSON. Send a JSON array of CloudEvents.');
  }
  const events = readEvents(json);
  if ('refused' in events) return { ok: false, refused: events.refused };
  const entries: WireEntry[] = [];
  for (const event of events) {
    const entry = toEntry(event);
    if (typeof entry === 'string')
      return malformed(`Entry ${event.data.seq} ${entry}. Park this entry and report it.`, event.data.seq);
    const before = entries.at(-1);
    if (before && entry.seq !== before.seq + 1)
      return malformed(
        `Entry ${entry.seq} stands behind ${before.seq}: a batch holds entries that follow each other. Read the batch from the journal again.`,
        entry.seq,
      );
    entries.push(entry);
  }
  const last = entries.at(-1);
  if (!last?.sig)
    return malformed(
      `The last entry ${last?.seq} has no signature. End the batch with the last entry of a commit.`,
      last?.seq,
    );
  return { ok: true, entries };
}

/**
 * The events as they were parsed: the schema judges them, but the copy it makes is not what was signed.
 */
function readEvents(json: unknown): readonly EntryEvent[] | { readonly refused: Refused } {
  if (
    Array.isArray(json) &&
    json.length > 0 &&
    json.length <= MAX_BATCH_ENTRIES &&
    json.every(isPlainEntryEvent)
  )
    return json;
  const batch = BatchSchema.safeParse(json);
  if (batch.success) return json as readonly EntryEvent[];
  const [issue] = batch.error.issues;
  const seq = seqAt(json, issue?.path[0]);
  const message = `The batch does not follow the journal protocol: ${issue?.path.join('.') || 'the batch'}: ${issue?.message ?? ''}. Park this entry and report it.`;
  return { refused: { error: 'malformed', message, ...(seq === undefined ? {} : { seq }) } };
}

/** @returns the entry, or what is wrong with it. */
function toEntry(event: EntryEvent): WireEntry | string {
  const kind = event.type.slice(EVENT_TYPE_PREFIX.length);
  if (!KIND_PATTERN.test(kind)) return `has the type ${JSON.stringify(event.type)}, which is no name`;
  const at = Date.parse(event.time);
  if (!Number.isSafeInteger(at)) return `has the time ${event.time}, which does not exist`;
  const { seq, boot, mono, body, sig } = event.data;
  const canonical = canonicalBody(body);
  if (!canonical.ok) return `has a body that ${canonical.reason}`;
  return { seq, id: event.id, kind, at, boot, mono, body, bodyText: canonical.text, sig };
}

function unreadable(message: string): ReadBatch {
  return { ok: false, refused: { error: 'malformed', message, unreadable: true } };
}

function malformed(message: string, seq: number | undefined): ReadBatch {
  return { ok: false, refused: { error: 'malformed', message, ...(seq === undefined ? {} : { seq }) } };
}

/** The seq of the entry that failed, when it can be read at all. */
function seqAt(json: unknown, index: PropertyKey | undefined): number | undefined {
  if (!Array.isArray(json) || typeof index !== 'number') return undefined;
  const data: unknown = json[index]?.data;
  if (typeof data !== 'object' || data === null || !('seq' in data)) return undefined;
  return Number.isSafeInteger(data.seq) && Number(data.seq) >= 1 ? Number(data.seq) : undefined;
}
