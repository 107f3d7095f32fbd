/**
 * The network between two programs, as a thing that can be broken: a TCP relay on 127.0.0.1 with a plug.
 * It looks at no byte.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { resetSocket } from '../servers/reset-socket.ts';

/** `refusing`: connections break and new ones are reset. `frozen`: the cable is out, nobody says goodbye. */
export type NetworkState = 'up' | 'refusing' | 'frozen';

export interface Relay {
  readonly port: number;
  readonly state: NetworkState;
  readonly sinceMs: number;
  set(state: NetworkState): void;
  stop(): Promise<void>;
}

/** @param parts `target` is asked for every connection, because what it leads to may have moved. */
export async function startRelay(parts: {
  readonly target: () => number | undefined;
  readonly state: NetworkState;
  readonly onChange: () => void;
}): Promise<Relay> {
  let { state } = parts;
  let sinceMs = Date.now();
  const sockets = new Set<Socket>();
  /** Connections made while the cable was out: they go on when it is in again. */
  const waiting = new Set<Socket>();

  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      sockets.delete(socket);
      waiting.delete(socket);
    });
  };

  const join = (near: Socket) => {
    const port = parts.target();
    if (port === undefined) {
      resetSocket(near);
      return;
    }
    const far = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    keep(far);
    // By hand and not by `pipe`, which would start a paused socket again at its next `drain`.
    forward(near, far);
    forward(far, near);
  };

  const forward = (from: Socket, to: Socket) => {
    from.on('data', (bytes) => {
      if (!to.write(bytes)) from.pause();
    });
    to.on('drain', () => {
      if (state === 'up') from.resume();
    });
    from.once('end', () => to.end());
    from.once('close', () => to.destroy());
  };

  const server = createServer({ allowHalfOpen: true, pauseOnConnect: false }, (near) => {
    keep(near);
    switch (state) {
      case 'up':
        return join(near);
      case 'refusing':
        return resetSocket(near);
      case 'frozen':
        near.pause();
        return waiting.add(near);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    port,
    get state() {
      return state;
    },
    get sinceMs() {
      return sinceMs;
    },
    set(next) {
      if (next === state) return;
      state = next;
      sinceMs = Date.now();
      if (next === 'refusing') for (const socket of sockets) resetSocket(socket);
      if (next === 'frozen') for (const socket of sockets) socket.pause();
      if (next === 'up') {
        for (const socket of waiting) join(socket);
        waiting.clear();
        for (const socket of sockets) socket.resume();
      }
      parts.onChange();
    },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
