/** Does nothing, and tells how long the machine kept it from that. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 5;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();
process.on('message', () => {
  delay.disable();
  process.send?.(Math.max(0, Math.round(delay.max / 1e6 - RESOLUTION_MS)));
  process.disconnect();
});
