import type { Clock } from '../../shared/clock.ts';
import { placeName } from '../settings.ts';
import { errorText } from './error-text.ts';
import { findHid } from './find-hid.ts';
import { type HidLibrary, loadHid } from './hid-library.ts';
import { createHidOpening } from './hid-opening.ts';
import type { OpenPort } from './port.ts';

/**
 * Raw reports of HID devices that are no keyboards. What is written begins with its report id (0 where the
 * device has none) and is filled up with zeros; what is read begins with one only where the device has several.
 */
export function createHidPorts(parts: {
  readonly clock: Clock;
  /** Given by tests. */
  readonly load?: () => Promise<HidLibrary>;
}): OpenPort {
  const { clock, load = () => loadHid('hidraw') } = parts;
  const open = createHidOpening({ clock });

  return async (request) => {
    const { where, transport } = request;
    const path = placeName(where);
    if (transport.kind !== 'hid')
      return { ok: false, fault: { code: 'ioError', path, detail: `no HID reports: ${transport.kind}` } };
    let library: HidLibrary;
    try {
      library = await load();
    } catch (error) {
      return { ok: false, fault: { code: 'noDriver', path, detail: errorText(error) } };
    }
    const found = await findHid(where, transport, await library.devicesAsync().catch(() => []));
    if (!found.ok) return found;
    const node = found.node.path;
    const { reportBytes } = transport;
    return open(library, { node, interfaces: [node], reportBytes, shared: true }, request);
  };
}
