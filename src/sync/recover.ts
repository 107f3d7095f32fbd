import type { Clock } from '../shared/clock.ts';
import { canonicalText } from '../shared/journal/chain.ts';
import type { Signer } from '../shared/journal/suite.ts';
import { type EntryEvent, EVENT_TYPE_PREFIX, RefusalSchema } from '../shared/protocol/batch.ts';
import {
  RECOVER_MEDIA_TYPE,
  type Recover,
  RecoveredSchema,
  recoverPath,
} from '../shared/protocol/recover.ts';
import { signRequest } from '../shared/protocol/signature.ts';
import type { Answer, Post } from './answer.ts';
import { FULL_LOAD, grown, halved, outwaited } from './line-load.ts';

/** An entry as the province gave it back. Nothing of it has been checked. */
export interface RecoveredEntry {
  readonly seq: number;
  readonly id: string;
  readonly kind: string;
  readonly at: number;
  readonly boot: string;
  readonly mono: number;
  /** RFC 8785 text. */
  readonly body: string;
  readonly sig: string | null;
}

export type RecoverAnswer =
  | {
      readonly ok: true;
      readonly entries: readonly RecoveredEntry[];
      readonly heldSeq: number;
      readonly reportedSeq: number;
    }
  | { readonly ok: false; readonly message: string };

/**
 * Asks the province for this device's own entries after the last one that is still here. What did not come in time is
 * asked for in smaller pieces the next time. Never rejects.
 */
export function createRecoverer(parts: {
  readonly post: Post;
  readonly signer: Signer;
  readonly deviceId: string;
  readonly clock: Pick<Clock, 'nowMs' | 'monoMs'>;
}): (after: { readonly seq: number; readonly hash: string }) => Promise<RecoverAnswer> {
  const { post, signer, deviceId, clock } = parts;
  const path = recoverPath(deviceId);
  let offsetMs = 0;
  let load = FULL_LOAD;

  const ask = (body: Uint8Array): Promise<Answer> => {
    const signed = signRequest(signer, {
      method: 'POST',
      path,
      body,
      keyId: deviceId,
      nowMs: clock.nowMs() + offsetMs,
    });
    return post({
      path,
      body,
      headers: { 'content-type': RECOVER_MEDIA_TYPE, ...signed },
      signal: new AbortController().signal,
    });
  };

  return async ({ seq, hash }) => {
    const { maxEntries } = load;
    const body = Buffer.from(
      JSON.stringify({ afterSeq: seq, afterHash: hash, maxEntries } satisfies Recover),
    );
    let sentMonoMs = clock.monoMs();
    let answer = await ask(body);
    const theirMs = clockRefused(answer);
    if (theirMs !== undefined) {
      offsetMs = theirMs - clock.nowMs();
      sentMonoMs = clock.monoMs();
      answer = await ask(body);
    }
    const tookMs = clock.monoMs() - sentMonoMs;
    if (answer.kind === 'failed' && answer.failure === 'timeout')
      load = halved(outwaited(load, tookMs), maxEntries);
    const found = read(answer);
    if (found.ok && found.entries.length > 0) load = grown(load, tookMs, found.entries.length);
    return found;
  };
}

function read(answer: Answer): RecoverAnswer {
  if (answer.kind === 'failed') return { ok: false, message: answer.message };
  const json = parsed(answer.body);
  if (answer.status !== 200) {
    const refusal = RefusalSchema.safeParse(json);
    const why = refusal.success ? refusal.data.message : 'no words of the journal protocol came with it';
    return { ok: false, message: `The province answered ${answer.status}: ${why}` };
  }
  const found = RecoveredSchema.safeParse(json);
  if (!found.success)
    return { ok: false, message: "The province's address answers with something else than the province." };
  const { entries, heldSeq, reportedHead } = found.data;
  // The bodies as they came: a schema's copy would not be what was signed.
  const events = (json as { readonly entries: readonly EntryEvent[] }).entries;
  try {
    return {
      ok: true,
      entries: entries.map((event, index) => entryOf(event, events[index]?.data.body ?? {})),
      heldSeq,
      reportedSeq: reportedHead?.seq ?? 0,
    };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { ok: false, message: `The province gave an entry that has no canonical form: ${detail}` };
  }
}

function entryOf({ id, type, time, data }: EntryEvent, body: unknown): RecoveredEntry {
  const { seq, boot, mono, sig = null } = data;
  const kind = type.slice(EVENT_TYPE_PREFIX.length);
  return { seq, id, kind, at: Date.parse(time), boot, mono, body: canonicalText(body), sig };
}

/** The province's time, when it is our clock that it refuses. */
function clockRefused(answer: Answer): number | undefined {
  if (answer.kind !== 'reply' || answer.status !== 401 || answer.date === undefined) return undefined;
  const refusal = RefusalSchema.safeParse(parsed(answer.body));
  if (!refusal.success || refusal.data.error !== 'clockSkew') return undefined;
  const theirMs = Date.parse(answer.date);
  return Number.isNaN(theirMs) ? undefined : theirMs;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
