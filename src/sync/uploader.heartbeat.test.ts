import { describe, expect, it } from 'vitest';
import { ack, offline, range, refuse, reply, turn, uploadBench } from '../../test/support/upload-bench.ts';
import { HeartbeatSchema, heartbeatPath } from '../shared/protocol/heartbeat.ts';
import { verifyRequest } from '../shared/protocol/signature.ts';
import type { Answer } from './answer.ts';
import type { UploaderParts } from './uploader.ts';

const EVERY_MS = 60_000;
/** What the fake store gives as every entry's hash. */
const OURS = '1'.repeat(64);
const beating = (more: Partial<UploaderParts> = {}) => ({
  heartbeat: { everyMs: EVERY_MS, boot: 'boot-1' },
  ...more,
});
const holds = (ackedSeq: number, ackedHash = OURS) =>
  reply(200, { ackedSeq, ackedHash, serverTimeMs: 1, configVersion: 0, commands: [] });

/** Started, `entries` delivered, at rest. */
async function delivered(entries: number, commit = 1, more: Partial<UploaderParts> = {}) {
  const box = uploadBench(commit, beating(more));
  box.store.append(entries);
  box.uploader.start();
  turn(box.clock);
  await (await box.sending()).answer(ack(entries));
  expect(box.uploader.state().state).toBe('idle');
  return box;
}

describe('a heartbeat', () => {
  it('says within its interval how far the journal goes, though nothing is to be sent', async () => {
    const { clock, sending, uploader, signer } = await delivered(3);
    clock.advance(EVERY_MS);
    const beat = await sending();
    expect(beat.heartbeat).toEqual({
      headSeq: 3,
      headHash: OURS,
      ackedSeq: 3,
      boot: 'boot-1',
      mono: EVERY_MS / 2,
    });
    const check = { ...beat.request, method: 'POST', publicKeyOf: () => signer.publicKey };
    expect(beat.request.path).toBe(heartbeatPath('hall-01-counter-12'));
    expect(verifyRequest(signer.suite, check)).toMatchObject({ ok: true });
    await beat.answer(holds(3));
    expect(uploader.state()).toMatchObject({ state: 'idle', provinceHolds: { seq: 3, atMs: clock.nowMs() } });
    clock.advance(EVERY_MS);
    expect((await sending()).heartbeat).toMatchObject({ headSeq: 3 });
    await uploader.stop();
    expect(clock.pending).toBe(0);
  });

  it('goes between two batches of a long backlog', async () => {
    const { store, clock, sending, uploader } = uploadBench(1, beating());
    store.append(1_200);
    uploader.start();
    turn(clock);
    const first = await sending();
    clock.advance(EVERY_MS);
    await first.answer(ack(500));
    const beat = await sending();
    expect(beat.heartbeat).toMatchObject({ headSeq: 1_200, ackedSeq: 500 });
    await beat.answer(holds(500));
    expect((await sending()).seqs).toEqual(range(501, 1_000));
    await uploader.stop();
  });

  it('brings back what the province has lost, and says so', async () => {
    const { clock, sending, uploader } = await delivered(6);
    clock.advance(EVERY_MS);
    await (await sending()).answer(holds(2));
    const again = await sending();
    expect(again.seqs).toEqual([3, 4, 5, 6]);
    expect(uploader.state()).toMatchObject({
      state: 'sending',
      ackedSeq: 6,
      unsent: 4,
      lastError: expect.stringMatching(/up to 2 .* 3 to 6 are sent again/),
    });
    await again.answer(ack(6));
    expect(uploader.state()).toMatchObject({ state: 'idle', unsent: 0 });
    await uploader.stop();
  });

  it('that nobody answers shows the lost network and is repeated until somebody does', async () => {
    const { clock, sending, uploader } = await delivered(1);
    clock.advance(EVERY_MS);
    await (await sending()).answer(offline);
    expect(uploader.state()).toMatchObject({ state: 'offline', unsent: 0 });
    clock.advance(500);
    await (await sending()).answer(holds(1));
    expect(uploader.state().state).toBe('idle');
    await uploader.stop();
  });

  it('what was written meanwhile goes next', async () => {
    const { store, clock, sending, uploader } = await delivered(1);
    clock.advance(EVERY_MS);
    const beat = await sending();
    store.append(1);
    await beat.answer(holds(1));
    expect((await sending()).seqs).toEqual([2]);
    await uploader.stop();
  });

  it.each<[string, Answer]>([
    ['a province without heartbeats', reply(404, { error: 'notFound', message: 'nothing here' })],
    ['a portal', reply(200, '<html>')],
    ['another journal', holds(1, '2'.repeat(64))],
    ['more than was written', holds(99)],
    ['a province in trouble', refuse(500, 'internal')],
    ['a gap', refuse(409, 'gap', { expectedSeq: 1 })],
    ['malformed', refuse(422, 'malformed')],
  ])('answered by %s changes nothing', async (_name, answer) => {
    const box = await delivered(1);
    box.clock.advance(EVERY_MS);
    await (await box.sending()).answer(answer);
    expect(box.quiet).toBe(true);
    expect(box.uploader.state()).toMatchObject({ state: 'idle', unsent: 0, ackedSeq: 1 });
    await box.uploader.stop();
  });

  it('stops a journal that is an old copy, and slows down when asked', async () => {
    const { clock, sending, uploader } = await delivered(1);
    clock.advance(EVERY_MS);
    await (await sending()).answer(reply(503, { error: 'slowDown', message: 'busy' }, { retryAfter: '10' }));
    expect(uploader.state().state).toBe('slowed');
    clock.advance(2 * EVERY_MS);
    await (await sending()).answer(refuse(409, 'gap', { expectedSeq: 9 }));
    expect(uploader.state()).toMatchObject({
      state: 'stopped',
      lastError: expect.stringMatching(/old copy/),
    });
    expect(clock.pending).toBe(0);
  });

  it('names the entry at which the link is held, and leaves it held', async () => {
    const { store, clock, sending, uploader } = uploadBench(1, beating());
    store.append(1);
    uploader.start();
    turn(clock);
    await (await sending()).answer(refuse(422, 'malformed', { seq: 1 }));
    expect(uploader.state()).toMatchObject({ state: 'held', parkedSeq: 1, unsent: 1 });
    clock.advance(EVERY_MS);
    const beat = await sending();
    expect(HeartbeatSchema.parse(beat.heartbeat)).toMatchObject({ parkedSeq: 1, headSeq: 1, ackedSeq: 0 });
    await beat.answer(holds(0));
    expect(uploader.state()).toMatchObject({ state: 'held', parkedSeq: 1, provinceHolds: { seq: 0 } });
    uploader.kick();
    turn(clock);
    await (await sending()).answer(ack(1));
    expect(uploader.state()).not.toHaveProperty('parkedSeq');
    await uploader.stop();
  });
});

describe('what is under way', () => {
  it('is given up when its lease ends, although the transport never says anything', async () => {
    let asked = 0;
    const { store, clock, uploader } = uploadBench(1, {
      leaseMs: 30_000,
      post: () => {
        asked++;
        return new Promise(() => {});
      },
    });
    store.append(1);
    uploader.start();
    turn(clock);
    const settled = () => new Promise((done) => setTimeout(done, 0));
    while (asked === 0) await settled();
    clock.advance(30_000);
    while (uploader.state().state === 'sending') await settled();
    expect(uploader.state()).toMatchObject({
      state: 'offline',
      lastError: expect.stringMatching(/given up/),
    });
    clock.advance(500);
    while (asked === 1) await settled();
    clock.advance(30_000);
    await uploader.stop();
  });

  it('and cannot be sealed is shown and tried again', async () => {
    const signer = {
      ...uploadBench().signer,
      sign(): Buffer {
        throw new Error('the key is gone');
      },
    };
    const { store, clock, uploader } = uploadBench(1, { signer });
    store.append(1);
    uploader.start();
    turn(clock);
    while (uploader.state().state !== 'waiting') await new Promise((done) => setTimeout(done, 0));
    expect(uploader.state().lastError).toMatch(/nothing is lost.*the key is gone/);
    await uploader.stop();
  });
});

it('a hall that is switched on together does not come together', () => {
  const box = uploadBench(1, { spreadMs: 3_000 });
  box.store.append(1);
  box.uploader.start();
  box.clock.advance(1_499);
  expect(box.uploader.state().state).toBe('idle');
  box.clock.advance(1);
  expect(box.uploader.state().state).toBe('sending');
});
