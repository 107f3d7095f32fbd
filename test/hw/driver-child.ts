/** A driver of one box in a process of its own, as in a kiosk; tells each event and does what it is told. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type ButtonSettings, createDriver } from '../../src/device/buttons.ts';
import { createPorts } from '../../src/device/transport/ports.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { settingsFor } from '../contract/device-contract.ts';
import { shippedModel } from '../support/device-model.ts';

const RESOLUTION_MS = 5;
const parts = JSON.parse(process.argv[2] ?? '{}') as {
  readonly model: string;
  readonly place: Pick<ButtonSettings, 'path' | 'usbSerial'>;
};
const model = await shippedModel(parts.model);
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
const driver = createDriver({
  boxes: [{ settings: settingsFor(model, parts.place), model }],
  clock: systemClock,
  openPort: createPorts({ clock: systemClock }),
  onEvent(event) {
    if (event.type === 'state' || event.type === 'press') process.send?.(event);
  },
});
process.on('message', (told) => {
  if (told === 'prompt' || told === 'thanks') driver.say(told);
  if (told === 'measure') delay.enable();
  if (told === 'stop') {
    delay.disable();
    const heldUpMs = Math.max(0, Math.round(delay.max / 1e6 - RESOLUTION_MS));
    void driver.stop().then(() => {
      process.send?.({ type: 'stopped', heldUpMs });
      process.disconnect();
    });
  }
});
driver.start();
