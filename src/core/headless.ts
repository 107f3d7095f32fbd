import { createInterface } from 'node:readline';
import { createForkedDrivers } from '../device/process/fork-driver.ts';
import { readCoreArguments } from './arguments.ts';
import { machineClock } from './machine.ts';
import type { ScreenPort } from './screen-port.ts';
import { startCore } from './start-core.ts';

/**
 * The core in plain Node, for fleets and tests: the screen is whoever writes to stdin. One JSON object a line,
 * the same frames as on the port (src/shared/screen/contract.ts): requests in, replies and snapshots out.
 *
 *     npm run kiosk:headless -- --config=kiosk.json --data=folder
 */

// A full disk or a reader that has gone behind it: no reason to stop.
process.stderr.on('error', () => {});

const core = startCore({
  ...readCoreArguments(process.argv.slice(2), import.meta.url),
  clock: machineClock,
  spawnDriver: createForkedDrivers(),
});

const lines = createInterface({ input: process.stdin });
const port: ScreenPort = {
  postMessage: (message) => process.stdout.write(`${JSON.stringify(message)}\n`),
  onMessage(listener) {
    lines.on('line', (line) => {
      if (line === 'status')
        process.stdout.write(`${JSON.stringify({ type: 'status', status: core.status() })}\n`);
      else listener(parsed(line));
    });
  },
  // The kiosk outlives its screen, as on a tablet whose page is being loaded again.
  onClose: () => {},
};

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await core.stop();
  process.exit(0);
}
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  process.once(signal, () => {
    void stop();
  });
// Whoever reads us may be gone first.
process.stdout.on('error', () => {});

core.attach(port);
