import { gunzipSync } from 'node:zlib';
import type { StoredEntry } from '../../src/shared/journal/verify.ts';
import { BatchSchema } from '../../src/shared/protocol/batch.ts';
import { type Heartbeat, HeartbeatSchema, heartbeatPath } from '../../src/shared/protocol/heartbeat.ts';
import { DeviceIdSchema } from '../../src/shared/words.ts';
import type { Answer, PostRequest } from '../../src/sync/answer.ts';
import {
  createUploader,
  type OutboxStore,
  type UploaderParts,
  type UploadState,
} from '../../src/sync/uploader.ts';
import { createFakeClock } from './fake-clock.ts';
import { newSigner } from './store-parts.ts';

const LINK = 'province';
export const deviceId = DeviceIdSchema.parse('hall-01-counter-12');

/** A journal of entries without meaning; every `commit`th is signed. Throws on what the store would refuse. */
function fakeStore(commit = 1) {
  let head = 0;
  let cursor = 0;
  const listeners = new Set<(headSeq: number) => void>();
  const entry = (seq: number): StoredEntry => ({
    seq,
    id: `019dfb2a-3f80-7000-8000-${String(seq).padStart(12, '0')}`,
    kind: 'pause.changed',
    at: Date.UTC(2026, 4, 6),
    boot: 'b',
    mono: seq,
    body: '{"by":"clerk","paused":true}',
    prev: '0'.repeat(64),
    hash: '1'.repeat(64),
    sig: seq % commit === 0 ? 'AAAA' : null,
  });
  const store: OutboxStore & {
    append(count: number): void;
    broken: boolean;
    /** The furthest entry that was read for sending. */
    readTo: number;
  } = {
    broken: false,
    readTo: 0,
    append(count) {
      head += count;
      for (const listener of listeners) listener(head);
    },
    readBatch({ afterSeq, maxEntries }) {
      if (store.broken) throw new Error('disk I/O error');
      const room = Math.max(commit, maxEntries - (maxEntries % commit));
      const count = Math.min(room, head - afterSeq);
      store.readTo = Math.max(store.readTo, afterSeq + count);
      return Array.from({ length: count }, (_, index) => entry(afterSeq + 1 + index));
    },
    cursorOf: () => cursor,
    advanceCursor(link, ackedSeq) {
      if (link !== LINK || ackedSeq > head || ackedSeq <= cursor) throw new Error(`advance to ${ackedSeq}`);
      cursor = ackedSeq;
    },
    head: () => ({ seq: head, hash: '1'.repeat(64) }),
    onAppended(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return store;
}

export interface Sending {
  readonly seqs: readonly number[];
  readonly request: PostRequest;
  /** Instead of a batch. */
  readonly heartbeat?: Heartbeat;
  answer(answer: Answer): Promise<void>;
}

const seqsOf = (body: Uint8Array) =>
  BatchSchema.parse(JSON.parse(gunzipSync(body).toString())).map((event) => event.data.seq);

/** A far end that answers when the test says so, and throws when asked more than `atOnce` things at once. */
export function uploadBench(commit = 1, more: Partial<UploaderParts> = {}, atOnce = 1) {
  const clock = createFakeClock();
  const store = fakeStore(commit);
  const signer = newSigner();
  const states: UploadState[] = [];
  const waiting: Sending[] = [];
  let arrived: (() => void) | undefined;
  const uploader = createUploader({
    store,
    link: LINK,
    signer,
    deviceId,
    clock,
    random: () => 0.5,
    onState: (state) => states.push(state),
    post: (request) =>
      new Promise((resolve, reject) => {
        if (waiting.length === atOnce) return reject(new Error('one request too many is under way'));
        const beat = request.path === heartbeatPath(deviceId);
        const sent: Sending = {
          request,
          seqs: beat ? [] : seqsOf(request.body),
          ...(beat
            ? { heartbeat: HeartbeatSchema.parse(JSON.parse(Buffer.from(request.body).toString())) }
            : {}),
          async answer(answer) {
            gone();
            resolve(answer);
            // The uploader goes on in microtasks; what it does next is either a request or a timer.
            await new Promise((done) => setImmediate(done));
          },
        };
        const gone = () => {
          const at = waiting.indexOf(sent);
          if (at >= 0) waiting.splice(at, 1);
        };
        waiting.push(sent);
        request.signal.addEventListener('abort', () => {
          gone();
          resolve({ kind: 'failed', failure: 'aborted', message: 'aborted' });
        });
        arrived?.();
      }),
    ...more,
  });
  const arrival = () =>
    new Promise<void>((done) => {
      arrived = done;
    });
  return {
    clock,
    store,
    signer,
    states,
    uploader,
    /** The request under way, or the next one. */
    async sending(): Promise<Sending> {
      if (waiting.length === 0) await arrival();
      const [first] = waiting;
      if (!first) throw new Error('no request');
      return first;
    },
    /** Both requests that are under way, or will be. */
    async sendings(): Promise<readonly [Sending, Sending]> {
      while (waiting.length < 2) await arrival();
      const [first, second] = waiting;
      if (!first || !second) throw new Error('no two requests');
      return [first, second];
    },
    get quiet() {
      return waiting.length === 0;
    },
  };
}

export const reply = (
  status: number,
  body: unknown,
  headers: { retryAfter?: string; date?: string } = {},
): Answer => ({
  kind: 'reply',
  status,
  body: JSON.stringify(body),
  ...headers,
});
export const ack = (ackedSeq: number) =>
  reply(200, { ackedSeq, serverTimeMs: Date.UTC(2026, 4, 6, 1, 0, 9), configVersion: 0, commands: [] });
export const refuse = (status: number, error: string, more: object = {}) =>
  reply(status, { error, message: `it is ${error}`, ...more });
export const offline: Answer = { kind: 'failed', failure: 'unreachable', message: 'no route' };

export const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** Gives what waits for a timer of 0 ms its turn. */
export const turn = (clock: { advance(ms: number): void }) => clock.advance(0);
