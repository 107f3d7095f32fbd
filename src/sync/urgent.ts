/**
 * A request for help overtakes. Beside the ordinary delivery (./uploader.ts), over a connection of its own, this
 * tells the province of requests that are still unsent, with what proves them. It never touches the cursor: the
 * ordinary delivery brings the same entries later, and what is told here is confirmed by them. Nothing is kept:
 * what is unsent and urgent is read from the journal. Protocol: docs/journal-protocol.md.
 */
import type { Clock } from '../shared/clock.ts';
import type { Signer } from '../shared/journal/suite.ts';
import type { StoredEntry } from '../shared/journal/verify.ts';
import { UrgentAckSchema } from '../shared/protocol/urgent.ts';
import type { DeviceId } from '../shared/words.ts';
import type { Answer, Post } from './answer.ts';
import { backoff, OFFLINE_CAP_MS } from './backoff.ts';
import { createLeasedPost } from './leased-post.ts';
import { noticeOf, sealNotice } from './urgent-notice.ts';
import { type Verdict, verdict } from './verdict.ts';

/** What the sender needs of a store. */
export interface UrgentStore {
  /** The entries of a kind with `afterSeq` < seq ≤ `toSeq`, by seq. */
  seqsOf(kind: 'rating.helpRequested', afterSeq: number, toSeq: number): readonly number[] | 'unreadable';
  entries(afterSeq?: number): Iterable<StoredEntry>;
  cursorOf(link: string): number;
  head(): { readonly seq: number };
  onAppended(listener: (headSeq: number) => void): () => void;
}

export interface UrgentSenderParts {
  readonly store: UrgentStore;
  /** Whose cursor says what is delivered. */
  readonly link: string;
  /** Not the ordinary delivery's: its connections may be taken. */
  readonly post: Post;
  readonly signer: Signer;
  readonly deviceId: DeviceId;
  readonly clock: Clock;
  /** Id of this start of the machine, as the journal's entries have it. */
  readonly boot: string;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** For the log: what the province knows, or why it is left to the ordinary delivery. */
  readonly onNote: (note: UrgentNote) => void;
  /** The first notices after a start come within this time, drawn: a hall switches its tablets on together. */
  readonly spreadMs?: number;
}

export type UrgentNote =
  | { readonly id: 'helpAnnounced'; readonly seq: number; readonly held: boolean }
  | { readonly id: 'helpRetry'; readonly seq: number; readonly reason: string }
  | { readonly id: 'helpLeft'; readonly seq: number; readonly reason: string };

export interface UrgentSender {
  start(): void;
  /** Gives up what is under way and waits until it has ended; it is told after the next start. */
  stop(): Promise<void>;
  /** Requests for help that the province has not been told of and that still are to be. */
  waiting(): number;
}

/** This little goes in one batch, and the ordinary delivery has been woken by the same act. */
const LITTLE_UNSENT = 64;
const HEAD_START_MS = 1_000;
/** Looked through in one go while a backlog is searched after a start; between two goes others have their turn. */
const SEARCHED_AT_ONCE = 5_000;
const MOST_REFUSALS = 8;
const REFUSED_LIMITS = { baseMs: 1_000, capMs: 60_000 };
/** A pause that the province asks for again and again grows to this; somebody stands there and waits. */
const SLOWED_CAP_MS = 60_000;
const OFFLINE_LIMITS = { baseMs: 1_000, capMs: OFFLINE_CAP_MS };
/** Above the longest time limit a site can set for a request. */
const LEASE_MS = 5 * 60_000;

interface Waiting {
  readonly seq: number;
  refusals: number;
  failures: number;
}

export function createUrgentSender(parts: UrgentSenderParts): UrgentSender {
  const { store, link, signer, deviceId, clock, boot, random, onNote } = parts;
  const post = createLeasedPost({ post: parts.post, clock, leaseMs: LEASE_MS });
  let running = false;
  /** Up to here the journal has been looked through. */
  let searched = 0;
  /** The newest is told first: its citizen is still there. */
  let queue: Waiting[] = [];
  let signWithOffsetMs = 0;
  /** Pauses that the province asked for since it last took a notice, or since nothing was left to tell. */
  let slowed = 0;
  let cancelTimer: (() => void) | undefined;
  let cancelSearch: (() => void) | undefined;
  let unsubscribe: (() => void) | undefined;
  let flight: { readonly abort: AbortController; readonly landed: Promise<void> } | undefined;

  function search(): void {
    cancelSearch?.();
    cancelSearch = undefined;
    if (!running) return;
    searched = Math.max(searched, store.cursorOf(link));
    const head = store.head().seq;
    const to = Math.min(head, searched + SEARCHED_AT_ONCE);
    if (to <= searched) return;
    const found = store.seqsOf('rating.helpRequested', searched, to);
    if (found === 'unreadable') {
      cancelSearch = clock.after(OFFLINE_LIMITS.capMs, search);
      return;
    }
    searched = to;
    forgetDelivered();
    for (const seq of found) queue.unshift({ seq, refusals: 0, failures: 0 });
    if (searched < head) cancelSearch = clock.after(0, search);
    // What waits for its turn already keeps it: a new request does not end a wait that the province asked for.
    if (found.length > 0 && !flight && !cancelTimer) sendAfter(headStartMs());
  }

  const headStartMs = () => (store.head().seq - store.cursorOf(link) <= LITTLE_UNSENT ? HEAD_START_MS : 0);

  function sendAfter(ms: number): void {
    cancelTimer?.();
    cancelTimer = clock.after(ms, () => {
      cancelTimer = undefined;
      send();
    });
  }

  /** The ordinary delivery brings them too, while this waits. */
  function forgetDelivered(): void {
    queue = queue.filter(({ seq }) => seq > store.cursorOf(link));
    // What the province asked for then is nothing to whoever asks for help days later.
    if (queue.length === 0) slowed = 0;
  }

  function send(): void {
    if (!running || flight) return;
    forgetDelivered();
    const next = queue[0];
    if (!next) return;
    const abort = new AbortController();
    flight = { abort, landed: fly(next, abort) };
  }

  async function fly(next: Waiting, abort: AbortController): Promise<void> {
    let waitMs: number;
    try {
      const sent = { boot, mono: Math.max(0, Math.floor(clock.monoMs())) };
      const notice = noticeOf(store, deviceId, next.seq, sent);
      if (notice) {
        const request = sealNotice(notice, { signer, deviceId, nowMs: clock.nowMs() + signWithOffsetMs });
        const [answer] = await post(request, abort);
        waitMs = running ? obey(next, answer, notice.hash) : 0;
      } else waitMs = leave(next, 'its rating is not found near it, or the notice would be too large');
    } catch (error) {
      waitMs = refused(next, error instanceof Error ? error.message : String(error));
    }
    flight = undefined;
    if (running && queue.length > 0) sendAfter(waitMs);
  }

  /** @returns how long to wait before the next notice, ms. */
  function obey(next: Waiting, answer: Answer, hash: string): number {
    if (answer.kind === 'reply' && answer.status === 200) {
      const ack = UrgentAckSchema.safeParse(parsed(answer.body));
      if (!ack.success || ack.data.seq !== next.seq || ack.data.hash !== hash)
        return refused(next, 'The province said 200, but its reply is not about this request for help.');
      drop(next);
      onNote({ id: 'helpAnnounced', seq: next.seq, held: ack.data.held });
      return 0;
    }
    return obeyRefusal(next, verdict(answer, single(next.seq)));
  }

  /** One entry, as far as the table of answers is concerned: nothing of it can be split, and nothing lies before. */
  const single = (seq: number) => ({
    firstSeq: seq,
    lastSeq: seq,
    headSeq: store.head().seq,
    divisible: false,
    nowMs: clock.nowMs(),
    hashOf: () => undefined,
  });

  function obeyRefusal(next: Waiting, found: Verdict): number {
    switch (found.kind) {
      case 'slowDown':
        onNote({ id: 'helpRetry', seq: next.seq, reason: found.reason });
        return pauseMs(found.ms) * (1 + 0.2 * random());
      case 'stop':
        return leave(next, found.reason);
      case 'retry':
        if (found.serverTimeMs !== undefined) signWithOffsetMs = found.serverTimeMs - clock.nowMs();
        if (!found.offline) return refused(next, found.reason);
        onNote({ id: 'helpRetry', seq: next.seq, reason: found.reason });
        return backoff(next.failures++, random, OFFLINE_LIMITS);
      default:
        return refused(next, 'reason' in found ? found.reason : 'the answer is not about a notice');
    }
  }

  /** As the province asks, and longer each time: it has no room for this device, and that may last. */
  function pauseMs(askedMs: number): number {
    const grownMs = askedMs * 2 ** Math.min(slowed++, 10);
    return Math.max(askedMs, Math.min(SLOWED_CAP_MS, grownMs));
  }

  /** Somebody answers and does not take it: asked a few times, then the ordinary delivery has to do. */
  function refused(next: Waiting, reason: string): number {
    next.refusals++;
    if (next.refusals >= MOST_REFUSALS) return leave(next, reason);
    onNote({ id: 'helpRetry', seq: next.seq, reason });
    return backoff(next.refusals - 1, random, REFUSED_LIMITS);
  }

  function leave(next: Waiting, reason: string): number {
    drop(next);
    onNote({ id: 'helpLeft', seq: next.seq, reason });
    return 0;
  }

  function drop(done: Waiting): void {
    queue = queue.filter((one) => one !== done);
    slowed = 0;
  }

  return {
    start() {
      if (running) return;
      running = true;
      slowed = 0;
      searched = store.cursorOf(link);
      unsubscribe = store.onAppended(() => {
        if (!cancelSearch) cancelSearch = clock.after(0, search);
      });
      cancelSearch = clock.after((parts.spreadMs ?? 0) * random(), search);
    },
    async stop() {
      running = false;
      unsubscribe?.();
      cancelTimer?.();
      cancelSearch?.();
      cancelTimer = undefined;
      cancelSearch = undefined;
      flight?.abort.abort();
      await flight?.landed;
      queue = [];
    },
    waiting: () => queue.filter(({ seq }) => seq > store.cursorOf(link)).length,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
