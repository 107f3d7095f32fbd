import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { findGround } from '../../src/core/parts.ts';
import { runKiosk } from '../../src/core/running-kiosk.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { ENTRY_BODIES } from '../../src/shared/journal/entry.ts';
import { newTokenSite } from '../support/token-site.ts';
import { until } from '../support/until.ts';

const LIMIT_MS = 30_000;
const DATE = '2026-05-06';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A queue system that does nothing but log a tablet in and say what it is told to say. */
async function sayingServer() {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  cleanups.push(() => new Promise((resolve) => server.close(resolve)));
  let tablet: WebSocket | undefined;
  server.on('connection', (socket) => {
    cleanups.push(() => socket.terminate());
    socket.on('message', (data) => {
      const { method } = JSON.parse(String(data));
      const known = method === 'Login' || method === 'RateResult';
      socket.send(JSON.stringify({ request: method, code: known ? '0' : '999', result: '' }));
      if (method === 'Login') tablet = socket;
    });
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `ws://127.0.0.1:${address.port}`,
    isLoggedIn: () => tablet !== undefined,
    served: (ticketNo: string, token?: string) =>
      tablet?.send(
        JSON.stringify({
          method: 'TicketEvent',
          param: { eventId: `served-${ticketNo}`, kind: 'served', ticketNo, date: DATE, token },
        }),
      ),
  };
}

it('the real core writes down what it found of each ticket’s token, and invites in any case', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'yiping-tokens-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const queue = await sayingServer();
  const site = await newTokenSite({ hallId: 'yunxi', algorithm: 'SM2' });
  const stale = await newTokenSite({
    hallId: 'yunxi',
    algorithm: 'SM2',
    nowMs: () => Date.now() - 3_600_000,
  });
  const configPath = join(folder, 'kiosk.json');
  writeFileSync(
    configPath,
    JSON.stringify({
      device: 'tokens-1',
      hall: { id: 'yunxi', name: { 'zh-CN': '云溪市政务服务中心' } },
      counter: { number: '3' },
      queue: [
        { kind: 'rate-service', url: queue.url, userCode: '1001', extensions: true, clerkName: '王敏' },
      ],
      ticketTokens: { keys: [...site.keys, { ...stale.keys[0], id: 'queue-2' }], required: true },
    }),
  );
  const found = await findGround({
    configPath,
    dataFolder: join(folder, 'data'),
    assetsFolder: join(import.meta.dirname, '../../assets'),
    clock: systemClock,
    boot: 'tokens',
  });
  if (!found.ok) throw new Error(found.lines.join('\n'));
  const { store } = found.ground;
  const notes: string[] = [];
  const running = runKiosk({
    ground: found.ground,
    version: '0.0.0-test',
    clock: systemClock,
    boot: 'tokens',
    spawnDriver: () => {
      throw new Error('no box is configured');
    },
    onSnapshot: () => {},
    note: (_severity, event, data) => notes.push(`${event} ${JSON.stringify(data)}`),
  });
  cleanups.push(() => running.stop());
  await until(() => expect(queue.isLoggedIn()).toBe(true), { deadlineMs: LIMIT_MS });

  const opened = () =>
    [...store.entries()]
      .filter(({ kind }) => kind === 'invitation.opened')
      .map(({ body }) => ENTRY_BODIES['invitation.opened'].parse(JSON.parse(body)).service);
  const ticket = (number: string, counter = '3') => ({ counter, number, date: DATE });
  const good = site.signer.sign(ticket('A1'), { tokenId: 'token-of-ticket-A1' });
  for (const [number, token] of [
    ['A1', good],
    ['A2', undefined],
    ['A3', good],
    ['A4', site.signer.sign(ticket('A4', '4'))],
    ['A5', 'not.a.token'],
    ['A6', stale.signer.sign(ticket('A6'))],
  ] as const) {
    queue.served(number, token);
    await until(() => expect(opened().at(-1)?.ticketNumber).toBe(number), { deadlineMs: LIMIT_MS });
  }
  expect(opened().map(({ servedToken, tokenCheck }) => ({ servedToken, tokenCheck }))).toEqual([
    { servedToken: good, tokenCheck: { result: 'valid', tokenId: 'token-of-ticket-A1' } },
    { servedToken: undefined, tokenCheck: { result: 'absent' } },
    { servedToken: undefined, tokenCheck: { result: 'refused', reason: 'otherTicket' } },
    { servedToken: undefined, tokenCheck: { result: 'refused', reason: 'otherCounter' } },
    { servedToken: undefined, tokenCheck: { result: 'refused', reason: 'malformed' } },
    // Signed by another key than the one of this name.
    { servedToken: undefined, tokenCheck: { result: 'refused', reason: 'forged' } },
  ]);
  expect(running.status().tokens).toEqual({ valid: 1, absent: 1, refused: 4 });
  expect(notes.join('\n')).toContain('ticketTokenAbsent');
  expect(notes.join('\n')).not.toContain(good.slice(0, 30));
});
