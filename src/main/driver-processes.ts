import { MessageChannelMain, type MessagePortMain, utilityProcess } from 'electron';

/**
 * Processes for the drivers of one core: made when it asks, ended when it says so or ends itself. What they say
 * goes past the shell, over a port of their own.
 */
export interface DriverProcesses {
  start(id: number): void;
  /** At once and hard: whoever is ended here may hang. */
  end(id: number): void;
  endAll(): void;
}

/** A counter has a box or two; a core that asks for more is broken. */
const MOST = 8;

export function createDriverProcesses(parts: {
  readonly script: string;
  readonly onPort: (id: number, port: MessagePortMain) => void;
  readonly onGone: (id: number, reason: string) => void;
  readonly log: (text: string) => void;
}): DriverProcesses {
  const running = new Map<number, Electron.UtilityProcess>();
  let over = false;

  function end(id: number): void {
    const child = running.get(id);
    if (!child) return;
    running.delete(id);
    killHard(child);
  }

  return {
    start(id) {
      if (over || running.has(id)) return;
      if (running.size >= MOST) {
        parts.log(`a driver's process was refused: ${MOST} are running`);
        parts.onGone(id, 'too many drivers are running');
        return;
      }
      const child = utilityProcess.fork(parts.script, [], { serviceName: 'yiping-driver', stdio: 'inherit' });
      running.set(id, child);
      child.once('exit', (code) => {
        if (running.get(id) !== child) return;
        running.delete(id);
        parts.onGone(id, `code ${code}`);
      });
      const { port1, port2 } = new MessageChannelMain();
      child.postMessage(null, [port1]);
      parts.onPort(id, port2);
    },
    end,
    endAll() {
      over = true;
      for (const id of [...running.keys()]) end(id);
    },
  };
}

/** Ends a process that may hang, or that is only being made. */
export function killHard(child: Electron.UtilityProcess): void {
  const kill = () => {
    try {
      if (child.pid) process.kill(child.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  };
  if (child.pid) kill();
  else child.once('spawn', kill);
}
