/** Opens a box that does not read, writes until nothing goes out any more, says so, and stays. */

import type { OpenRequest } from '../../src/device/transport/port.ts';
import { createPorts } from '../../src/device/transport/ports.ts';
import { systemClock } from '../../src/shared/clock.ts';

const place = JSON.parse(process.argv[2] ?? '{}') as Pick<OpenRequest, 'where' | 'transport'>;
const openPort = createPorts({ clock: systemClock });
const stay = setInterval(() => {}, 1_000);

async function stall(): Promise<void> {
  const result = await openPort({ ...place, onData: () => {}, onGone: () => process.send?.('stalled') });
  if (!result.ok) {
    setTimeout(() => void stall(), 50);
    return;
  }
  const push = setInterval(() => {
    if (result.port.write(new Uint8Array(9))) return;
    clearInterval(push);
    process.send?.('stalled');
  }, 5);
}

process.once('disconnect', () => clearInterval(stay));
void stall();
