import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { newSigner } from '../../test/support/store-parts.ts';
import type { StoredEntry } from '../shared/journal/verify.ts';
import { BatchSchema } from '../shared/protocol/batch.ts';
import { verifyRequest } from '../shared/protocol/signature.ts';
import { DeviceIdSchema } from '../shared/words.ts';
import type { Answer, PostRequest } from './answer.ts';
import { createUploader, type OutboxStore, type UploadState } from './uploader.ts';

const LINK = 'province';
const deviceId = DeviceIdSchema.parse('hall-01-counter-12');

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
  const store: OutboxStore & { append(count: number): void; broken: boolean } = {
    broken: false,
    append(count) {
      head += count;
      for (const listener of listeners) listener(head);
    },
    readBatch({ afterSeq, maxEntries }) {
      if (store.broken) throw new Error('disk I/O error');
      const room = Math.max(commit, maxEntries - (maxEntries % commit));
      const count = Math.min(room, head - afterSeq);
      return Array.from({ length: count }, (_, index) => entry(afterSeq + 1 + index));
    },
    cursorOf: () => cursor,
    advanceCursor(link, ackedSeq) {
      if (link !== LINK || ackedSeq > head || ackedSeq <= cursor) throw new Error(`advance to ${ackedSeq}`);
      cursor = ackedSeq;
    },
    head: () => ({ seq: head }),
    onAppended(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return store;
}

interface Sending {
  readonly seqs: readonly number[];
  readonly request: PostRequest;
  answer(answer: Answer): Promise<void>;
}

/** A far end that answers when the test says so, and throws when asked twice at once. */
function bench(commit = 1) {
  const clock = createFakeClock();
  const store = fakeStore(commit);
  const signer = newSigner();
  const states: UploadState[] = [];
  let waiting: Sending | undefined;
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
        if (waiting) return reject(new Error('a second request while one is under way'));
        const batch = BatchSchema.parse(JSON.parse(gunzipSync(request.body).toString()));
        waiting = {
          request,
          seqs: batch.map((event) => event.data.seq),
          async answer(answer) {
            waiting = undefined;
            resolve(answer);
            // The uploader goes on in microtasks; what it does next is either a request or a timer.
            await new Promise((done) => setImmediate(done));
          },
        };
        request.signal.addEventListener('abort', () => {
          waiting = undefined;
          resolve({ kind: 'failed', failure: 'aborted', message: 'aborted' });
        });
        arrived?.();
      }),
  });
  return {
    clock,
    store,
    signer,
    states,
    uploader,
    /** The request under way, or the next one. */
    async sending(): Promise<Sending> {
      if (!waiting)
        await new Promise<void>((done) => {
          arrived = done;
        });
      if (!waiting) throw new Error('no request');
      return waiting;
    },
    get quiet() {
      return waiting === undefined;
    },
  };
}

const reply = (
  status: number,
  body: unknown,
  headers: { retryAfter?: string; date?: string } = {},
): Answer => ({
  kind: 'reply',
  status,
  body: JSON.stringify(body),
  ...headers,
});
const ack = (ackedSeq: number) =>
  reply(200, { ackedSeq, serverTimeMs: Date.UTC(2026, 4, 6, 1, 0, 9), configVersion: 0, commands: [] });
const refuse = (status: number, error: string, more: object = {}) =>
  reply(status, { error, message: `it is ${error}`, ...more });
const offline: Answer = { kind: 'failed', failure: 'unreachable', message: 'no route' };

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** Gives what waits for a timer of 0 ms its turn. */
const turn = (clock: { advance(ms: number): void }) => clock.advance(0);

describe('sending', () => {
  it('sends what waits at the start, advances, and is idle', async () => {
    const { store, uploader, clock, sending, states } = bench();
    store.append(3);
    uploader.start();
    turn(clock);
    const first = await sending();
    expect(first.seqs).toEqual([1, 2, 3]);
    expect(uploader.state()).toMatchObject({ state: 'sending', unsent: 3, ackedSeq: 0 });
    await first.answer(ack(3));
    expect(uploader.state()).toEqual({
      state: 'idle',
      sinceMs: clock.nowMs(),
      unsent: 0,
      ackedSeq: 3,
      serverOffsetMs: 9000,
    });
    expect(states.map(({ state }) => state)).toEqual(['idle', 'sending', 'idle']);
  });

  it('signs the request as the protocol says', async () => {
    const { store, uploader, clock, sending, signer } = bench();
    store.append(1);
    uploader.start();
    turn(clock);
    const { request } = await sending();
    expect(request.path).toBe('/v1/devices/hall-01-counter-12/entries');
    expect(request.headers).toMatchObject({
      'content-type': 'application/cloudevents-batch+json',
      'content-encoding': 'gzip',
    });
    const check = { ...request, method: 'POST', publicKeyOf: () => signer.publicKey };
    expect(verifyRequest(signer.suite, check)).toEqual({
      ok: true,
      keyId: deviceId,
      createdMs: clock.nowMs(),
    });
    await uploader.stop();
  });

  it('gathers what is written in one moment and sends at once', async () => {
    const box = bench();
    const { store, uploader, clock, sending } = box;
    uploader.start();
    turn(clock);
    store.append(1);
    store.append(2);
    expect(box.quiet).toBe(true);
    turn(clock);
    const first = await sending();
    expect(first.seqs).toEqual([1, 2, 3]);
    store.append(1);
    await first.answer(ack(3));
    expect((await sending()).seqs).toEqual([4]);
    await uploader.stop();
  });

  it('drains a backlog in batches, in order, one at a time', async () => {
    const { store, uploader, clock, sending } = bench();
    store.append(1200);
    uploader.start();
    turn(clock);
    for (const [from, to] of [
      [1, 500],
      [501, 1000],
      [1001, 1200],
    ] as const) {
      const part = await sending();
      expect(part.seqs).toEqual(range(from, to));
      await part.answer(ack(to));
    }
    expect(uploader.state()).toMatchObject({ state: 'idle', unsent: 0 });
  });

  it('goes on after a part was taken', async () => {
    const { store, uploader, clock, sending } = bench();
    store.append(5);
    uploader.start();
    turn(clock);
    await (await sending()).answer(ack(2));
    expect((await sending()).seqs).toEqual([3, 4, 5]);
    await uploader.stop();
  });
});

describe('without a network', () => {
  it('backs off up to the cap, keeps nothing in memory, and sends all when it is back', async () => {
    const { store, uploader, clock, sending } = bench();
    store.append(1);
    uploader.start();
    turn(clock);
    const delays: number[] = [];
    for (let failure = 0; failure < 60; failure++) {
      await (await sending()).answer(offline);
      const { state, retryAtMs = 0, lastError } = uploader.state();
      expect([state, lastError]).toEqual(['offline', 'no route']);
      delays.push(retryAtMs - clock.nowMs());
      expect(clock.pending).toBe(1);
      clock.advance(retryAtMs - clock.nowMs());
    }
    expect(delays.slice(0, 4)).toEqual([500, 1000, 2000, 4000]);
    expect(Math.max(...delays)).toBe(150_000);
    await (await sending()).answer(ack(1));
    expect(uploader.state()).toMatchObject({ state: 'idle', unsent: 0 });
    expect(uploader.state()).not.toHaveProperty('lastError');
  });

  it('a new entry is no reason to hammer, but after five seconds it is one to try', async () => {
    const box = bench();
    const { store, uploader, clock, sending } = box;
    store.append(1);
    uploader.start();
    turn(clock);
    for (let failure = 0; failure < 6; failure++) {
      await (await sending()).answer(offline);
      if (failure < 5) clock.advance((uploader.state().retryAtMs ?? 0) - clock.nowMs());
    }
    clock.advance(4_999);
    store.append(1);
    turn(clock);
    expect(box.quiet).toBe(true);
    clock.advance(1);
    store.append(1);
    turn(clock);
    expect((await sending()).seqs).toEqual([1, 2, 3]);
    await uploader.stop();
  });

  it('kick tries now', async () => {
    const { store, uploader, clock, sending } = bench();
    store.append(1);
    uploader.start();
    turn(clock);
    await (await sending()).answer(offline);
    uploader.kick();
    turn(clock);
    await (await sending()).answer(ack(1));
    expect(uploader.state().state).toBe('idle');
  });
});

describe('refusals', () => {
  it('slows down as it was told, and neither an entry nor a kick ends that', async () => {
    const box = bench();
    const { store, uploader, clock, sending } = box;
    store.append(1);
    uploader.start();
    turn(clock);
    await (await sending()).answer(refuse(503, 'slowDown'));
    expect(uploader.state().state).toBe('waiting');
    clock.advance(500);
    await (await sending()).answer(reply(429, { error: 'slowDown', message: 'busy' }, { retryAfter: '10' }));
    expect(uploader.state()).toMatchObject({ state: 'slowed', retryAtMs: clock.nowMs() + 11_000 });
    uploader.kick();
    store.append(1);
    clock.advance(10_999);
    expect(box.quiet).toBe(true);
    clock.advance(1);
    await (await sending()).answer(ack(2));
    expect(uploader.state().state).toBe('idle');
  });

  it('goes back on a gap and sends from there; the cursor stays', async () => {
    const { store, uploader, clock, sending } = bench();
    store.append(6);
    uploader.start();
    turn(clock);
    await (await sending()).answer(ack(6));
    store.append(2);
    turn(clock);
    await (await sending()).answer(refuse(409, 'gap', { expectedSeq: 4 }));
    const again = await sending();
    expect(again.seqs).toEqual([4, 5, 6, 7, 8]);
    expect(uploader.state()).toMatchObject({ ackedSeq: 6, unsent: 5 });
    await again.answer(ack(5));
    expect(uploader.state()).toMatchObject({ ackedSeq: 6, unsent: 3 });
    await (await sending()).answer(ack(8));
    expect(uploader.state()).toMatchObject({ state: 'idle', ackedSeq: 8, unsent: 0 });
  });

  it('does not chase a far end that names one gap after another', async () => {
    const { store, uploader, clock, sending } = bench();
    store.append(6);
    uploader.start();
    turn(clock);
    await (await sending()).answer(ack(6));
    store.append(1);
    turn(clock);
    await (await sending()).answer(refuse(409, 'gap', { expectedSeq: 5 }));
    await (await sending()).answer(refuse(409, 'gap', { expectedSeq: 3 }));
    expect(uploader.state().state).toBe('waiting');
    clock.advance(500);
    expect((await sending()).seqs).toEqual(range(3, 7));
    await uploader.stop();
  });

  it.each<[string, Answer, RegExp]>([
    ['revoked', refuse(403, 'revoked'), /revoked/],
    ['a fork', refuse(409, 'fork', { seq: 1 }), /fork/],
    ['a gap beyond the journal', refuse(409, 'gap', { expectedSeq: 99 }), /old copy/],
  ])('stops on %s, says so, and stays stopped', async (_name, answer, message) => {
    const box = bench();
    const { store, uploader, clock, sending } = box;
    store.append(1);
    uploader.start();
    turn(clock);
    await (await sending()).answer(answer);
    expect(uploader.state()).toMatchObject({
      state: 'stopped',
      unsent: 1,
      lastError: expect.stringMatching(message),
    });
    uploader.kick();
    store.append(1);
    clock.advance(24 * 3_600_000);
    expect(box.quiet).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('halves a batch that is too large, and grows again after', async () => {
    const { store, uploader, clock, sending } = bench();
    store.append(800);
    uploader.start();
    turn(clock);
    const lengths: number[] = [];
    for (const answer of [reply(413, ''), reply(413, ''), ack(125), ack(375), ack(800)]) {
      const part = await sending();
      lengths.push(part.seqs.length);
      await part.answer(answer);
    }
    expect(lengths).toEqual([500, 250, 125, 250, 425]);
    expect(uploader.state().state).toBe('idle');
  });

  it('narrows a malformed batch down to one commit, delivers what lies before, and holds there', async () => {
    const box = bench(2);
    const { store, uploader, clock, sending } = box;
    const bad = 7;
    store.append(20);
    uploader.start();
    turn(clock);
    const lengths: number[] = [];
    while (uploader.state().state !== 'held') {
      const part = await sending();
      lengths.push(part.seqs.length);
      const refused = part.seqs.includes(bad);
      await part.answer(refused ? refuse(422, 'malformed', { seq: bad }) : ack(part.seqs.at(-1) ?? 0));
    }
    expect(lengths.length).toBeLessThan(12);
    expect(uploader.state()).toMatchObject({
      ackedSeq: 6,
      unsent: 14,
      lastError: 'Entry 7: it is malformed',
    });
    store.append(2);
    clock.advance(5 * 60_000);
    expect(box.quiet).toBe(true);
    clock.advance(30_000);
    const retried = await sending();
    expect(retried.seqs).toEqual([7, 8]);
    await retried.answer(ack(8));
    expect((await sending()).seqs[0]).toBe(9);
    await uploader.stop();
  });

  it('signs with the time of a far end that holds our clock for wrong', async () => {
    const { store, uploader, clock, sending, signer } = bench();
    store.append(1);
    uploader.start();
    turn(clock);
    const answer = reply(
      401,
      { error: 'clockSkew', message: 'an hour off' },
      { date: 'Wed, 06 May 2026 02:00:00 GMT' },
    );
    await (await sending()).answer(answer);
    clock.advance(500);
    const { request } = await sending();
    const check = verifyRequest(signer.suite, {
      ...request,
      method: 'POST',
      publicKeyOf: () => signer.publicKey,
    });
    expect(check).toMatchObject({ ok: true, createdMs: Date.UTC(2026, 4, 6, 2, 0, 0) });
    await uploader.stop();
  });

  it('takes nonsense for nothing, and says what it was', async () => {
    const { store, uploader, clock, sending } = bench();
    store.append(3);
    uploader.start();
    turn(clock);
    await (await sending()).answer({ kind: 'reply', status: 200, body: '<html>Log in</html>' });
    expect(uploader.state()).toMatchObject({
      state: 'waiting',
      unsent: 3,
      ackedSeq: 0,
      lastError: expect.stringMatching(/not an acknowledgement/),
    });
    clock.advance(500);
    await (await sending()).answer(ack(99));
    expect(uploader.state()).toMatchObject({ state: 'waiting', unsent: 3, ackedSeq: 0 });
    await uploader.stop();
  });
});

describe('the rest of the house', () => {
  it('a journal that cannot be read now is read later', async () => {
    const { store, uploader, clock, sending } = bench();
    store.append(1);
    store.broken = true;
    uploader.start();
    turn(clock);
    expect(uploader.state()).toMatchObject({
      state: 'waiting',
      lastError: expect.stringMatching(/disk I\/O/),
    });
    store.broken = false;
    clock.advance(500);
    await (await sending()).answer(ack(1));
    expect(uploader.state().state).toBe('idle');
  });

  it('stop gives up what is under way, leaves no timer, and a start goes on from the cursor', async () => {
    const box = bench();
    const { store, uploader, clock, sending } = box;
    store.append(2);
    uploader.start();
    turn(clock);
    await sending();
    await uploader.stop();
    expect([box.quiet, clock.pending]).toEqual([true, 0]);
    store.append(1);
    clock.advance(3_600_000);
    expect(box.quiet).toBe(true);
    uploader.start();
    turn(clock);
    expect((await sending()).seqs).toEqual([1, 2, 3]);
    await uploader.stop();
  });
});
