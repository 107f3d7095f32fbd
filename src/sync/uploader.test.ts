import { describe, expect, it } from 'vitest';
import { until } from '../../test/support/until.ts';
import { ack, deviceId, offline, range, turn, uploadBench } from '../../test/support/upload-bench.ts';
import { verifyRequest } from '../shared/protocol/signature.ts';
import { OFFLINE_CAP_MS } from './backoff.ts';

describe('sending', () => {
  it('sends what waits at the start, advances, and is idle', async () => {
    const { store, uploader, clock, sending, states } = uploadBench();
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
      serverOffsetErrorMs: 2,
    });
    expect(states.map(({ state }) => state)).toEqual(['idle', 'sending', 'idle']);
  });

  it('signs the request as the protocol says', async () => {
    const { store, uploader, clock, sending, signer } = uploadBench();
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
    const box = uploadBench();
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
    const { store, uploader, clock, sending } = uploadBench();
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

  it('has the next batch of a backlog ready while one is under way', async () => {
    const { store, uploader, clock, sending } = uploadBench();
    store.append(1_000);
    uploader.start();
    turn(clock);
    const first = await sending();
    await until(() => expect(store.readTo).toBe(1_000));
    store.broken = true;
    await first.answer(ack(500));
    const second = await sending();
    expect(second.seqs).toEqual(range(501, 1000));
    store.broken = false;
    await second.answer(ack(1000));
    expect(uploader.state().state).toBe('idle');
  });

  describe('of a backlog that is being taken', () => {
    async function flowing() {
      const bench = uploadBench(1, {}, 2);
      bench.store.append(2_500);
      bench.uploader.start();
      turn(bench.clock);
      await (await bench.sending()).answer(ack(500));
      return bench;
    }

    it('two batches are under way, and their answers are taken in their order', async () => {
      const { uploader, sendings, sending } = await flowing();
      const [second, third] = await sendings();
      expect([second.seqs, third.seqs]).toEqual([range(501, 1000), range(1001, 1500)]);
      await third.answer(ack(1500));
      expect(uploader.state().ackedSeq).toBe(500);
      await second.answer(ack(1000));
      expect(uploader.state().ackedSeq).toBe(1500);
      expect((await sending()).seqs).toEqual(range(1501, 2000));
      await uploader.stop();
    });

    it('the second is given up with the first, and both are sent again', async () => {
      const { uploader, clock, sendings, sending } = await flowing();
      const [second, third] = await sendings();
      await second.answer(offline);
      expect(third.request.signal.aborted).toBe(true);
      expect(uploader.state()).toMatchObject({ state: 'offline', unsent: 2000 });
      clock.advance(60_000);
      expect((await sending()).seqs).toEqual(range(501, 1000));
      await uploader.stop();
    });

    it('stop gives both up', async () => {
      const { uploader, sendings } = await flowing();
      const both = await sendings();
      await uploader.stop();
      expect(both.map(({ request }) => request.signal.aborted)).toEqual([true, true]);
      expect(uploader.state()).toMatchObject({ ackedSeq: 500 });
    });
  });

  it('does not send what it had ready when the one before was taken in part', async () => {
    const { store, uploader, clock, sending } = uploadBench();
    store.append(1_000);
    uploader.start();
    turn(clock);
    await (await sending()).answer(ack(200));
    expect((await sending()).seqs).toEqual(range(201, 700));
    await uploader.stop();
  });

  it('goes on after a part was taken', async () => {
    const { store, uploader, clock, sending } = uploadBench();
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
    const { store, uploader, clock, sending } = uploadBench();
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
    expect(Math.max(...delays)).toBe(OFFLINE_CAP_MS / 2);
    await (await sending()).answer(ack(1));
    expect(uploader.state()).toMatchObject({ state: 'idle', unsent: 0 });
    expect(uploader.state()).not.toHaveProperty('lastError');
  });

  it('a new entry is no reason to hammer, but after five seconds it is one to try', async () => {
    const box = uploadBench();
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
    const { store, uploader, clock, sending } = uploadBench();
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

describe('the rest of the house', () => {
  it('a journal that cannot be read now is read later', async () => {
    const { store, uploader, clock, sending } = uploadBench();
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
    const box = uploadBench();
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
