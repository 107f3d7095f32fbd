/**
 * DELIVERED. Sends the journal to the province over the journal protocol, every entry once and in order,
 * however long the network is away. What an answer means is decided in ./verdict.ts; ./deliver.ts (batches) and
 * ./beat.ts (heartbeats) carry it out over one ./line.ts.
 * Nothing here writes to the journal or knows SQLite: the store is a few verbs, declared below.
 * Protocol and choices: docs/journal-protocol.md.
 */
import type { Clock } from '../shared/clock.ts';
import type { Signer } from '../shared/journal/suite.ts';
import type { StoredEntry } from '../shared/journal/verify.ts';
import { MAX_BATCH_BYTES } from '../shared/protocol/batch.ts';
import type { DeviceId } from '../shared/words.ts';
import type { Post } from './answer.ts';
import { BACKOFF, type BackoffLimits } from './backoff.ts';
import { createBeats } from './beat.ts';
import { createDelivery } from './deliver.ts';
import type { GiveWay } from './give-way.ts';
import { createLeasedPost } from './leased-post.ts';
import { createLine } from './line.ts';
import type { ServerTime, UploadState } from './upload-state.ts';

export type { ServerTime, UploadState, UploadStateName } from './upload-state.ts';

/** What the uploader needs of a store. */
export interface OutboxStore {
  /** Ends with a signed entry; empty at the head; one whole commit where the limits allow less. */
  readBatch(from: {
    readonly afterSeq: number;
    readonly maxEntries: number;
    readonly maxBytes: number;
  }): readonly StoredEntry[];
  cursorOf(link: string): number;
  advanceCursor(link: string, ackedSeq: number): void;
  head(): { readonly seq: number; readonly hash: string };
  onAppended(listener: (headSeq: number) => void): () => void;
}

export interface UploaderParts {
  readonly store: OutboxStore;
  /** Name of the cursor. */
  readonly link: string;
  readonly post: Post;
  readonly signer: Signer;
  readonly deviceId: DeviceId;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly onState: (state: UploadState) => void;
  /** After every acknowledgement, when the uploader has gone on; may append to the journal. */
  readonly onServerTime?: (time: ServerTime) => void;
  readonly backoffLimits?: BackoffLimits;
  /** Says how far the journal goes, also when there is nothing to send. Absent: it is not said. `boot` as in entries. */
  readonly heartbeat?: { readonly everyMs: number; readonly boot: string };
  /** The first sending comes within this time, drawn: a hall switches its tablets on together. */
  readonly spreadMs?: number;
  /** How long a request may be under way at the longest; above the transport's own limit. */
  readonly leaseMs?: number;
  /** Whom the reading and packing of a backlog lets go first. */
  readonly giveWay?: Pick<GiveWay, 'inTurn'>;
}

export interface Uploader {
  start(): void;
  /** Gives up what is under way and waits until it has ended. Nothing is lost: it is sent at the next start. */
  stop(): Promise<void>;
  /** Somebody wants it now: ends a wait of ours, but neither a pause the province asked for nor a stop. */
  kick(): void;
  state(): UploadState;
}

/** A new entry ends the wait for a lost network only when the last failure is this old. */
const APPEND_RETRIES_AFTER_MS = 5_000;

/** Above the longest time limit a site can set for a request. */
const LEASE_MS = 5 * 60_000;

export function createUploader(parts: UploaderParts): Uploader {
  const { store, link, clock, random, onState } = parts;
  let unsubscribe: (() => void) | undefined;
  /** What went last was a heartbeat. */
  let beaten = false;

  const line = createLine({
    clock,
    random,
    limits: parts.backoffLimits ?? BACKOFF,
    onShown: () => onState(current()),
    onTurn: next,
    onHalt: () => beats?.stop(),
  });
  const over = {
    ...parts,
    line,
    next,
    post: createLeasedPost({ post: parts.post, clock, leaseMs: parts.leaseMs ?? LEASE_MS }),
    ours: () => ({ headSeq: store.head().seq, nowMs: clock.nowMs(), hashOf }),
    onClock: clockSeen,
    onServerTime: (time: ServerTime) => parts.onServerTime?.(time),
  };
  const delivery = createDelivery({ ...over, onParked: () => beats?.catchUp() });
  const beats = parts.heartbeat && createBeats({ ...over, heartbeat: parts.heartbeat, onHeld });

  function current(): UploadState {
    const ackedSeq = store.cursorOf(link);
    return { ...line.shown, unsent: store.head().seq - Math.min(delivery.position, ackedSeq), ackedSeq };
  }

  function next(): void {
    if (!line.running || line.busy) return;
    const unsent = store.head().seq > delivery.position;
    // After a failure or a refusal what is unsent goes first: it asks the same question, and a heartbeat does not put it off.
    // On a line too thin for a batch it asks another one, and the province must not take us for silent: they go in turn.
    const inTurn = delivery.late && !beaten;
    const isFirst = unsent && ((line.failures > 0 && !inTurn) || line.shown.state === 'held');
    beaten = beats?.due === true && !isFirst;
    if (beats && beaten) beats.beat();
    else delivery.send();
  }

  function onHeld(heldSeq: number): boolean {
    if (heldSeq >= delivery.position) return true;
    delivery.goBack(heldSeq);
    return false;
  }

  function hashOf(seq: number): string | undefined {
    const entries = store.readBatch({ afterSeq: seq - 1, maxEntries: 1, maxBytes: MAX_BATCH_BYTES });
    return entries.find((entry) => entry.seq === seq)?.hash;
  }

  function clockSeen({ theirMs, monoMs, errorMs }: ServerTime): void {
    const theirNowMs = theirMs + (clock.monoMs() - monoMs);
    const serverOffsetMs = Math.round(theirNowMs - clock.nowMs());
    line.hear({ serverOffsetMs, serverOffsetErrorMs: errorMs });
  }

  /** Several entries of one moment become one sending, after whoever wrote them has finished. */
  function appended(): void {
    if (!line.running || line.busy) return;
    const { state } = line.shown;
    if (state === 'idle') {
      if (!line.waiting) line.sendAfter(0);
      return;
    }
    line.say();
    if (state === 'offline' && line.quietFor(APPEND_RETRIES_AFTER_MS)) line.sendAfter(0);
  }

  return {
    start() {
      if (line.running) return;
      line.start();
      delivery.begin();
      unsubscribe = store.onAppended(appended);
      line.show('idle');
      beats?.start();
      line.sendAfter((parts.spreadMs ?? 0) * random());
    },
    async stop() {
      unsubscribe?.();
      beats?.stop();
      await Promise.all([line.stop(), delivery.stop()]);
    },
    kick() {
      const { state } = line.shown;
      if (line.running && state !== 'slowed' && state !== 'stopped') line.sendAfter(0);
    },
    state: current,
  };
}
