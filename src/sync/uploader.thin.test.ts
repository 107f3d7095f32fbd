import { describe, expect, it } from 'vitest';
import { ack, offline, range, refuse, reply, turn, uploadBench } from '../../test/support/upload-bench.ts';
import type { Answer } from './answer.ts';
import type { UploaderParts } from './uploader.ts';

const EVERY_MS = 60_000;
const PATIENCE_MS = 10_000;
const late: Answer = { kind: 'failed', failure: 'timeout', message: 'no whole reply in time' };
const holds = (ackedSeq: number) =>
  reply(200, { ackedSeq, ackedHash: '1'.repeat(64), serverTimeMs: 1, configVersion: 0, commands: [] });

function thinLine(entries: number, commit = 1, more: Partial<UploaderParts> = {}, atOnce = 1) {
  const box = uploadBench(commit, more, atOnce);
  const { clock, store, uploader, sending } = box;
  store.append(entries);
  uploader.start();
  turn(clock);
  return {
    ...box,
    /** The request under way was not answered in time. @returns the wait after it, which is over. */
    async outwait(answer: Answer = late) {
      const sent = await sending();
      clock.advance(PATIENCE_MS);
      await sent.answer(answer);
      const { state, unsent, retryAtMs = 0 } = uploader.state();
      const waitMs = retryAtMs - clock.nowMs();
      clock.advance(waitMs);
      return { state, unsent, waitMs };
    },
    async take(tookMs: number) {
      const { seqs, answer } = await sending();
      clock.advance(tookMs);
      await answer(ack(seqs.at(-1) ?? 0));
    },
    /** With what is under way: the next request is. */
    async end() {
      await sending();
      await uploader.stop();
    },
  };
}

describe('on a thin line', () => {
  it('what does not come through in time is sent in halves, after the same waits as ever', async () => {
    const { end, sending, outwait } = thinLine(500);
    const waits: number[] = [];
    for (const count of [500, 250, 125, 62, 31, 15, 7, 3, 1, 1]) {
      expect((await sending()).seqs).toEqual(range(1, count));
      const { waitMs, ...shown } = await outwait();
      expect(shown).toEqual({ state: 'offline', unsent: 500 });
      waits.push(waitMs);
    }
    expect(waits.slice(0, 4)).toEqual([500, 1_000, 2_000, 4_000]);
    await end();
  });

  it('a commit is never cut', async () => {
    const { end, sending, outwait } = thinLine(20, 8);
    expect((await sending()).seqs).toEqual(range(1, 20));
    for (let half = 0; half < 4; half++) await outwait();
    expect((await sending()).seqs).toEqual(range(1, 8));
    await end();
  });

  it('grows again as far as the line carries it, and no further', async () => {
    const { end, sending, outwait, take } = thinLine(2_000);
    await outwait();
    await outwait();
    expect((await sending()).seqs).toEqual(range(1, 125));
    await take(2_000);
    expect((await sending()).seqs).toEqual(range(126, 375));
    await take(4_000);
    expect((await sending()).seqs).toEqual(range(376, 625));
    await take(4_000);
    expect((await sending()).seqs).toEqual(range(626, 875));
    await take(500);
    expect((await sending()).seqs).toEqual(range(876, 1_375));
    await end();
  });

  it('takes two at once again where bytes are the limit of a batch', async () => {
    const { end, outwait, sending, sendings, store, take } = thinLine(5_000, 1, {}, 2);
    const readBatch = store.readBatch.bind(store);
    const padding = ' '.repeat(5_000);
    store.readBatch = (from) =>
      readBatch(from).map((entry) => ({ ...entry, body: `${entry.body}${padding}` }));
    await outwait();
    await outwait();
    const counts: number[] = [];
    for (let i = 0; i < 5; i++) {
      counts.push((await sending()).seqs.length);
      await take(500);
    }
    expect(counts).toEqual([50, 100, 100, 100, 100]);
    expect(await sendings()).toHaveLength(2);
    await end();
  });

  it('that was only ill for a while takes a backlog again, though every answer takes long', async () => {
    const { sending, outwait, take, uploader } = thinLine(5_000);
    for (let i = 0; i < 10; i++) await outwait();
    expect((await sending()).seqs).toHaveLength(1);
    // The same time for any size: it never says that there is room for more.
    let requests = 0;
    for (; uploader.state().unsent > 0; requests++) await take(4_000);
    expect(requests).toBeLessThan(50);
    await uploader.stop();
  });

  it('more is tried now and then; where it does not come through, what did goes on', async () => {
    const { end, sending, outwait, take } = thinLine(5_000);
    await outwait();
    await outwait();
    for (let i = 0; i < 4; i++) await take(5_000);
    expect((await sending()).seqs).toEqual(range(501, 750));
    await outwait();
    for (let i = 0; i < 8; i++) {
      expect((await sending()).seqs).toHaveLength(125);
      await take(5_000);
    }
    expect((await sending()).seqs).toHaveLength(250);
    await end();
  });

  it('two are under way only where both come through in time', async () => {
    const one = thinLine(3_000);
    await one.outwait();
    await one.take(3_000);
    // A second one at the same time would fail here.
    for (const to of [750, 1_250, 1_750]) {
      expect((await one.sending()).seqs).toEqual(range(to - 499, to));
      await one.take(6_000);
    }
    await one.end();

    const both = thinLine(3_000, 1, {}, 2);
    await both.outwait();
    await both.take(3_000);
    await both.take(3_000);
    const [third, fourth] = await both.sendings();
    expect([third.seqs, fourth.seqs]).toEqual([range(751, 1_250), range(1_251, 1_750)]);
    await both.end();
  });

  it.each<[string, Answer, number]>([
    ['refused', offline, 500],
    ['ill', refuse(500, 'internal'), 500],
    ['a gateway that waited no longer', reply(408, '<html>'), 250],
  ])('a far end that is %s: the next has so many entries', async (_name, answer, count) => {
    const { end, sending, outwait } = thinLine(500);
    await outwait(answer);
    expect((await sending()).seqs).toEqual(range(1, count));
    await end();
  });
});

describe('between two tries on a thin line', () => {
  const beating = { heartbeat: { everyMs: EVERY_MS, boot: 'boot-1' } };

  it('a heartbeat that is due goes, and the next try behind it at once', async () => {
    const { clock, end, sending, outwait } = thinLine(500, 1, beating);
    await outwait();
    clock.advance(EVERY_MS / 2);
    await outwait();
    const beat = await sending();
    expect(beat.heartbeat).toMatchObject({ headSeq: 500, ackedSeq: 0 });
    await beat.answer(holds(0));
    expect((await sending()).seqs).toEqual(range(1, 125));
    await end();
  });

  it('one that is not answered either is not repeated before the next try', async () => {
    const { clock, end, sending, outwait } = thinLine(500, 1, beating);
    clock.advance(EVERY_MS);
    await outwait();
    expect((await sending()).heartbeat).toBeDefined();
    await outwait();
    expect((await sending()).seqs).toEqual(range(1, 250));
    await outwait();
    expect((await sending()).heartbeat).toBeDefined();
    await outwait();
    await (await sending()).answer(ack(125));
    expect((await sending()).heartbeat).toBeDefined();
    await end();
  });

  it('goes within three intervals whatever becomes of the batches', async () => {
    const { clock, end, sending, outwait } = thinLine(500, 1, beating);
    let heardAtMs = 0;
    let longestMs = 0;
    while (clock.monoMs() < 3_600_000) {
      const { heartbeat, answer } = await sending();
      if (heartbeat) {
        longestMs = Math.max(longestMs, clock.monoMs() - heardAtMs);
        heardAtMs = clock.monoMs();
        await answer(holds(0));
      } else await outwait();
    }
    expect(longestMs).toBeLessThan(3 * EVERY_MS);
    await end();
  });
});
