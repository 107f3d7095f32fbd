import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { resetSocket } from './reset-socket.ts';

it.each(['in the middle', 'while it says goodbye'])(
  'a connection that is reset %s is closed',
  async (when) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const peer = connect((server.address() as AddressInfo).port, '127.0.0.1');
    peer.on('error', () => undefined);
    const [mine] = (await once(server, 'connection')) as [Socket];
    const errors: unknown[] = [];
    mine.on('error', (error) => errors.push(error));
    if (when === 'while it says goodbye') mine.end();
    const closed = once(mine, 'close');
    resetSocket(mine);
    await closed;
    expect(errors).toEqual([]);
    peer.destroy();
    server.close();
  },
);
