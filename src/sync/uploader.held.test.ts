import { expect, it } from 'vitest';
import { ack, offline, refuse, reply, turn, uploadBench } from '../../test/support/upload-bench.ts';
import type { UploaderParts } from './uploader.ts';

const EVERY_MS = 60_000;
const HELD_MS = 5 * 60_000 * 1.1;
const LEASE_MS = 2 * EVERY_MS;
const holds = (ackedSeq: number) =>
  reply(200, { ackedSeq, ackedHash: '1'.repeat(64), serverTimeMs: 1, configVersion: 0, commands: [] });

/** Held at entry 1, with heartbeats; the first falls due after half an interval. */
async function held(more: Partial<UploaderParts> = {}) {
  const box = uploadBench(1, {
    heartbeat: { everyMs: EVERY_MS, boot: 'boot-1' },
    leaseMs: LEASE_MS,
    ...more,
  });
  box.store.append(1);
  box.uploader.start();
  turn(box.clock);
  await (await box.sending()).answer(refuse(422, 'malformed', { seq: 1 }));
  expect(box.uploader.state()).toMatchObject({ state: 'held', parkedSeq: 1 });
  return box;
}

/** From the first heartbeat on, answered well, until one is under way while the time to ask again comes. */
async function beatWhenItIsTime(box: Awaited<ReturnType<typeof held>>) {
  const endMs = HELD_MS - 30_000;
  for (;;) {
    while (box.quiet) box.clock.advance(1_000);
    const beat = await box.sending();
    expect(beat.heartbeat).toMatchObject({ parkedSeq: 1 });
    if (box.clock.monoMs() >= endMs) return beat;
    await beat.answer(holds(0));
  }
}

it('a heartbeat that nobody answers does not end the asking: the batch goes when the network is back', async () => {
  const { clock, sending, uploader } = await held();
  clock.advance(EVERY_MS / 2);
  const beat = await sending();
  expect(beat.heartbeat).toBeDefined();
  await beat.answer(offline);
  expect(uploader.state().state).toBe('offline');
  clock.advance(500);
  expect((await sending()).seqs).toEqual([1]);
  await (await sending()).answer(refuse(422, 'malformed', { seq: 1 }));
  expect(uploader.state()).toMatchObject({ state: 'held', parkedSeq: 1 });
  // It was due all the while, and is said at once.
  const again = await sending();
  expect(again.heartbeat).toMatchObject({ parkedSeq: 1 });
  await again.answer(holds(0));
  expect(uploader.state()).toMatchObject({ state: 'held', parkedSeq: 1 });
  await uploader.stop();
  expect(clock.pending).toBe(0);
});

it('the time to ask again comes while a heartbeat is under way: the batch goes behind it', async () => {
  const box = await held();
  const beat = await beatWhenItIsTime(box);
  box.clock.advance(LEASE_MS / 2);
  await beat.answer(holds(0));
  const batch = await box.sending();
  expect(batch.seqs).toEqual([1]);
  await batch.answer(ack(1));
  expect(box.uploader.state()).toMatchObject({ state: 'idle', unsent: 0 });
  await box.uploader.stop();
});

it('and when that one is refused a while, the batch waits as long and then goes', async () => {
  const box = await held();
  const beat = await beatWhenItIsTime(box);
  box.clock.advance(LEASE_MS / 2);
  await beat.answer(reply(503, { error: 'slowDown', message: 'busy' }, { retryAfter: '10' }));
  expect(box.quiet).toBe(true);
  box.clock.advance(11_000);
  expect((await box.sending()).seqs).toEqual([1]);
  await box.uploader.stop();
});

it('somebody who asks while a heartbeat is under way is not forgotten', async () => {
  const { clock, sending, uploader } = await held();
  clock.advance(EVERY_MS / 2);
  const beat = await sending();
  uploader.kick();
  turn(clock);
  await beat.answer(holds(0));
  expect((await sending()).seqs).toEqual([1]);
  await uploader.stop();
});

it('what the province has lost is sent, and a rating after it waits for nothing', async () => {
  const box = uploadBench(1, { heartbeat: { everyMs: EVERY_MS, boot: 'boot-1' } });
  const { store, clock, sending, uploader } = box;
  store.append(1);
  uploader.start();
  turn(clock);
  await (await sending()).answer(ack(1));
  store.append(1);
  turn(clock);
  await (await sending()).answer(refuse(422, 'malformed', { seq: 2 }));
  clock.advance(EVERY_MS / 2);
  await (await sending()).answer(holds(0));
  const whole = await sending();
  expect(whole.seqs).toEqual([1, 2]);
  await whole.answer(ack(2));
  expect(uploader.state()).toMatchObject({ state: 'idle', unsent: 0 });
  store.append(1);
  turn(clock);
  expect(uploader.state().state).toBe('sending');
  expect((await sending()).seqs).toEqual([3]);
  await uploader.stop();
});

it('a heartbeat that cannot be signed is shown and tried again, and nothing breaks', async () => {
  const box = uploadBench(1, {
    heartbeat: { everyMs: EVERY_MS, boot: 'boot-1' },
    signer: {
      ...uploadBench().signer,
      sign(): Buffer {
        throw new Error('the key is gone');
      },
    },
  });
  box.uploader.start();
  turn(box.clock);
  box.clock.advance(EVERY_MS / 2);
  await new Promise((done) => setImmediate(done));
  expect(box.uploader.state()).toMatchObject({
    state: 'waiting',
    lastError: expect.stringMatching(/the key is gone/),
  });
  await box.uploader.stop();
  expect(box.clock.pending).toBe(0);
});
