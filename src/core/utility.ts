import { CORE_HEARTBEAT_MS, type CoreMessage, readShellMessage } from '../shared/screen/shell.ts';
import { readCoreArguments } from './arguments.ts';
import { machineClock } from './machine.ts';
import type { ScreenPort } from './screen-port.ts';
import { createShellDrivers, type ShellPort } from './shell-drivers.ts';
import { startCore } from './start-core.ts';

/**
 * The core as Electron's utility process. What it needs of Electron is declared here by shape, because this room
 * does not know electron.
 */
interface ParentPort {
  on(
    name: 'message',
    listener: (event: { readonly data: unknown; readonly ports: readonly ShellPort[] }) => void,
  ): void;
  postMessage(message: CoreMessage): void;
}

// A full disk or a reader that has gone behind it: no reason to stop.
process.stderr.on('error', () => {});
const { parentPort } = process as typeof process & { readonly parentPort?: ParentPort };
if (!parentPort) {
  process.stderr.write('[yiping] core/utility runs only inside the kiosk; use core/headless in plain Node\n');
  process.exit(64);
}

const drivers = createShellDrivers({ tell: (message) => parentPort.postMessage(message) });
const core = startCore({
  ...readCoreArguments(process.argv, import.meta.url),
  clock: machineClock,
  spawnDriver: drivers.spawn,
  showStaff: (shown) => parentPort.postMessage({ type: shown ? 'staff-wanted' : 'staff-unwanted' }),
  lendCamera: (lent) => parentPort.postMessage({ type: lent ? 'camera-wanted' : 'camera-unwanted' }),
});

function screenPort<Message>(port: ShellPort): ScreenPort<Message> {
  return {
    postMessage: (message) => port.postMessage(message),
    onMessage(listener) {
      port.on('message', (event) => listener(event.data));
      port.start();
    },
    onClose: (listener) => port.on('close', listener),
  };
}

parentPort.on('message', (event) => {
  const message = readShellMessage(event.data);
  const [port] = event.ports;
  if (!message) return;
  drivers.hear(message, port);
  if (message.type === 'citizen-port' && port) core.attach(screenPort(port));
  if (message.type === 'staff-port' && port) core.attachStaff(screenPort(port));
  if (message.type === 'stop')
    void core.stop().finally(() => {
      process.exit(0);
    });
});

// From inside the event loop: a core that hangs falls silent, and the shell replaces it.
const beat = () => parentPort.postMessage({ type: 'heartbeat' });
beat();
setInterval(beat, CORE_HEARTBEAT_MS);
