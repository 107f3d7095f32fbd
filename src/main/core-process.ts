import { type MessagePortMain, utilityProcess } from 'electron';
import type { Clock } from '../shared/clock.ts';
import {
  CORE_HEARTBEAT_MS,
  CORE_V8_FLAGS,
  readCoreMessage,
  type ShellMessage,
} from '../shared/screen/shell.ts';
import { createDriverProcesses, type DriverProcesses, killHard } from './driver-processes.ts';

/**
 * The core as a process of its own, watched: a dead one and a hung one are replaced. All state is in its journal,
 * so a new one goes on where the old one was.
 */
export interface CoreProcess {
  start(): void;
  /** Hands a screen's port over; without a core it is closed, and the screen says so. */
  attach(port: MessagePortMain): void;
  /** The same for the staff screen. */
  attachStaff(port: MessagePortMain): void;
  /** Resolves when the core has closed its journal, at the latest after `STOP_LIMIT_MS`. */
  stop(): Promise<void>;
}

const RESTART_MS = { first: 200, most: 10_000, calmAfter: 60_000 };
/** Five silent heartbeats: longer than any disk we would call working. */
const HUNG_MS = 5 * CORE_HEARTBEAT_MS;
const STOP_LIMIT_MS = 3_000;

export function createCoreProcess(parts: {
  readonly script: string;
  /** What each line's driver runs in a process of its own, made for the core and ended with it. */
  readonly driverScript: string;
  readonly args: readonly string[];
  readonly clock: Clock;
  /** A core is there (again): the screen needs a port to it. */
  readonly onUp: () => void;
  /** It wants the staff screen shown, or taken away; a core that has ended wants none. */
  readonly onStaff: (wanted: boolean) => void;
  /** It lends the staff screen the camera, or takes it back. */
  readonly onCamera: (lent: boolean) => void;
  readonly log: (text: string) => void;
}): CoreProcess {
  const { clock } = parts;
  let child: Electron.UtilityProcess | null = null;
  let drivers: DriverProcesses | null = null;
  let restarts = 0;
  let startedAtMs = 0;
  let stopping = false;
  let cancelWatch: () => void = () => {};

  function start(): void {
    if (stopping) return;
    startedAtMs = clock.monoMs();
    const started = utilityProcess.fork(parts.script, [...parts.args], {
      serviceName: 'yiping-core',
      execArgv: [...CORE_V8_FLAGS],
      stdio: 'inherit',
    });
    child = started;
    const its = driversOf(started);
    drivers = its;
    watch(started);
    started.on('message', (data: unknown) => {
      const message = readCoreMessage(data);
      if (message?.type === 'heartbeat') watch(started);
      if (message?.type === 'staff-wanted' && child === started) parts.onStaff(true);
      if (message?.type === 'staff-unwanted') parts.onStaff(false);
      if (message?.type === 'camera-wanted' && child === started) parts.onCamera(true);
      if (message?.type === 'camera-unwanted') parts.onCamera(false);
      if (message?.type === 'driver-wanted') its.start(message.id);
      if (message?.type === 'driver-unwanted') its.end(message.id);
    });
    started.once('exit', (code) => gone(started, code));
    parts.onUp();
  }

  function driversOf(core: Electron.UtilityProcess): DriverProcesses {
    const tell = (message: ShellMessage, ports: MessagePortMain[] = []) => {
      if (child === core) core.postMessage(message, ports);
    };
    return createDriverProcesses({
      script: parts.driverScript,
      onPort: (id, port) => tell({ type: 'driver-port', id }, [port]),
      onGone: (id, reason) => tell({ type: 'driver-gone', id, reason }),
      log: parts.log,
    });
  }

  function watch(current: Electron.UtilityProcess): void {
    cancelWatch();
    cancelWatch = clock.after(HUNG_MS, () => {
      parts.log(`core has been silent for ${HUNG_MS} ms; it is ended and started again`);
      killHard(current);
    });
  }

  function gone(ended: Electron.UtilityProcess, code: number): void {
    if (child !== ended) return;
    child = null;
    parts.onCamera(false);
    parts.onStaff(false);
    drivers?.endAll();
    cancelWatch();
    if (stopping) return;
    if (clock.monoMs() - startedAtMs > RESTART_MS.calmAfter) restarts = 0;
    const waitMs = Math.min(RESTART_MS.most, RESTART_MS.first * 2 ** restarts);
    restarts++;
    parts.log(`core ended with code ${code}; started again in ${waitMs} ms`);
    clock.after(waitMs, start);
  }

  function hand(type: 'citizen-port' | 'staff-port', port: MessagePortMain): void {
    if (child) child.postMessage({ type } satisfies ShellMessage, [port]);
    else port.close();
  }

  return {
    start,
    attach: (port) => hand('citizen-port', port),
    attachStaff: (port) => hand('staff-port', port),
    stop() {
      stopping = true;
      cancelWatch();
      const current = child;
      if (!current) return Promise.resolve();
      return new Promise((resolve) => {
        const over = () => {
          cancel();
          drivers?.endAll();
          resolve();
        };
        const cancel = clock.after(STOP_LIMIT_MS, () => {
          current.kill();
          over();
        });
        current.once('exit', over);
        current.postMessage({ type: 'stop' } satisfies ShellMessage);
      });
    },
  };
}
