// Loaded before a process's own entry (NODE_OPTIONS=--import): tells from inside how long its event loop stood still,
// as a file that is there also after a kill. Nothing of the product knows of it.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const folder = process.env.YIPING_LOOP_WATCH;
if (folder) {
  const started = performance.now();
  const entry = process.argv[1] ?? '';
  let delays;
  setInterval(() => {
    // Compiling and loading at the start is no work on a line.
    if (!delays && performance.now() - started > 2_500) {
      delays = monitorEventLoopDelay({ resolution: 2 });
      delays.enable();
    }
    if (!delays || delays.count === 0) return;
    const file = join(folder, `${process.pid}.json`);
    writeFileSync(
      `${file}.new`,
      JSON.stringify({ entry, maxMs: delays.max / 1e6, p99Ms: delays.percentile(99) / 1e6 }),
    );
    renameSync(`${file}.new`, file);
  }, 200).unref();
}
