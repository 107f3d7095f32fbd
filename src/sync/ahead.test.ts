import { expect, it } from 'vitest';
import { ack, turn, uploadBench } from '../../test/support/upload-bench.ts';
import type { PostRequest } from './answer.ts';

const BATCH = 500;

/** A backlog of which every answer takes so long. @returns by the batch, how old its signature says it is as it leaves, s. */
async function ages(answerMs: number): Promise<Readonly<Record<number, number>>> {
  const { clock, store, uploader, sending, sendings } = uploadBench(1, {}, 2);
  const seen: Record<number, number> = {};
  const left = ({ request, seqs }: { readonly request: PostRequest; readonly seqs: readonly number[] }) => {
    const created = /created=(\d+)/.exec(request.headers['signature-input'] ?? '')?.[1];
    seen[(seqs.at(-1) ?? 0) / BATCH] = Math.floor(clock.nowMs() / 1000) - Number(created);
  };
  /** While these are under way the next one is packed and signed; then the first of them is answered. */
  const answered = async (batch: number, packedMeanwhile: number) => {
    while (store.readTo < packedMeanwhile * BATCH) await new Promise((done) => setImmediate(done));
    clock.advance(answerMs);
    await (await sending()).answer(ack(batch * BATCH));
  };
  store.append(8 * BATCH);
  uploader.start();
  turn(clock);
  left(await sending());
  // Nothing says yet that the far end takes batches: the second waits for the first.
  await answered(1, 2);
  for (const one of await sendings()) left(one);
  for (const batch of [2, 3, 4]) {
    await answered(batch, batch + 2);
    left((await sendings())[1]);
  }
  await uploader.stop();
  return seen;
}

it('a batch that waited long for the one before it says the time at which it leaves', async () => {
  expect(await ages(20_000)).toEqual({ 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, 6: 0 });
});

it('one that waited a moment goes as it was signed ahead', async () => {
  expect(await ages(2_000)).toEqual({ 1: 0, 2: 2, 3: 0, 4: 2, 5: 2, 6: 2 });
});
