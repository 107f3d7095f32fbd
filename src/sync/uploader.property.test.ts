/**
 * Whatever a far end does for a while – answers nothing, late, nonsense, refuses, asks for time – once it is well again it gets
 * everything within a bounded time, and hears of the device within a minute. On a clock of the test's own.
 */

import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ack, offline, refuse, reply, uploadBench } from '../../test/support/upload-bench.ts';
import { BatchSchema } from '../shared/protocol/batch.ts';
import { heartbeatPath } from '../shared/protocol/heartbeat.ts';
import { assertNever } from '../shared/words.ts';
import type { Answer, PostRequest } from './answer.ts';

const EVERY_MS = 60_000;
const LEASE_MS = 90_000;
const STEP_MS = 500;
/** The longest wait that any single answer below can cause is six minutes (held), then once more a lease. */
const WELL_WITHIN_MS = 10 * 60_000;
const MOODS = [
  'well',
  'away',
  'mute',
  'ill',
  'busy',
  'refuses',
  'clock',
  'portal',
  'tooLarge',
  'lost',
  'none',
] as const;
type Mood = (typeof MOODS)[number];

interface Weather {
  readonly batches: Mood;
  readonly beats: Mood;
  readonly forMs: number;
  readonly latencyMs: number;
  readonly written: number;
  readonly kicked: boolean;
}

const moodOf = fc.constantFrom(...MOODS);
const weatherOf: fc.Arbitrary<Weather> = fc.record({
  batches: fc.oneof(
    { weight: 2, arbitrary: fc.constant('refuses' as const) },
    { weight: 3, arbitrary: moodOf },
  ),
  beats: moodOf,
  forMs: fc.oneof(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 400_000 })),
  latencyMs: fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 2 * LEASE_MS })),
  written: fc.integer({ min: 0, max: 3 }),
  kicked: fc.boolean(),
});

const held = (seq: number) =>
  reply(200, { ackedSeq: seq, ackedHash: '1'.repeat(64), serverTimeMs: 1, configVersion: 0, commands: [] });

/** A province in whatever mood it is in when a request comes; it answers when the clock says so. */
function moody(clock: () => ReturnType<typeof uploadBench>['clock'], deviceId: string) {
  const now = { batches: 'well' as Mood, beats: 'well' as Mood, latencyMs: 0 };
  const seen = { holds: 0, beats: 0, underWay: 0 };

  function answer(mood: Mood, seqs: readonly number[] | undefined): Answer | undefined {
    switch (mood) {
      case 'well':
        if (!seqs) return held(seen.holds);
        if ((seqs[0] ?? 0) > seen.holds + 1) return refuse(409, 'gap', { expectedSeq: seen.holds + 1 });
        seen.holds = Math.max(seen.holds, seqs.at(-1) ?? 0);
        return ack(seqs.at(-1) ?? 0);
      case 'away':
        return offline;
      case 'mute':
        return undefined;
      case 'ill':
        return refuse(500, 'internal');
      case 'busy':
        return reply(503, { error: 'slowDown', message: 'busy' }, { retryAfter: '90' });
      case 'refuses':
        return refuse(422, 'malformed');
      case 'clock':
        return reply(
          401,
          { error: 'clockSkew', message: 'an hour off' },
          { date: 'Wed, 06 May 2026 02:00:00 GMT' },
        );
      case 'portal':
        return reply(200, '<html>');
      case 'tooLarge':
        return reply(413, '');
      case 'lost':
        seen.holds = 0;
        return answer('well', seqs);
      case 'none':
        return reply(404, { error: 'notFound', message: 'nothing here' });
      default:
        return assertNever(mood);
    }
  }

  function post(request: PostRequest): Promise<Answer> {
    const isBeat = request.path === heartbeatPath(deviceId);
    const seqs = isBeat
      ? undefined
      : BatchSchema.parse(JSON.parse(gunzipSync(request.body).toString())).map(({ data }) => data.seq);
    const mood = isBeat ? now.beats : now.batches;
    seen.underWay++;
    if (isBeat && mood === 'well') seen.beats++;
    return new Promise((resolve) => {
      let open = true;
      const end = (said: Answer) => {
        if (!open) return;
        open = false;
        seen.underWay--;
        resolve(said);
      };
      clock().after(now.latencyMs, () => {
        const said = open ? answer(mood, seqs) : undefined;
        if (said) end(said);
      });
      request.signal.addEventListener('abort', () =>
        end({ kind: 'failed', failure: 'aborted', message: 'aborted' }),
      );
    });
  }
  return { now, seen, post };
}

async function run(weathers: readonly Weather[], random: () => number): Promise<void> {
  const far = moody(() => box.clock, 'hall-01-counter-12');
  const box: ReturnType<typeof uploadBench> = uploadBench(1, {
    heartbeat: { everyMs: EVERY_MS, boot: 'boot-1' },
    leaseMs: LEASE_MS,
    random,
    post: far.post,
  });
  const { clock, store, uploader } = box;

  /** Everything that follows from a moment happens before the next; a batch is packed beside this thread. */
  async function settle(): Promise<void> {
    do await new Promise((done) => setImmediate(done));
    while (uploader.state().state === 'sending' && far.seen.underWay === 0);
  }
  async function pass(ms: number, until: () => boolean = () => false): Promise<void> {
    for (let passed = 0; passed < ms && !until(); passed += STEP_MS) {
      clock.advance(STEP_MS);
      await settle();
    }
  }

  uploader.start();
  for (const { forMs, written, kicked, ...mood } of weathers) {
    Object.assign(far.now, mood);
    if (written > 0) store.append(written);
    if (kicked) uploader.kick();
    await pass(forMs);
  }
  Object.assign(far.now, { batches: 'well', beats: 'well', latencyMs: 20 });
  store.append(1);
  const head = store.head().seq;
  const isWhole = () => far.seen.holds === head && uploader.state().state === 'idle';
  await pass(WELL_WITHIN_MS, isWhole);
  expect(uploader.state()).toMatchObject({ state: 'idle', unsent: 0, ackedSeq: head });
  expect(far.seen.holds).toBe(head);

  // What is written from here on goes at once, and heartbeats go on.
  store.append(1);
  await pass(3 * STEP_MS);
  expect(far.seen.holds).toBe(head + 1);
  const before = far.seen.beats;
  await pass(4 * EVERY_MS);
  expect(far.seen.beats).toBeGreaterThanOrEqual(before + 3);
  await uploader.stop();
}

it('once the province is well again everything is delivered in time, whatever came before', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(weatherOf, { minLength: 1, maxLength: 8 }),
      fc.infiniteStream(fc.double({ min: 0, max: 0.999_999, noNaN: true })),
      (weathers, draws) => run(weathers, () => draws.next().value ?? 0.5),
    ),
    { numRuns: 60 },
  );
});
