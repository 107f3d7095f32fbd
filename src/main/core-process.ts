import { type MessagePortMain, utilityProcess } from 'electron';
import type { Clock } from '../shared/clock.ts';
import { CORE_HEARTBEAT_MS, type CoreMessage, type ShellMessage } from '../shared/screen/shell.ts';

/**
 * The core as a process of its own, watched: a dead one and a hung one are replaced. All state is in its journal,
 * so a new one goes on where the old one was.
 */
export interface CoreProcess {
  start(): void;
  /** Hands a screen's port over; without a core it is closed, and the screen says so. */
  attach(port: MessagePortMain): void;
  /** Resolves when the core has closed its journal, at the latest after `STOP_LIMIT_MS`. */
  stop(): Promise<void>;
}

const RESTART_MS = { first: 200, most: 10_000, calmAfter: 60_000 };
/** Five silent heartbeats: longer than any disk we would call working. */
const HUNG_MS = 5 * CORE_HEARTBEAT_MS;
const STOP_LIMIT_MS = 3_000;

export function createCoreProcess(parts: {
  readonly script: string;
  readonly args: readonly string[];
  readonly clock: Clock;
  /** A core is there (again): the screen needs a port to it. */
  readonly onUp: () => void;
  readonly log: (text: string) => void;
}): CoreProcess {
  const { clock } = parts;
  let child: Electron.UtilityProcess | null = null;
  let restarts = 0;
  let startedAtMs = 0;
  let stopping = false;
  let cancelWatch: () => void = () => {};

  function start(): void {
    if (stopping) return;
    startedAtMs = clock.monoMs();
    const started = utilityProcess.fork(parts.script, [...parts.args], {
      serviceName: 'yiping-core',
      stdio: 'inherit',
    });
    child = started;
    watch(started);
    started.on('message', (message: CoreMessage) => {
      if (message.type === 'heartbeat') watch(started);
    });
    started.once('exit', (code) => gone(started, code));
    parts.onUp();
  }

  function watch(current: Electron.UtilityProcess): void {
    cancelWatch();
    cancelWatch = clock.after(HUNG_MS, () => {
      parts.log(`core has been silent for ${HUNG_MS} ms; it is ended and started again`);
      if (current.pid) process.kill(current.pid, 'SIGKILL');
    });
  }

  function gone(ended: Electron.UtilityProcess, code: number): void {
    if (child !== ended) return;
    child = null;
    cancelWatch();
    if (stopping) return;
    if (clock.monoMs() - startedAtMs > RESTART_MS.calmAfter) restarts = 0;
    const waitMs = Math.min(RESTART_MS.most, RESTART_MS.first * 2 ** restarts);
    restarts++;
    parts.log(`core ended with code ${code}; started again in ${waitMs} ms`);
    clock.after(waitMs, start);
  }

  return {
    start,
    attach(port) {
      if (child) child.postMessage({ type: 'citizen-port' } satisfies ShellMessage, [port]);
      else port.close();
    },
    stop() {
      stopping = true;
      cancelWatch();
      const current = child;
      if (!current) return Promise.resolve();
      return new Promise((resolve) => {
        const cancel = clock.after(STOP_LIMIT_MS, () => {
          current.kill();
          resolve();
        });
        current.once('exit', () => {
          cancel();
          resolve();
        });
        current.postMessage({ type: 'stop' } satisfies ShellMessage);
      });
    },
  };
}
