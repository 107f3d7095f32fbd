/** A driver of one box in a process of its own, as in a kiosk; tells each event and does what it is told. */
import { type ButtonSettings, createDriver } from '../../src/device/buttons.ts';
import { createPorts } from '../../src/device/transport/ports.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { settingsFor } from '../contract/device-contract.ts';
import { shippedModel } from '../support/device-model.ts';
import type { DriverFigures } from './driver-in-child.ts';
import { createLoopGauge, type LoopFigures } from './loop-gauge.ts';

const parts = JSON.parse(process.argv[2] ?? '{}') as {
  readonly model: string;
  readonly place: Pick<ButtonSettings, 'path' | 'usbSerial'>;
};
const model = await shippedModel(parts.model);
const gauge = createLoopGauge();
/** Of the time between two `measure`. */
let before: LoopFigures | undefined;
let measuring = false;
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
  if (told === 'measure') {
    if (measuring) before = gauge.end();
    measuring = true;
    gauge.start();
  }
  if (told === 'stop') {
    const { heldUpMs, workedMs } = gauge.end();
    const figures: DriverFigures = {
      heldUpMs: Math.max(heldUpMs, before?.heldUpMs ?? 0),
      workedMs,
      workedFirstMs: before?.workedMs ?? workedMs,
    };
    void driver.stop().then(() => {
      process.send?.({ type: 'stopped', figures });
      process.disconnect();
    });
  }
});
driver.start();
