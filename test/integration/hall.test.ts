import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Action } from '../../tools/hall/actions.ts';
import { isStillThere } from '../../tools/hall/process-tree.ts';
import { type HallProcess, startHallProcess } from './hall-process.ts';

/** The main job as somebody plays it on the bench page: everything real but Electron and the people. */

// Two busy cores and a database that is made on the spot: limits for "never", no measure of anything.
const LIMIT_MS = 120_000;
const until = <T>(look: () => Promise<T>) => vi.waitFor(look, { timeout: LIMIT_MS, interval: 100 });

let hall: HallProcess;
beforeAll(async () => {
  hall = await startHallProcess();
  await until(async () => {
    const { state } = await hall.look();
    expect(state.queue.at.tablets).toBe(1);
    expect(state.snapshot?.buttons).toBe('ready');
    expect(state.province.registered).toBe(true);
  });
}, LIMIT_MS);
afterAll(() => hall.dispose());

const done = async (action: Action) => expect(await hall.act(action)).toEqual({ ok: true });
const screenIs = (name: string) =>
  until(async () => expect((await hall.look()).state.snapshot?.screen.name).toBe(name));
const ratings = async () => (await hall.look()).lines.filter(({ kind }) => kind === 'rating.settled');

/** A key until it is heard: a box that was plugged in this moment, or whose key was down just now, is not listened to. */
async function press(key: number): Promise<void> {
  const heard = async () => expect((await hall.look()).state.snapshot?.screen.name).not.toBe('inviting');
  await vi.waitFor(
    async () => {
      await done({ do: 'press', key: String(key) });
      // Longer than the time in which a key counts as still held.
      await vi.waitFor(heard, { timeout: 700, interval: 20 });
    },
    { timeout: LIMIT_MS, interval: 20 },
  );
}

/** A ticket from the call to the settled rating. */
async function rate(key: number): Promise<void> {
  const { deviceRatings } = (await hall.look()).state.totals;
  await done({ do: 'call' });
  await screenIs('serving');
  await done({ do: 'served' });
  await screenIs('inviting');
  await press(key);
  // Refused where the three seconds were over before we came to it.
  await hall.act({ do: 'answer', verb: 'confirm' });
  await until(async () => expect((await hall.look()).state.totals.deviceRatings).toBe(deviceRatings + 1));
}

const provinceHasAll = () =>
  until(async () => {
    const { lines, state } = await hall.look();
    expect(lines.filter(({ received }) => received === null)).toEqual([]);
    expect(state.totals.provinceSeq).toBe(state.totals.deviceSeq);
  });

test(
  'a ticket is called and served, a key is pressed, and the province has the rating',
  async () => {
    await rate(3);
    await provinceHasAll();
    const [rating, ...more] = await ratings();
    expect(more).toEqual([]);
    expect(rating).toMatchObject({ body: { level: 5 }, received: { same: true } });
  },
  LIMIT_MS,
);

test(
  'a second press for the same ticket is refused',
  async () => {
    await done({ do: 'press', key: '0' });
    // Behind it on the same line comes the next ticket's press: when that is there, the first one was heard.
    await rate(1);
    const levels = (await hall.look()).lines
      .filter(({ kind }) => kind === 'rating.chosen' || kind === 'rating.settled')
      .map(({ kind, body }) => [kind, body['level']]);
    expect(levels).toEqual([
      ['rating.chosen', 5],
      ['rating.settled', 5],
      ['rating.chosen', 3],
      ['rating.settled', 3],
    ]);
  },
  LIMIT_MS,
);

test(
  'three ratings without the network arrive once and in order when it is back',
  async () => {
    await provinceHasAll();
    const before = (await hall.look()).state.totals;
    await done({ do: 'network', of: 'province', is: 'refusing' });
    for (const key of [3, 2, 0]) await rate(key);
    await until(async () =>
      expect((await hall.look()).state.totals).toMatchObject({
        deviceRatings: before.deviceRatings + 3,
        provinceSeq: before.provinceSeq,
      }),
    );

    await done({ do: 'network', of: 'province', is: 'up' });
    await provinceHasAll();
    const { state } = await hall.look();
    expect(state.totals.provinceRatings).toBe(before.provinceRatings + 3);
    expect(state.province.alarms).toEqual([]);
    const arrived = (await ratings()).slice(-3);
    expect(arrived.map(({ body }) => body['level'])).toEqual([5, 4, 2]);
    expect(new Set(arrived.map(({ body }) => body['serviceKey'])).size).toBe(3);
    const times = arrived.map(({ received }) => received?.atMs ?? 0);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  },
  LIMIT_MS,
);

test(
  'a kiosk that is killed just after a press comes back, and the rating is there once',
  async () => {
    const before = (await hall.look()).state.totals.deviceRatings;
    await done({ do: 'call' });
    await screenIs('serving');
    await done({ do: 'served' });
    await screenIs('inviting');
    await press(2);
    await until(async () =>
      expect((await hall.look()).lines.at(-1)).toMatchObject({ kind: 'rating.chosen', body: { level: 4 } }),
    );
    await done({ do: 'kill', what: 'all' });
    await until(async () => {
      const { state } = await hall.look();
      expect(state.kiosk).toMatchObject({ running: true, starts: 2 });
      expect(state.totals.deviceRatings).toBe(before + 1);
    });
    await provinceHasAll();
    expect((await ratings()).at(-1)).toMatchObject({ body: { level: 4, by: 'recovery' } });
  },
  LIMIT_MS,
);

test(
  'a pulled box is a plain answer, and back in it works again',
  async () => {
    await done({ do: 'box', cable: 'pulled' });
    await until(async () => expect((await hall.look()).state.snapshot?.buttons).toBe('lost'));
    expect(await hall.act({ do: 'press', key: '1' })).toEqual({ ok: false, problem: 'boxPulled' });
    await done({ do: 'box', cable: 'plugged' });
    await until(async () => expect((await hall.look()).state.snapshot?.buttons).toBe('ready'));
    await rate(1);
  },
  LIMIT_MS,
);

test(
  'another model in its place is one the kiosk follows, and its keys count; one on USB is refused with why',
  async () => {
    expect(await hall.act({ do: 'model', model: 'keypad-5' })).toEqual({ ok: false, problem: 'notPlayable' });
    for (const model of ['generic-modbus-rtu', 'generic-line']) {
      const before = (await hall.look()).state.kiosk.starts;
      await done({ do: 'model', model });
      await until(async () => {
        const { state } = await hall.look();
        expect(state.box).toMatchObject({ model, plugged: true });
        expect(state.kiosk).toMatchObject({ running: true, starts: before + 1 });
        expect(state.snapshot?.buttons).toBe('ready');
        expect(state.queue.at.tablets).toBe(1);
      });
      expect(await hall.act({ do: 'press', key: '0' })).toEqual({ ok: false, problem: 'noSuchKey' });
      await rate(2);
      await until(async () => expect((await ratings()).at(-1)?.body['level']).toBe(2));
    }
  },
  LIMIT_MS,
);

test('every ticket was asked about once and rated once, also the one over whose rating the kiosk was killed', async () => {
  const { lines } = await hall.look();
  const keysOf = (wanted: string) =>
    lines
      .filter(({ kind }) => kind === wanted)
      .map(({ body }) => body['serviceKey'] ?? (body['service'] as { serviceKey: string }).serviceKey);
  const asked = keysOf('invitation.opened');
  expect(asked).toHaveLength(9);
  expect(new Set(asked).size).toBe(9);
  expect(keysOf('rating.settled')).toEqual(asked);
});

test.each([
  ['another name for this address', { host: 'bench.example' }],
  ['another origin', { origin: 'http://bench.example' }],
  ['a script of another page', { 'sec-fetch-site': 'cross-site' }],
])('%s is refused', async (_name, headers) => {
  const { request } = await import('node:http');
  const status = await new Promise((resolve, reject) => {
    const sent = request(`${hall.url}/act`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
    });
    sent.once('response', (response) => resolve(response.resume().statusCode));
    sent.once('error', reject);
    sent.end('{"do":"call"}');
  });
  expect(status).toBe(403);
});

test.each(['{"do":"format"}', '{"do":"press","key":9}', '{"do":"call","counter":"4"}'])(
  '%s is nothing one can do',
  async (body) => {
    const response = await fetch(`${hall.url}/act`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(response.status).toBe(400);
  },
);

test(
  'SIGTERM ends everything it started',
  async () => {
    const processes = hall.processes();
    // The bench itself, the province, the kiosk, the reader of its journal, the cable of the box.
    expect(processes.length).toBeGreaterThanOrEqual(5);
    expect(await hall.end('SIGTERM')).toBe(0);
    await until(async () => expect(processes.filter(isStillThere)).toEqual([]));
  },
  LIMIT_MS,
);
