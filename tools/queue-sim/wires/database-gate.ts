import { once } from 'node:events';
import { type AddressInfo, createServer, Socket } from 'node:net';
import { resetSocket } from '../../servers/reset-socket.ts';

/** A stretch of network cable between tablets and a server, which can be cut, frozen and looked at. */
export interface Gate {
  readonly port: number;
  /** Connections that are open now. */
  count(): number;
  /** Whether a tablet has asked, or has only just come, and has not heard the server since. */
  busy(): boolean;
  /** Settles after so many times in which a tablet said something after it had heard the server. */
  turns(count: number): Promise<void>;
  /** Bytes as they are, to every tablet. */
  inject(data: string | Uint8Array): void;
  cut(how: 'refuse' | 'freeze'): void;
  restore(): void;
  /** Breaks every connection; new ones are taken. */
  break(): void;
  stop(): Promise<void>;
}

export async function openGate(parts: {
  readonly host: string;
  readonly port: number;
  readonly target: { readonly host: string; readonly port: number };
  /** After a tablet came or went. */
  readonly changed: () => void;
  /** What a tablet that comes, and each question, waits for before the server hears of it. Does not reject. */
  readonly before?: () => Promise<unknown>;
}): Promise<Gate> {
  const pairs = new Set<{ readonly tablet: Socket; readonly server: Socket; isWaiting: boolean }>();
  const waiting = new Set<{ left: number; done: () => void }>();
  let state: 'open' | 'refuse' | 'freeze' = 'open';

  const turned = () => {
    for (const one of [...waiting]) {
      one.left -= 1;
      if (one.left > 0) continue;
      waiting.delete(one);
      one.done();
    }
  };

  const server = createServer((tablet) => {
    tablet.on('error', () => undefined);
    if (state === 'refuse') {
      tablet.destroy();
      return;
    }
    const up = new Socket();
    up.on('error', () => undefined);
    const pair = { tablet, server: up, isWaiting: true };
    pairs.add(pair);
    let heard = false;
    let asking: Promise<unknown> = Promise.resolve();
    tablet.on('data', (data) => {
      if (heard) turned();
      heard = false;
      pair.isWaiting = true;
      if (parts.before) asking = asking.then(parts.before).then(() => up.write(data));
      else up.write(data);
    });
    up.on('data', (data) => {
      heard = true;
      pair.isWaiting = false;
      tablet.write(data);
    });
    const close = () => {
      pairs.delete(pair);
      tablet.destroy();
      up.destroy();
      parts.changed();
    };
    tablet.on('close', close);
    up.on('close', close);
    if (state === 'freeze') for (const one of [tablet, up]) one.pause();
    const go = () => {
      if (!up.destroyed) up.connect(parts.target.port, parts.target.host);
    };
    if (parts.before) {
      tablet.pause();
      parts.before().then(() => {
        if (state !== 'freeze') tablet.resume();
        go();
      }, close);
    } else go();
    parts.changed();
  });
  server.listen(parts.port, parts.host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const breakAll = () => {
    for (const { tablet, server: up } of [...pairs]) {
      resetSocket(tablet);
      up.destroy();
    }
  };

  return {
    port,
    count: () => pairs.size,
    busy: () => [...pairs].some(({ isWaiting }) => isWaiting),
    turns: (count) => new Promise((done) => waiting.add({ left: count, done })),
    inject(data) {
      for (const { tablet } of pairs) tablet.write(data);
    },
    cut(how) {
      state = how;
      if (how === 'refuse') breakAll();
      else for (const pair of pairs) for (const one of [pair.tablet, pair.server]) one.pause();
    },
    restore() {
      state = 'open';
      for (const pair of pairs) for (const one of [pair.tablet, pair.server]) one.resume();
    },
    break: breakAll,
    async stop() {
      breakAll();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
