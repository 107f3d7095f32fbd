/** `replay`: a capture through the kiosk's own framing and driver, on a clock that the capture turns. */
import {
  type BoxParts,
  type ButtonCounters,
  createDriver,
  type DeviceModel,
  type DriverEvent,
} from '../../src/device/buttons.ts';
import { fromHex } from '../../src/device/decode/hex.ts';
import type { OpenRequest, OpenResult } from '../../src/device/transport/port.ts';
import type { Control } from '../../src/shared/press.ts';
import type { Capture, CaptureLine } from './capture.ts';
import { createTurnedClock } from './turned-clock.ts';

export interface Replayed {
  /** As the capture states them. */
  readonly stated: readonly Control[];
  /** As the driver makes them now; what it takes back is not among them, here and there. */
  readonly made: readonly Control[];
  readonly counters: ButtonCounters;
}

/** A key that is down at the end is seen to be stuck, a wait is seen to be over. */
const AFTERWARDS_MS = 1_500;

/** @param parts.model in place of the capture's own. */
export async function replay(parts: {
  readonly capture: Capture;
  readonly model?: DeviceModel;
  readonly onEvent: (event: DriverEvent, atMs: number) => void;
}): Promise<Replayed> {
  const { head, lines } = parts.capture;
  const box = boxOf(parts.capture, parts.model);
  const clock = createTurnedClock();
  const made: Control[] = [];
  let request: OpenRequest | undefined;
  let take: ((result: OpenResult) => void) | undefined;
  let isOpen = false;
  let isOver = false;

  const driver = createDriver({
    boxes: [box],
    clock,
    openPort: (next) =>
      new Promise((resolve) => {
        request = next;
        take = resolve;
      }),
    onEvent(event) {
      if (event.type === 'press') made.push(event.press.control);
      if (event.type === 'withdrawn') dropLast(made, event.press.control);
      // A box that is asked has not fallen silent: its recording is over.
      if (isOver && (event.type === 'state' || (event.type === 'fault' && event.fault.kind === 'lost')))
        return;
      parts.onEvent(event, clock.monoMs());
    },
  });

  /** The line was open before anything came over it, whatever the look for it takes here. */
  async function open(): Promise<void> {
    for (let looks = 0; !take && looks < 100; looks++) clock.turn(50);
    take?.({ ok: true, port: { write: () => true, close: () => Promise.resolve() } });
    take = undefined;
    isOpen = true;
    await settled();
  }

  async function play(line: CaptureLine): Promise<void> {
    clock.turnTo(line.atMs);
    if (line.kind === 'open') await open();
    else if (line.kind === 'in' && isOpen) request?.onData(fromHex(line.bytes));
    else if (line.kind === 'gone' && isOpen) {
      isOpen = false;
      request?.onGone({ code: 'unplugged', path: head.model.id, detail: 'as it was recorded' });
    }
  }

  driver.start();
  await settled();
  for (const line of lines) await play(line);
  isOver = true;
  const { losses } = driver.counters();
  clock.turn(AFTERWARDS_MS);
  const counters = { ...driver.counters(), losses };
  await driver.stop();
  return { stated: statedBy(lines), made, counters };
}

export function boxOf(capture: Capture, model: DeviceModel = capture.head.model): BoxParts {
  const { address, acknowledge, levels } = capture.head.settings;
  return {
    model,
    settings: {
      model: model.id,
      path: '/capture',
      ...(address === undefined ? {} : { address }),
      ...(acknowledge === undefined ? {} : { acknowledge }),
      levels,
    },
  };
}

function statedBy(lines: readonly CaptureLine[]): readonly Control[] {
  const stated: Control[] = [];
  for (const line of lines) {
    if (line.kind === 'press') stated.push(line.control);
    if (line.kind === 'withdrawn') dropLast(stated, line.control);
  }
  return stated;
}

function dropLast(controls: Control[], control: Control): void {
  const at = controls.lastIndexOf(control);
  if (at >= 0) controls.splice(at, 1);
}

/** The driver takes an opened line in a promise's turn. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
