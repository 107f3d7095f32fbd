import { describe, expect, it } from 'vitest';
import { ack, range, refuse, reply, turn, uploadBench } from '../../test/support/upload-bench.ts';
import { verifyRequest } from '../shared/protocol/signature.ts';
import type { Answer } from './answer.ts';

describe('refusals', () => {
  it('slows down as it was told, and neither an entry nor a kick ends that', async () => {
    const box = uploadBench();
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
    const { store, uploader, clock, sending } = uploadBench();
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
    const { store, uploader, clock, sending } = uploadBench();
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
    const box = uploadBench();
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
    const { store, uploader, clock, sending } = uploadBench();
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
    const box = uploadBench(2);
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
    const { store, uploader, clock, sending, signer } = uploadBench();
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
    const { store, uploader, clock, sending } = uploadBench();
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
