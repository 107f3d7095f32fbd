import { AckSchema, type Refusal, RefusalSchema } from '../shared/protocol/batch.ts';
import { assertNever } from '../shared/words.ts';
import type { Answer } from './answer.ts';

/** What was asked, as far as it decides what an answer means. */
export interface Sent {
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** The end of our journal. */
  readonly headSeq: number;
  /** Whether the batch holds more than one commit, and so can be made smaller. */
  readonly divisible: boolean;
  /** Wall clock when the answer came, UTC ms. */
  readonly nowMs: number;
  /** Of an entry of our journal, lower-case hex; undefined when it is not there. */
  hashOf(seq: number): string | undefined;
}

/** What is to be done. Nothing else may follow from an answer. */
export type Verdict =
  | { readonly kind: 'delivered'; readonly ackedSeq: number; readonly serverTimeMs: number }
  /**
   * Try again after a backoff. `serverTimeMs` when the far end holds our clock for wrong; `late` when it did not go
   * through in time, and less of it might.
   */
  | {
      readonly kind: 'retry';
      readonly offline: boolean;
      readonly reason: string;
      readonly serverTimeMs?: number;
      readonly late?: true;
    }
  /** The far end sets the pace. */
  | { readonly kind: 'slowDown'; readonly ms: number; readonly reason: string }
  /** Go back and send from `expectedSeq`. */
  | { readonly kind: 'gap'; readonly expectedSeq: number; readonly reason: string }
  /** The same again in a smaller batch. */
  | { readonly kind: 'split'; readonly reason: string }
  /** The link is held at this commit: shown, retried slowly, never skipped and never deleted. */
  | { readonly kind: 'park'; readonly seq: number; readonly reason: string }
  /** Needs a person. `ahead`: the province holds entries that this journal does not have. */
  | { readonly kind: 'stop'; readonly why: 'revoked' | 'fork' | 'ahead'; readonly reason: string };

const SLOWEST_MS = 60 * 60_000;
const FASTEST_MS = 1_000;

/**
 * The whole mapping from an answer of the province to an act of the uploader. Pure. What is not written here is
 * nonsense, and nonsense is tried again later and shown; it never delivers, stops or parks anything.
 *
 * | status | body | verdict |
 * |---|---|---|
 * | – | no whole reply | retry (offline; late, when the time was up) |
 * | 200 | Ack within what was sent, its hash ours | delivered |
 * | 400, 422 | malformed | split, at a single commit park |
 * | 401 | badSignature · clockSkew | retry · retry with the time of the far end |
 * | 403 | revoked | stop |
 * | 404 | unknownDevice | retry |
 * | 409 | gap, expecting what lies before | gap |
 * | 409 | gap, expecting beyond our head | stop (ahead) |
 * | 409 | fork | stop |
 * | 408 | anything | retry (late) |
 * | 413 | anything | split, at a single commit park |
 * | 429, 503 | anything, with Retry-After | slowDown |
 * | else | anything | retry |
 */
export function verdict(answer: Answer, sent: Sent): Verdict {
  if (answer.kind === 'failed') {
    const late = answer.failure === 'timeout' ? ({ late: true } as const) : {};
    return { kind: 'retry', offline: true, reason: answer.message, ...late };
  }
  const { status } = answer;
  const json = parsed(answer.body);
  if (status === 200) return onAck(json, sent);
  if (status === 408)
    return {
      kind: 'retry',
      offline: false,
      late: true,
      reason: "The province's address waited no longer for what was sent (408).",
    };
  if (status === 413) return narrower(sent, refusalText(json) ?? 'the batch is too large for the province');
  if (status === 429 || status === 503) return onSlowDown(answer, json, sent);
  const refusal = RefusalSchema.safeParse(json);
  if (!refusal.success || !belongs(status, refusal.data.error))
    return { kind: 'retry', offline: false, reason: unknownReply(status) };
  return onRefusal(refusal.data, answer, sent);
}

function onAck(json: unknown, sent: Sent): Verdict {
  const ack = AckSchema.safeParse(json);
  const nonsense = (what: string): Verdict => ({
    kind: 'retry',
    offline: false,
    reason: `The province said 200, but ${what}. Nothing counts as delivered. Check that the address is the province's and no portal stands between.`,
  });
  if (!ack.success) return nonsense('its reply is not an acknowledgement');
  const { ackedSeq, ackedHash, serverTimeMs } = ack.data;
  if (ackedSeq > sent.headSeq) return nonsense(`acknowledged entry ${ackedSeq}, which was never written`);
  if (ackedSeq < sent.firstSeq)
    return nonsense(`acknowledged up to ${ackedSeq}, before what was sent (from ${sent.firstSeq})`);
  // A reply that went astray (of another request, another device) names another hash.
  if (ackedHash !== undefined && ackedHash !== sent.hashOf(ackedSeq))
    return nonsense(`acknowledged entry ${ackedSeq} with a hash that is not ours`);
  // It may hold more from earlier, but this answer vouches for no more than this request carried.
  return { kind: 'delivered', ackedSeq: Math.min(ackedSeq, sent.lastSeq), serverTimeMs };
}

/** Which error may come with which status; a mixture is not the province speaking. */
function belongs(status: number, error: Refusal['error']): boolean {
  switch (error) {
    case 'malformed':
      return status === 400 || status === 422;
    case 'badSignature':
    case 'clockSkew':
      return status === 401;
    case 'revoked':
      return status === 403;
    case 'unknownDevice':
      return status === 404;
    case 'gap':
    case 'fork':
      return status === 409;
    case 'tooLarge':
      return status === 413;
    case 'slowDown':
      return status === 429 || status === 503;
    case 'internal':
      return status >= 500;
    default:
      return assertNever(error);
  }
}

function onRefusal(refusal: Refusal, answer: Answer & { kind: 'reply' }, sent: Sent): Verdict {
  const reason = refusal.message;
  switch (refusal.error) {
    case 'malformed':
      return narrower(sent, reason);
    case 'clockSkew': {
      const serverTimeMs = Date.parse(answer.date ?? '');
      return {
        kind: 'retry',
        offline: false,
        reason,
        ...(Number.isFinite(serverTimeMs) ? { serverTimeMs } : {}),
      };
    }
    case 'revoked':
      return { kind: 'stop', why: 'revoked', reason };
    case 'fork':
      return { kind: 'stop', why: 'fork', reason };
    case 'gap':
      return onGap(refusal, sent);
    case 'badSignature':
    case 'unknownDevice':
    case 'tooLarge':
    case 'slowDown':
    case 'internal':
      return { kind: 'retry', offline: false, reason };
    default:
      return assertNever(refusal.error);
  }
}

function onGap({ expectedSeq, message }: Refusal, sent: Sent): Verdict {
  if (expectedSeq !== undefined && expectedSeq < sent.firstSeq)
    return { kind: 'gap', expectedSeq, reason: message };
  if (expectedSeq !== undefined && expectedSeq > sent.headSeq + 1)
    return {
      kind: 'stop',
      why: 'ahead',
      reason: `The province holds this device's entries up to ${expectedSeq - 1}, the journal here ends at ${sent.headSeq}: an old copy was put back, or the device id runs twice. Do not go on with this folder; provision the device again.`,
    };
  return {
    kind: 'retry',
    offline: false,
    reason: `The province named a gap but asks for ${expectedSeq ?? 'no entry'}, and entries from ${sent.firstSeq} were sent.`,
  };
}

function narrower(sent: Sent, reason: string): Verdict {
  return sent.divisible ? { kind: 'split', reason } : { kind: 'park', seq: sent.firstSeq, reason };
}

function onSlowDown(answer: Answer & { kind: 'reply' }, json: unknown, sent: Sent): Verdict {
  const reason = refusalText(json) ?? `the province is busy (${answer.status})`;
  const ms = retryAfterMs(answer, sent.nowMs);
  if (ms === undefined) return { kind: 'retry', offline: false, reason };
  return { kind: 'slowDown', ms: Math.min(SLOWEST_MS, Math.max(FASTEST_MS, ms)), reason };
}

/** RFC 9110 10.2.3: seconds or a date; a date is measured by the far end's own clock where it tells it. */
function retryAfterMs(answer: Answer & { kind: 'reply' }, nowMs: number): number | undefined {
  const { retryAfter, date } = answer;
  if (retryAfter === undefined) return undefined;
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const untilMs = Date.parse(retryAfter);
  const theirNowMs = Date.parse(date ?? '');
  if (!Number.isFinite(untilMs)) return undefined;
  return untilMs - (Number.isFinite(theirNowMs) ? theirNowMs : nowMs);
}

function refusalText(json: unknown): string | undefined {
  const refusal = RefusalSchema.safeParse(json);
  return refusal.success ? refusal.data.message : undefined;
}

function unknownReply(status: number): string {
  const what = status >= 300 && status < 400 ? 'a redirection, which is not followed' : 'no reason we know';
  return `The province's address answered ${status} with ${what}. Check the address and what stands between.`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
