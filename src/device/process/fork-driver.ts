import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type DriverPort, LEAN_FLAGS, type SpawnDriver } from './driver-port.ts';

/** The entry of a driver's process, for plain Node that runs from the sources. */
const SOURCE = fileURLToPath(import.meta.resolve('./driver-main.ts'));

/** A driver's process where this is plain Node. */
export function createForkedDrivers(
  parts: {
    /** Told of every process that is made. */
    readonly onSpawn?: (pid: number) => void;
  } = {},
): SpawnDriver {
  return () => {
    // Its output goes where ours goes, save stdout: that belongs to whoever reads our frames.
    const child = fork(SOURCE, [], {
      execArgv: [...LEAN_FLAGS],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    if (child.pid !== undefined) parts.onSpawn?.(child.pid);
    return portTo(child);
  };
}

function portTo(child: ChildProcess): DriverPort {
  return {
    post(text) {
      // Its end may be closed before we hear of its exit.
      if (child.connected) child.send(text, () => {});
    },
    onMessage: (listener) => child.on('message', listener),
    onExit(listener) {
      let told = false;
      const tell = (reason: string) => {
        if (told) return;
        told = true;
        listener(reason);
      };
      child.once('error', (error) => tell(error.message));
      child.once('exit', (code, signal) => tell(signal ?? `code ${code}`));
    },
    kill() {
      child.kill('SIGKILL');
    },
  };
}
