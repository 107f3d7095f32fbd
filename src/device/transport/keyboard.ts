import type { Clock } from '../../shared/clock.ts';
import { placeName } from '../settings.ts';
import { errorText } from './error-text.ts';
import { findKeyboard } from './find-keyboard.ts';
import { type HidLibrary, loadHid } from './hid-library.ts';
import { createHidOpening } from './hid-opening.ts';
import type { OpenPort } from './port.ts';

/** A boot keyboard's only output report: its lamps. */
const LAMP_BYTES = 1;

/**
 * Pads that are keyboards. The device is taken from the kernel as long as it is open, with all its interfaces,
 * so that its keys reach nobody else: not the page, not the system's console. Linux only. Needs a process that
 * has no other HID box, because the backend that can take a device is the process's.
 */
export function createKeyboardPorts(parts: {
  readonly clock: Clock;
  /** Given by tests. */
  readonly load?: () => Promise<HidLibrary>;
}): OpenPort {
  const { clock, load = () => loadHid('libusb') } = parts;
  const open = createHidOpening({ clock });

  return async (request) => {
    const { where, transport } = request;
    const path = placeName(where);
    if (transport.kind !== 'keyboard')
      return { ok: false, fault: { code: 'ioError', path, detail: `no pad that types: ${transport.kind}` } };
    const found = await findKeyboard(where);
    if (!found.ok) return found;
    const { path: node, interfaces } = found.node;
    try {
      const target = { node, interfaces, reportBytes: LAMP_BYTES, shared: false };
      return await open(await load(), target, request);
    } catch (error) {
      return { ok: false, fault: { code: 'noDriver', path, detail: errorText(error) } };
    }
  };
}
