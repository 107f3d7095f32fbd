import { afterEach, beforeEach, describe, it } from 'vitest';
import { createDriverProcess } from '../../src/device/buttons.ts';
import { createForkedDrivers } from '../../src/device/process/fork-driver.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { shippedModel } from '../support/device-model.ts';
import { driverContract } from './device-contract.ts';
import { makePtyRig } from './device-pty-rig.ts';
import { createRanOn } from './device-ran-on.ts';

const ranOn = createRanOn();

/**
 * The same promises with the driver where a kiosk has it: in a process of its own, on a real line and the system's
 * clock. A box that speaks by itself, and one that is asked, whose questions and answers need a clock that goes.
 */
for (const model of [await shippedModel('ff68'), await shippedModel('generic-modbus-rtu')])
  driverContract({
    runner: { describe, it, beforeEach, afterEach },
    model,
    ...ranOn({
      model,
      on: 'a serial port (pseudo terminals joined by socat), its driver in a process of its own',
      async makeRig() {
        const rig = await makePtyRig(model, systemClock);
        const drive: typeof rig.drive = (parts) =>
          createDriverProcess({ ...parts, clock: systemClock, spawn: createForkedDrivers() });
        return { ...rig, drive };
      },
    }),
  });
