import { systemClock } from '../../shared/clock.ts';
import { createPorts } from '../transport/ports.ts';
import { createDriverHost } from './driver-host.ts';
import type { HostPort } from './driver-port.ts';

/**
 * The process of one line. In Electron its port to the core comes from the shell; in plain Node it is the channel
 * to whoever forked it. What it needs of Electron is declared by shape, because this room does not know electron.
 */
interface ParentPort {
  once(name: 'message', listener: (event: { readonly ports: readonly CorePort[] }) => void): void;
}
interface CorePort {
  on(name: 'message', listener: (event: { readonly data: unknown }) => void): void;
  on(name: 'close', listener: () => void): void;
  postMessage(message: string): void;
  start(): void;
}

/** No orderly exit: that would wait for native code that may itself be waiting for a box that does not read. */
const end = () => process.kill(process.pid, 'SIGKILL');

function drive(port: HostPort) {
  const clock = systemClock;
  return createDriverHost({ port, clock, openPort: createPorts({ clock }), end });
}

// A full disk or a reader that has gone behind it: no reason to stop.
process.stderr.on('error', () => {});
const { parentPort } = process as typeof process & { readonly parentPort?: ParentPort };
if (parentPort) {
  parentPort.once('message', ({ ports: [core] }) => {
    if (!core) {
      end();
      return;
    }
    const host = drive({
      post: (text) => core.postMessage(text),
      onMessage: (listener) => core.on('message', ({ data }) => listener(data)),
    });
    core.on('close', () => host.orphaned());
    core.start();
  });
} else if (process.send) {
  const host = drive({
    post: (text) => process.send?.(text, undefined, undefined, () => {}),
    onMessage: (listener) => process.on('message', listener),
  });
  process.on('disconnect', () => host.orphaned());
} else {
  process.stderr.write('[yiping] driver-main runs only as a process of the kiosk\n');
  process.exit(64);
}
