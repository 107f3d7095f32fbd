import type { DriverPort, SpawnDriver } from '../device/buttons.ts';
import type { CoreMessage, ShellMessage } from '../shared/screen/shell.ts';

/** A port of Electron's, by shape: this room does not know electron. */
export interface ShellPort {
  on(name: 'message', listener: (event: { readonly data: unknown }) => void): void;
  on(name: 'close', listener: () => void): void;
  postMessage(message: unknown): void;
  start(): void;
}

interface Wanted {
  arrived(port: ShellPort): void;
  gone(reason: string): void;
}

/** Processes for drivers where only the shell can make them: asked for by number, reached over a port it hands over. */
export interface ShellDrivers {
  readonly spawn: SpawnDriver;
  /** What the shell says of them. */
  hear(message: ShellMessage, port: ShellPort | undefined): void;
}

export function createShellDrivers(parts: { readonly tell: (message: CoreMessage) => void }): ShellDrivers {
  const wanted = new Map<number, Wanted>();
  let lastId = 0;

  return {
    spawn() {
      lastId += 1;
      const id = lastId;
      const channel = createChannel(() => {
        // The shell says no more of one that it was told to end.
        wanted.delete(id);
        parts.tell({ type: 'driver-unwanted', id });
      });
      wanted.set(id, channel);
      parts.tell({ type: 'driver-wanted', id });
      return channel;
    },
    hear(message, port) {
      if (message.type === 'driver-port' && port) wanted.get(message.id)?.arrived(port);
      if (message.type !== 'driver-gone') return;
      wanted.get(message.id)?.gone(message.reason);
      wanted.delete(message.id);
    },
  };
}

function createChannel(kill: () => void): DriverPort & Wanted {
  let port: ShellPort | undefined;
  const early: string[] = [];
  const listeners: ((data: unknown) => void)[] = [];
  const endings: ((reason: string) => void)[] = [];
  return {
    post(text) {
      if (port) port.postMessage(text);
      else early.push(text);
    },
    onMessage: (listener) => listeners.push(listener),
    onExit: (listener) => endings.push(listener),
    kill,
    arrived(arriving) {
      port = arriving;
      port.on('message', ({ data }) => {
        for (const listener of listeners) listener(data);
      });
      port.start();
      for (const text of early.splice(0)) port.postMessage(text);
    },
    gone(reason) {
      for (const ending of endings.splice(0)) ending(reason);
    },
  };
}
