import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { newSigner } from '../../test/support/store-parts.ts';
import { RecoverSchema } from '../shared/protocol/recover.ts';
import type { Answer } from './answer.ts';
import { createRecoverer } from './recover.ts';

const PATIENCE_MS = 10_000;
const late: Answer = { kind: 'failed', failure: 'timeout', message: 'no whole reply in time' };
const gone: Answer = { kind: 'failed', failure: 'unreachable', message: 'no route' };
const entry = {
  specversion: '1.0',
  id: '019dfb2a-3f80-7000-8000-000000000001',
  source: '/v1/devices/d',
  type: 'org.yiping.pause.changed',
  time: '2026-05-06T01:00:00.000Z',
  data: { seq: 1, boot: 'b', mono: 1, body: { by: 'clerk', paused: true }, sig: 'AAAA' },
};
const many = (count: number) => Array.from({ length: count }, () => entry);
const given = (entries: readonly unknown[]): Answer => ({
  kind: 'reply',
  status: 200,
  body: JSON.stringify({ entries, heldSeq: 9, reportedHead: null, serverTimeMs: 1 }),
});

/** @returns how many entries were asked for each time the far end answered like this. */
async function asked(answers: readonly (readonly [Answer, number])[]): Promise<readonly unknown[]> {
  const clock = createFakeClock();
  const counts: unknown[] = [];
  const left = [...answers];
  const recover = createRecoverer({
    post: async ({ body }) => {
      counts.push(RecoverSchema.parse(JSON.parse(Buffer.from(body).toString())).maxEntries);
      const [answer, tookMs] = left.shift() ?? [gone, 0];
      clock.advance(tookMs);
      return answer;
    },
    signer: newSigner(),
    deviceId: 'hall-01-counter-12',
    clock,
  });
  for (let again = 0; again <= answers.length; again++) await recover({ seq: 0, hash: '0'.repeat(64) });
  return counts;
}

describe('what is asked back from the province', () => {
  it('is a full batch, also after a lost network', async () => {
    expect(
      await asked([
        [gone, 0],
        [given([entry]), 50],
      ]),
    ).toEqual([500, 500, 500]);
  });

  it('is half of it each time that it does not come in time, down to a single commit', async () => {
    const never = Array.from({ length: 9 }, () => [late, PATIENCE_MS] as const);
    expect(await asked(never)).toEqual([500, 250, 125, 62, 31, 15, 7, 3, 1, 1]);
  });

  it('grows again only where the line carries it', async () => {
    expect(
      await asked([
        [late, PATIENCE_MS],
        [late, PATIENCE_MS],
        [given(many(125)), 4_000],
        [given(many(125)), 3_000],
        [given([]), 10],
      ]),
    ).toEqual([500, 250, 125, 125, 250, 250]);
  });

  it('grows again also where every piece takes long, whatever its size', async () => {
    const slow = [1, 1, 1, 1, 2, 2, 2, 2].map((count) => [given(many(count)), 4_000] as const);
    const never = Array.from({ length: 9 }, () => [late, PATIENCE_MS] as const);
    expect((await asked([...never, ...slow])).slice(9)).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 4]);
  });
});
