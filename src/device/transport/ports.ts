import type { Clock } from '../../shared/clock.ts';
import { assertNever } from '../../shared/words.ts';
import { createHidPorts } from './hid.ts';
import { createKeyboardPorts } from './keyboard.ts';
import type { OpenPort } from './port.ts';
import { createSerialPorts } from './serial.ts';

/** Every way to a box that there is, by what its model hangs on. */
export function createPorts(parts: { readonly clock: Clock }): OpenPort {
  const serial = createSerialPorts(parts);
  const hid = createHidPorts(parts);
  const keyboard = createKeyboardPorts(parts);
  return (request) => {
    const { kind } = request.transport;
    switch (kind) {
      case 'serial':
        return serial(request);
      case 'hid':
        return hid(request);
      case 'keyboard':
        return keyboard(request);
      default:
        return assertNever(kind);
    }
  };
}
