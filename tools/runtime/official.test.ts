import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import {
  isMirrorSet,
  isRefusalRemembered,
  officialPackage,
  probeOfficial,
  rememberRefusal,
} from './official.ts';

const servers: Server[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }
});

/** A download place on this machine, set the way a user would set a mirror. */
async function mirror(answer: RequestListener): Promise<void> {
  const server = createServer(answer);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  vi.stubEnv('ELECTRON_MIRROR', `http://127.0.0.1:${port}/`);
}

const GENEROUS_MS = 20_000;

test('a place that has the file is reachable, and the file is not downloaded for the question', async () => {
  const asked: (string | undefined)[] = [];
  await mirror((request, response) => {
    asked.push(request.url);
    response.writeHead(200);
    response.write('the beginning of something long');
  });
  const from = await officialPackage();
  expect(await probeOfficial(from, GENEROUS_MS)).toBe(true);
  expect(asked).toHaveLength(1);
  expect(asked[0]).toContain(`electron-v${from.version}-`);
});

test('a place that refuses is not reachable', async () => {
  await mirror((_request, response) => {
    response.writeHead(403).end();
  });
  expect(await probeOfficial(await officialPackage(), GENEROUS_MS)).toBe(false);
});

test('a place that never answers is given up after the limit', async () => {
  await mirror(() => undefined);
  expect(await probeOfficial(await officialPackage(), 50)).toBe(false);
});

test('a mirror is recognised in the environment and in npm’s settings; an empty one is none', () => {
  expect(isMirrorSet({ ELECTRON_MIRROR: 'http://127.0.0.1/' })).toBe(true);
  expect(isMirrorSet({ npm_config_electron_mirror: 'http://127.0.0.1/' })).toBe(true);
  expect(isMirrorSet({ ELECTRON_MIRROR: '', PATH: '/bin' })).toBe(false);
});

test('a refusal is remembered for its version only, and a clock set back does not make it last for ever', async () => {
  const cache = await mkdtemp(join(tmpdir(), 'yiping-official-'));
  await rememberRefusal(cache, '45.4.1', 1000);
  expect(await isRefusalRemembered(cache, '45.4.1', 2000)).toBe(true);
  expect(await isRefusalRemembered(cache, '46.0.0', 2000)).toBe(false);
  expect(await isRefusalRemembered(cache, '45.4.1', 500)).toBe(false);
  await rm(cache, { recursive: true });
});
