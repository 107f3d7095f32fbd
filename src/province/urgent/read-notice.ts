import { ENTRY_BODIES, type EntryBody } from '../../shared/journal/entry.ts';
import { MAX_URGENT_ENTRIES, UrgentSchema } from '../../shared/protocol/urgent.ts';
import { chainHashes, signsHash } from '../ingest/chain.ts';
import type { ProvenDevice } from '../ingest/ingest.ts';
import { readBatch, type WireEntry } from '../ingest/read-batch.ts';
import type { Refused } from '../refusal.ts';

/** An entry that came ahead of its journal, with its place in the chain. Hashes are lower-case hex. */
export interface AnnouncedEntry extends WireEntry {
  readonly prev: string;
  readonly hash: string;
}

/** A notice whose every entry is proven by a signature of the device. */
export interface Notice {
  readonly entries: readonly AnnouncedEntry[];
  readonly help: AnnouncedEntry;
  readonly request: EntryBody<'rating.helpRequested'>;
  readonly settled: EntryBody<'rating.settled'>;
  readonly opened: EntryBody<'invitation.opened'> | undefined;
  /** Where the device's monotonic clock stood when it sent this. */
  readonly sent: { readonly boot: string; readonly mono: number } | undefined;
}

export type ReadNotice =
  | { readonly ok: true; readonly notice: Notice }
  /** `unprovenSeq`: the request is the device's, but what it carries is not signed as it stands there. */
  | { readonly ok: false; readonly refused: Refused; readonly unprovenSeq?: number };

/** Bytes of a proven request → entries with their hashes, each stretch proven by the signature at its end. Pure. */
export function readNotice(bytes: Buffer, device: ProvenDevice): ReadNotice {
  const parsed = UrgentSchema.safeParse(json(bytes));
  if (!parsed.success) return malformed('The notice is not as docs/journal-protocol.md says.');
  const entries: AnnouncedEntry[] = [];
  for (const { prev, events } of parsed.data.stretches) {
    const read = readBatch(Buffer.from(JSON.stringify(events)));
    if (!read.ok) return { ok: false, refused: read.refused };
    const first = read.entries[0];
    const last = read.entries.at(-1);
    if (!first || !last?.sig) return malformed('A stretch of the notice has no entries.');
    if (first.seq <= (entries.at(-1)?.seq ?? 0))
      return malformed(`Entry ${first.seq} stands behind a later one. Send the stretches in their order.`);
    const hashes = chainHashes(device.suite, prev, read.entries);
    if (!signsHash(device.suite, device.publicKey, hashes.at(-1) ?? '', last.sig))
      return {
        ...malformed(
          `The signature on entry ${last.seq} does not cover the stretch from ${first.seq} and the hash before it.`,
        ),
        unprovenSeq: last.seq,
      };
    for (const [index, entry] of read.entries.entries())
      entries.push({ ...entry, prev: hashes[index - 1] ?? prev, hash: hashes[index] ?? '' });
  }
  if (entries.length > MAX_URGENT_ENTRIES)
    return malformed(`The notice holds ${entries.length} entries; at most ${MAX_URGENT_ENTRIES} are taken.`);
  return understood(entries, parsed.data.sent);
}

/** A rating, and behind it the request for help of the same invitation. */
function understood(entries: readonly AnnouncedEntry[], sent: Notice['sent']): ReadNotice {
  const help = entries.findLast((entry) => entry.kind === 'rating.helpRequested');
  const request = help && bodyOf('rating.helpRequested', help);
  if (!help || !request) return malformed('The notice holds no request for help.');
  const { invitation, serviceKey } = request;
  const settled = entries
    .filter((entry) => entry.kind === 'rating.settled' && entry.seq < help.seq)
    .map((entry) => bodyOf('rating.settled', entry))
    .find((body) => body?.invitation === invitation && body.serviceKey === serviceKey);
  if (!settled) return malformed('The notice holds no rating of the invitation in which help is asked for.');
  const opened = entries
    .filter((entry) => entry.kind === 'invitation.opened' && entry.seq < help.seq)
    .map((entry) => bodyOf('invitation.opened', entry))
    .find((body) => body?.invitation === invitation && body.service.serviceKey === serviceKey);
  return { ok: true, notice: { entries, help, request, settled, opened, sent } };
}

function bodyOf<K extends 'rating.helpRequested' | 'rating.settled' | 'invitation.opened'>(
  kind: K,
  entry: WireEntry,
): EntryBody<K> | undefined {
  const parsed = ENTRY_BODIES[kind].safeParse(entry.body);
  return parsed.success ? (parsed.data as EntryBody<K>) : undefined;
}

function malformed(message: string): { readonly ok: false; readonly refused: Refused } {
  return { ok: false, refused: { error: 'malformed', message } };
}

function json(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
