import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** The network between the tablets and a broker: a port that leads to a Unix socket, until somebody pulls the cable. */
export async function startRelay(parts: {
  readonly host: string;
  readonly port: number;
  readonly to: string;
}) {
  const pairs = new Map<Socket, Socket>();
  const waiting = new Set<Socket>();
  let mode: 'up' | 'refusing' | 'frozen' = 'up';

  const join = (tablet: Socket) => {
    const broker = connect(parts.to);
    pairs.set(tablet, broker);
    tablet.on('data', (bytes) => broker.write(bytes));
    broker.on('data', (bytes) => tablet.write(bytes));
    // What was said before a goodbye still arrives.
    tablet.on('end', () => broker.end());
    broker.on('end', () => tablet.end());
    const part = () => {
      pairs.delete(tablet);
      tablet.destroySoon();
      broker.destroySoon();
    };
    for (const socket of [tablet, broker]) {
      socket.setNoDelay(true);
      socket.on('close', part);
      socket.on('error', part);
    }
  };
  const server = createServer((tablet) => {
    if (mode === 'refusing') return void tablet.destroy();
    if (mode === 'up') return join(tablet);
    waiting.add(tablet);
    tablet.on('error', () => tablet.destroy());
    tablet.on('close', () => waiting.delete(tablet));
  });
  const all = () => [...pairs].flat();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(parts.port, parts.host, resolve);
  });

  return {
    port: (server.address() as AddressInfo).port,
    cut(how: 'refuse' | 'freeze'): void {
      mode = how === 'refuse' ? 'refusing' : 'frozen';
      for (const socket of all())
        if (how === 'refuse') socket.destroy();
        else socket.pause();
    },
    restore(): void {
      mode = 'up';
      for (const socket of all()) socket.resume();
      for (const tablet of waiting) {
        tablet.removeAllListeners();
        join(tablet);
      }
      waiting.clear();
    },
    async stop(): Promise<void> {
      for (const socket of [...all(), ...waiting]) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
