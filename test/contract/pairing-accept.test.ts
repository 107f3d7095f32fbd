import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { confirmPairing } from '../../src/core/pairing-asking.ts';
import type { Clock } from '../../src/shared/clock.ts';
import { startSimPairing } from '../../tools/queue-sim/pairing.ts';
import { createQueueSim } from '../../tools/queue-sim/queue-sim.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { until } from '../support/until.ts';
import { createPairingTablet, startStranger } from './pairing-rig.ts';

const COUNTER = '3';
const ACCEPT = '/yiping/v1/pair/accept';

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A queue system whose answers to `accept` are given one after another; the last stands for all that follow. */
async function answering(...answers: ((response: ServerResponse) => void)[]) {
  const bodies: string[] = [];
  const server = await startStranger({
    http(request, response) {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.once('end', () => {
        bodies.push(Buffer.concat(pieces).toString('utf8'));
        answers[Math.min(bodies.length, answers.length) - 1]?.(response);
      });
    },
  });
  ends.push(server.stop);
  return { address: server.address, bodies };
}

const drop = (response: ServerResponse) => response.destroy();
const say =
  (status: number, body: object = {}) =>
  (response: ServerResponse) =>
    response.writeHead(status).end(JSON.stringify(body));

/** Says `accept` on a clock of its own; the pauses between two tries are moved over one by one. */
function confirming(origin: string) {
  const fake = createFakeClock();
  const pausesMs: number[] = [];
  let passPause = () => {};
  const clock: Clock = {
    ...fake,
    after(ms, run) {
      const cancel = fake.after(ms, run);
      // The limit of one call is cancelled when it is answered; a pause is the delay of which nobody thinks again.
      if (ms === 5_000) return cancel;
      pausesMs.push(ms);
      passPause = () => fake.advance(ms);
      return cancel;
    },
  };
  const unheard: string[] = [];
  const confirmation = confirmPairing({
    origin,
    fingerprint: undefined,
    pairing: 'pairing-1',
    clock,
    onUnheard: (why) => unheard.push(why),
  });
  ends.push(confirmation.stop);
  return {
    pausesMs,
    unheard,
    fake,
    stop: confirmation.stop,
    async nextPause(count: number) {
      await until(() => expect(pausesMs).toHaveLength(count));
      passPause();
    },
  };
}

describe('saying that a pairing was accepted', () => {
  it('is repeated by a tablet whose queue system dropped the first two', async () => {
    const sim = await createQueueSim({
      counters: [COUNTER],
      users: [{ code: '1003', name: '王芳', counters: [COUNTER] }],
    });
    ends.push(sim.stop);
    const desk = await startSimPairing({ sim, counters: [COUNTER] });
    ends.push(desk.stop);
    let dropped = 0;
    const before = await startStranger({
      http(request, response) {
        const pieces: Buffer[] = [];
        request.on('data', (piece: Buffer) => pieces.push(piece));
        request.once('end', () => {
          if (request.url === ACCEPT && dropped < 2) {
            dropped += 1;
            response.destroy();
            return;
          }
          void fetch(`${desk.current().address}${request.url}`, {
            method: 'POST',
            body: Buffer.concat(pieces),
          }).then(async (answer) => response.writeHead(answer.status).end(await answer.text()));
        });
      },
    });
    ends.push(before.stop);
    const tablet = createPairingTablet();
    ends.push(tablet.remove);
    const { code } = desk.current();
    tablet.pairing.act({
      act: 'scan',
      text: `yiping-pair:1?a=${encodeURIComponent(before.address)}&c=${code}`,
    });
    await until(() => expect(tablet.view().stage).toMatchObject({ name: 'trial', mayAccept: true }));
    expect(tablet.pairing.act({ act: 'accept' })).toEqual({ accepted: true });
    // The page goes as soon as the tablet follows.
    tablet.pairing.end();
    await until(() => expect(desk.paired().get(COUNTER)).toBe('tablet-1'));
    expect(dropped).toBe(2);
    expect(tablet.lines.join()).not.toContain('pairingNotConfirmed');
  });

  it('pauses longer each time, up to a minute, and ends with the answer', async () => {
    const { address, bodies } = await answering(
      drop,
      say(500),
      say(429),
      say(503, { error: 'refused' }),
      say(204),
    );
    const { nextPause, pausesMs, unheard } = confirming(address);
    for (const count of [1, 2, 3, 4]) await nextPause(count);
    await until(() => expect(bodies).toHaveLength(5));
    expect(new Set(bodies)).toEqual(new Set(['{"v":1,"pairing":"pairing-1"}']));
    expect(pausesMs).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(unheard).toEqual([]);
  });

  it.each([
    ['404', 404, {}],
    ['410', 410, {}],
    ['a refusal', 403, { v: 1, error: 'refused' }],
  ])('ends at %s: the pairing is not known there any more', async (_name, status, body) => {
    const { address, bodies } = await answering(say(status, body));
    const { pausesMs, unheard, fake } = confirming(address);
    await until(() => expect(unheard).toEqual(['unknownThere']));
    fake.advance(600_000);
    expect(pausesMs).toEqual([]);
    expect(bodies).toHaveLength(1);
  });

  it('is given up after ten minutes', async () => {
    const { address } = await answering(drop);
    const { nextPause, pausesMs, unheard } = confirming(address);
    for (let count = 1; unheard.length === 0; count += 1) {
      await until(() => expect(unheard.length > 0 || pausesMs.length === count).toBe(true));
      if (unheard.length === 0) await nextPause(count);
    }
    expect(unheard).toEqual(['silent']);
    expect(pausesMs.slice(0, 8)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    const spentMs = pausesMs.reduce((sum, ms) => sum + ms, 0);
    expect(spentMs).toBeGreaterThan(500_000);
    expect(spentMs).toBeLessThanOrEqual(600_000);
  });

  it('ends with the pairing', async () => {
    const { address, bodies } = await answering(drop);
    const { pausesMs, stop, fake, unheard } = confirming(address);
    await until(() => expect(pausesMs).toHaveLength(1));
    stop();
    fake.advance(600_000);
    expect(fake.pending).toBe(0);
    expect(bodies).toHaveLength(1);
    expect(unheard).toEqual([]);
  });
});
