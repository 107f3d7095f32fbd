import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 5;

/** How long this process's event loop stood still at most, and for how long it worked itself without a pause. */
export interface LoopFigures {
  readonly heldUpMs: number;
  /** Processor time of this thread between two looks: what is left of a stand-still is a machine, or a call, that waited. */
  readonly workedMs: number;
}

export function createLoopGauge(): { start(): void; end(): LoopFigures } {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  let workedMs = 0;
  let used = process.threadCpuUsage();
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    const { user, system } = process.threadCpuUsage(used);
    used = process.threadCpuUsage();
    workedMs = Math.max(workedMs, (user + system) / 1_000);
  };
  return {
    start() {
      workedMs = 0;
      delay.reset();
      used = process.threadCpuUsage();
      delay.enable();
      timer = setInterval(look, RESOLUTION_MS);
    },
    end() {
      delay.disable();
      clearInterval(timer);
      const heldUpMs = Math.max(0, Math.round(delay.max / 1e6 - RESOLUTION_MS));
      return { heldUpMs, workedMs: Math.round(workedMs) };
    },
  };
}
