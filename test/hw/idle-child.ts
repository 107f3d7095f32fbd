/** Does nothing, and tells how long the machine kept it from that, and how much of that it counts as work. */
import { createLoopGauge } from './loop-gauge.ts';

const gauge = createLoopGauge();
gauge.start();
process.on('message', () => {
  process.send?.(gauge.end());
  process.disconnect();
});
