import { describe, expect, it } from 'vitest';
import { createDeviceJournal, rateOnce } from '../../test/support/device-journal.ts';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { offline, refuse, reply } from '../../test/support/upload-bench.ts';
import { canonicalText } from '../shared/journal/chain.ts';
import type { StoredEntry } from '../shared/journal/verify.ts';
import { verifyRequest } from '../shared/protocol/signature.ts';
import { UrgentSchema } from '../shared/protocol/urgent.ts';
import type { Answer, PostRequest } from './answer.ts';
import { createUrgentSender, type UrgentNote } from './urgent.ts';

/** A counter whose ordinary delivery stands still, and a province that answers as a test says. */
function counter(options: { readonly backlog: number }) {
  const clock = createFakeClock();
  const journal = createDeviceJournal({ deviceId: 'device-7', startMs: clock.nowMs() });
  const listeners = new Set<(headSeq: number) => void>();
  const notes: UrgentNote[] = [];
  const requests: PostRequest[] = [];
  const answers: ((answer: Answer) => void)[] = [];
  let cursor = 0;
  for (let i = 0; journal.entries.length < options.backlog; i++)
    rateOnce(journal, { serviceKey: `old-${i}`, level: 5 });
  const sender = createUrgentSender({
    store: {
      seqsOf: (kind, afterSeq, toSeq) =>
        journal.entries
          .filter((entry) => entry.kind === kind && entry.seq > afterSeq && entry.seq <= toSeq)
          .map(({ seq }) => seq),
      *entries(afterSeq = 0): Generator<StoredEntry> {
        for (const entry of journal.entries.slice(afterSeq))
          yield { ...entry, body: canonicalText(entry.body) };
      },
      cursorOf: () => cursor,
      head: () => ({ seq: journal.entries.length }),
      onAppended(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    link: 'province',
    post: (request) =>
      new Promise((resolve) => {
        requests.push(request);
        answers.push(resolve);
        request.signal.addEventListener('abort', () =>
          resolve({ kind: 'failed', failure: 'aborted', message: 'aborted' }),
        );
      }),
    signer: journal.signer,
    deviceId: journal.deviceId,
    clock,
    boot: 'boot-1',
    random: () => 0.999,
    onNote: (note) => notes.push(note),
  });
  const appended = () => {
    for (const listener of listeners) listener(journal.entries.length);
    clock.advance(0);
  };
  return {
    clock,
    journal,
    sender,
    notes,
    requests,
    /** Somebody is rated and asks for help. @returns the seq of the request. */
    ask(name: string, between: () => void = () => {}) {
      const serviceKey = `s-${name}`;
      const before = rateOnce(journal, { serviceKey, level: 2 });
      between();
      const { invitation } = Object(before[0]?.body) as { readonly invitation: string };
      const source = { source: 'touch', deviceId: 'screen' };
      journal.append([{ kind: 'rating.helpRequested', body: { invitation, serviceKey, ...source } }]);
      appended();
      return journal.entries.length;
    },
    delivered(seq: number) {
      cursor = seq;
    },
    async answer(answer: Answer) {
      answers.shift()?.(answer);
      await new Promise((done) => setImmediate(done));
    },
    taken(seq: number) {
      return reply(200, { seq, hash: journal.entries[seq - 1]?.hash, held: false, serverTimeMs: 0 });
    },
    /** The entries of the last request, stretch by stretch. */
    told() {
      const body = JSON.parse(Buffer.from(requests.at(-1)?.body ?? []).toString('utf8'));
      return UrgentSchema.parse(body).stretches.map(({ prev, events }) => ({
        prev,
        seqs: (events as { readonly data: { readonly seq: number } }[]).map(({ data }) => data.seq),
      }));
    },
  };
}

describe('a request for help behind a backlog', () => {
  it('is told at once, with what proves it and nothing else, signed as the protocol says', async () => {
    const c = counter({ backlog: 200 });
    c.sender.start();
    c.clock.advance(0);
    const seq = c.ask('a');
    c.clock.advance(0);
    expect(c.requests).toHaveLength(1);
    const [request] = c.requests;
    const entries = c.journal.entries;
    expect(c.told()).toEqual([
      { prev: entries[seq - 6]?.hash, seqs: [seq - 4] },
      { prev: entries[seq - 4]?.hash, seqs: [seq - 2, seq - 1, seq] },
    ]);
    const { signer } = c.journal;
    const check = { ...(request as PostRequest), method: 'POST', publicKeyOf: () => signer.publicKey };
    expect(verifyRequest(signer.suite, check)).toMatchObject({ ok: true, keyId: 'device-7' });
    const { sent } = UrgentSchema.parse(JSON.parse(Buffer.from(request?.body ?? []).toString('utf8')));
    expect(sent).toEqual({ boot: 'boot-1', mono: c.clock.monoMs() });
    await c.answer(c.taken(seq));
    expect(c.notes).toEqual([{ id: 'helpAnnounced', seq, held: false }]);
    expect([c.sender.waiting(), c.clock.pending]).toEqual([0, 0]);
    await c.sender.stop();
  });

  it('leaves out the invitation where too much lies behind it in one commit', async () => {
    const c = counter({ backlog: 200 });
    c.sender.start();
    c.clock.advance(0);
    const news = { kind: 'pause.changed', body: { paused: true, by: 'queue' } } as const;
    const seq = c.ask('a', () => {
      c.journal.append(Array.from({ length: 40 }, () => news));
    });
    c.clock.advance(0);
    expect(c.told().map(({ seqs }) => seqs)).toEqual([[seq - 44], [seq - 42, seq - 41], [seq]]);
    await c.sender.stop();
  });

  it('leaves a little that is unsent to the ordinary delivery for a second', async () => {
    const c = counter({ backlog: 0 });
    c.sender.start();
    c.clock.advance(0);
    const first = c.ask('a');
    c.clock.advance(999);
    expect(c.requests).toHaveLength(0);
    c.delivered(first);
    c.clock.advance(1);
    expect([c.requests.length, c.sender.waiting()]).toEqual([0, 0]);
    c.ask('b');
    c.clock.advance(1_000);
    expect(c.requests).toHaveLength(1);
    await c.sender.stop();
  });

  it('is found again after a restart, also far behind the cursor, and not what is delivered', async () => {
    const c = counter({ backlog: 200 });
    const delivered = c.ask('a');
    c.delivered(delivered);
    for (let i = 0; c.journal.entries.length < 12_000; i++)
      rateOnce(c.journal, { serviceKey: `later-${i}`, level: 5 });
    const seq = c.ask('b');
    c.sender.start();
    c.clock.advance(0);
    expect(c.told().at(-1)?.seqs.at(-1)).toBe(seq);
    await c.sender.stop();
    c.sender.start();
    c.clock.advance(0);
    expect(c.requests).toHaveLength(2);
    await c.answer(offline);
    await c.answer(c.taken(seq));
    expect(c.notes).toEqual([{ id: 'helpAnnounced', seq, held: false }]);
    await c.sender.stop();
  });

  it('tells the newest first, one at a time', async () => {
    const c = counter({ backlog: 200 });
    const [a, b] = [c.ask('a'), c.ask('b')];
    c.sender.start();
    c.clock.advance(0);
    expect(c.told().at(-1)?.seqs.at(-1)).toBe(b);
    expect(c.requests).toHaveLength(1);
    await c.answer(c.taken(b));
    c.clock.advance(0);
    expect(c.told().at(-1)?.seqs.at(-1)).toBe(a);
    await c.sender.stop();
  });
});

describe('when it is not taken', () => {
  const failing = () => {
    const c = counter({ backlog: 200 });
    c.sender.start();
    c.clock.advance(0);
    const seq = c.ask('a');
    c.clock.advance(0);
    return { ...c, seq };
  };

  it('a lost network is tried for as long as it takes, and no longer than the entry is unsent', async () => {
    const c = failing();
    for (let i = 1; i <= 40; i++) {
      expect(c.requests).toHaveLength(i);
      await c.answer(offline);
      c.clock.advance(15_000);
    }
    c.delivered(c.seq);
    await c.answer(offline);
    c.clock.advance(60_000);
    expect([c.requests.length, c.sender.waiting(), c.clock.pending]).toEqual([41, 0, 0]);
    await c.sender.stop();
  });

  it.each<[string, (c: ReturnType<typeof failing>) => Answer]>([
    ['an address that knows no notices', () => reply(404, { error: 'notFound' })],
    ['a fault of the province', () => refuse(500, 'internal')],
    ['a refusal of what was sent', () => refuse(422, 'malformed')],
    ['a portal that says yes to everything', () => reply(200, { ok: true })],
    ['an answer about another request', (c) => c.taken(c.seq - 1)],
  ])('%s: a few times, then it is left to the ordinary delivery', async (_name, answerOf) => {
    const c = failing();
    for (let i = 0; i < 20; i++) {
      await c.answer(answerOf(c));
      c.clock.advance(60_000);
    }
    expect(c.requests).toHaveLength(8);
    expect(c.notes.at(-1)).toMatchObject({ id: 'helpLeft', seq: c.seq });
    expect([c.sender.waiting(), c.clock.pending]).toEqual([0, 0]);
  });

  it('a stop ends it at once; a pause the province asks for is kept', async () => {
    const stopped = failing();
    await stopped.answer(refuse(403, 'revoked'));
    expect(stopped.notes).toMatchObject([{ id: 'helpLeft' }]);
    const slowed = failing();
    await slowed.answer(reply(503, { error: 'slowDown', message: 'busy' }, { retryAfter: '30' }));
    slowed.clock.advance(29_999);
    slowed.ask('b');
    expect(slowed.requests).toHaveLength(1);
    slowed.clock.advance(6_001);
    expect(slowed.requests).toHaveLength(2);
    await slowed.sender.stop();
  });

  it('a province that asks for time again and again is asked less and less, and at once again when it takes one', async () => {
    const c = failing();
    const busy = reply(503, { error: 'slowDown', message: 'busy' }, { retryAfter: '2' });
    const waits: number[] = [];
    for (let i = 0; i < 9; i++) {
      await c.answer(busy);
      const asked = c.requests.length;
      const sinceMs = c.clock.monoMs();
      while (c.requests.length === asked) c.clock.advance(100);
      waits.push(c.clock.monoMs() - sinceMs);
    }
    expect(waits[0]).toBeLessThanOrEqual(2_500);
    expect(waits.slice(-3).every((ms) => ms >= 60_000 && ms <= 72_100)).toBe(true);
    c.ask('b');
    await c.answer(c.taken(c.seq));
    c.clock.advance(0);
    await c.answer(busy);
    const asked = c.requests.length;
    c.clock.advance(2_500);
    expect(c.requests.length).toBe(asked + 1);
    await c.sender.stop();
  });

  const pausedForMinutes = async () => {
    const c = failing();
    const busy = reply(503, { error: 'slowDown', message: 'busy' }, { retryAfter: '2' });
    /** Until the `count`th request is under way. @returns the wait, ms. */
    const until = (count: number) => {
      const sinceMs = c.clock.monoMs();
      for (let step = 0; c.requests.length < count; step++) {
        if (step > 1_000) throw new Error('no request');
        c.clock.advance(100);
      }
      return c.clock.monoMs() - sinceMs;
    };
    /** The province asks for time. @returns the wait that follows, ms. */
    const pause = async () => {
      await c.answer(busy);
      return until(c.requests.length + 1);
    };
    for (let i = 0; i < 6; i++) await pause();
    return { ...c, busy, until, pause };
  };

  it('the pauses of one that the ordinary delivery brought are not those of the next, a day later', async () => {
    const c = await pausedForMinutes();
    expect(await c.pause()).toBeGreaterThan(60_000);
    c.delivered(c.seq);
    await c.answer(c.busy);
    c.clock.advance(24 * 3_600_000);
    c.ask('b');
    c.until(9);
    expect(await c.pause()).toBeLessThanOrEqual(2_500);
    await c.sender.stop();
  });

  it('nor of one that comes before the pause is over', async () => {
    const c = await pausedForMinutes();
    await c.answer(c.busy);
    c.delivered(c.seq);
    c.clock.advance(1_000);
    c.ask('b');
    c.until(8);
    expect(await c.pause()).toBeLessThanOrEqual(2_500);
    await c.sender.stop();
  });

  it('nor of one that is left to the ordinary delivery', async () => {
    const c = await pausedForMinutes();
    await c.answer(refuse(403, 'revoked'));
    expect(c.sender.waiting()).toBe(0);
    c.ask('b');
    c.until(8);
    expect(await c.pause()).toBeLessThanOrEqual(2_500);
    await c.sender.stop();
  });

  it('a clock the province holds for wrong is corrected', async () => {
    const c = failing();
    const theirMs = c.clock.nowMs() + 3_600_000;
    const answer = refuse(401, 'clockSkew');
    await c.answer({ ...answer, date: new Date(theirMs).toUTCString() } as Answer);
    c.clock.advance(1_000);
    const input = c.requests.at(-1)?.headers['signature-input'] ?? '';
    expect(Number(/created=(\d+)/.exec(input)?.[1])).toBeGreaterThanOrEqual(Math.floor(theirMs / 1000));
    await c.sender.stop();
  });
});
