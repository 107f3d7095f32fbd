import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Relay, startRelay } from './relay.ts';

let far: Server;
let relay: Relay;
const opened = new Set<Socket>();

beforeEach(async () => {
  far = createServer({ allowHalfOpen: true }, (socket) => {
    opened.add(socket);
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  far.listen(0, '127.0.0.1');
  await once(far, 'listening');
  relay = await startRelay({
    target: () => (far.address() as AddressInfo).port,
    state: 'up',
    onChange: () => {},
  });
});
afterEach(async () => {
  for (const socket of opened) socket.destroy();
  opened.clear();
  await relay.stop();
  far.close();
});

function dial(): Socket {
  const socket = connect({ host: '127.0.0.1', port: relay.port });
  opened.add(socket);
  socket.on('error', () => {});
  return socket;
}

/** `once` would reject at the reset, which is what is expected here. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

async function echo(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [answer] = await once(socket, 'data');
  return String(answer);
}

test('up: bytes go there and come back, and an end is passed on', async () => {
  const socket = dial();
  expect(await echo(socket, 'hello')).toBe('hello');
  socket.end();
  await once(socket, 'end');
});

test('more than any buffer holds arrives whole', async () => {
  const socket = dial();
  const size = 8 * 1024 * 1024;
  let heard = 0;
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.length;
  });
  socket.end(Buffer.alloc(size, 'x'));
  await once(socket, 'end');
  expect(heard).toBe(size);
});

test('refusing: what is open breaks, and what is new is reset', async () => {
  const socket = dial();
  await echo(socket, 'hello');
  const broken = closed(socket);
  relay.set('refusing');
  await broken;
  await closed(dial());
});

test('frozen: nobody hears a thing, and when the cable is in again what was said arrives', async () => {
  const before = dial();
  await echo(before, 'hello');
  relay.set('frozen');
  const during = dial();
  await once(during, 'connect');
  let heard = '';
  for (const socket of [before, during])
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.toString();
    });
  before.write('a');
  during.write('b');
  // Whoever is not frozen answers in between.
  const other = connect((far.address() as AddressInfo).port, '127.0.0.1');
  opened.add(other);
  expect(await echo(other, 'c')).toBe('c');
  expect(heard).toBe('');
  const both = Promise.all([once(before, 'data'), once(during, 'data')]);
  relay.set('up');
  await both;
  expect([...heard].sort()).toEqual(['a', 'b']);
});

test('a target that is away is a refusal', async () => {
  const lonely = await startRelay({ target: () => undefined, state: 'up', onChange: () => {} });
  const socket = connect({ host: '127.0.0.1', port: lonely.port });
  socket.on('error', () => {});
  await closed(socket);
  await lonely.stop();
});
