/**
 * PRESSES IN. The one entry of this room: whatever kind of button box stands at the counter, what comes out is
 * {@link Press}, and what its link is like is {@link LinkState}.
 *
 * Here live models (data), decoders (pure bytes → frames), transports, the supervisor and the simulated box.
 * Not here: what a press does to a rating (→ src/session), the screen, other keyboards.
 * A new box of a known framing is a new file in `assets/device-models`; a new framing is a new file in `decode/`.
 */
import { basename } from 'node:path';
import type { Clock } from '../shared/clock.ts';
import type { Press } from '../shared/press.ts';
import type { LinkState } from '../shared/queue-event.ts';
import type { Level } from '../shared/words.ts';
import {
  acknowledge,
  createFf68Decoder,
  FF68_FUNC,
  type Ff68Fault,
  type Ff68Frame,
  starLevel,
  startRating,
} from './decode/ff68.ts';
import type { DeviceModel } from './models.ts';
import { createPressFilter } from './press-filter.ts';
import type { ButtonSettings } from './settings.ts';
import { createSupervisor } from './supervisor.ts';
import type { OpenPort, PortFault } from './transport/port.ts';

export { type DeviceModel, loadModelFor, type ModelProblem } from './models.ts';
export { type ButtonSettings, ButtonSettingsSchema } from './settings.ts';
export type { OpenPort } from './transport/port.ts';
export { createSerialPorts } from './transport/serial.ts';

/** A button box at one counter. */
export interface Buttons {
  start(): void;
  /** Resolves within about a second; afterwards nothing is reported any more. */
  stop(): Promise<void>;
  /** Asks the box to prompt the citizen (light, voice). Dropped when the box is not there. */
  invite(): void;
  /**
   * Tells the box that its press was taken; to be called when the rating is frozen, not before. A press of
   * another device is ignored. Every level is answered in the same way.
   */
  acknowledge(press: Press): void;
  /** Shows the clerk's own grade, 0–5. */
  showStars(stars: number): void;
  state(): LinkState;
  counters(): ButtonCounters;
}

/** Since the start, over all connections. */
export interface ButtonCounters {
  readonly connections: number;
  readonly losses: number;
  readonly frames: number;
  readonly presses: number;
  /** Dropped because the port had only just been opened. */
  readonly settling: number;
  /** Dropped because the key was still the same press: bounce, double tap, held key. */
  readonly repeats: number;
  readonly foreignAddress: number;
  /** Frames to our address that are no press: another host, an echo of our own. */
  readonly otherFunction: number;
  readonly unknownKey: number;
  readonly badLength: number;
  readonly badTail: number;
  readonly badChecksum: number;
  readonly outputs: number;
  /** Outputs dropped because the box was not there or did not take them. */
  readonly dropped: number;
}

/** Something worth a line in the log; never a reason to stop. */
export type ButtonFault =
  | { readonly kind: 'line'; readonly fault: Ff68Fault }
  | { readonly kind: 'unknownKey'; readonly key: number }
  | { readonly kind: 'lost'; readonly fault: PortFault };

/** @param parts `settings` and `model` come from {@link loadModelFor}, which proves that they fit. */
export function createButtons(parts: {
  readonly settings: ButtonSettings;
  readonly model: DeviceModel;
  readonly clock: Clock;
  readonly openPort: OpenPort;
  readonly onPress: (press: Press) => void;
  readonly onState: (state: LinkState) => void;
  readonly onFault?: (fault: ButtonFault) => void;
}): Buttons {
  const { settings, model, clock } = parts;
  const { address } = settings;
  const deviceId = deviceIdOf(settings);
  const count = noCounts();
  const fault = parts.onFault ?? (() => {});
  const filter = createPressFilter(model.timing);
  /** Two keys may mean the same level; the box is answered with the one that was pressed. */
  const keyOfLevel = new Map<Level, number>();
  let decoder = createFf68Decoder();

  const take = (frame: Ff68Frame) => {
    count.frames += 1;
    if (frame.address !== address) {
      count.foreignAddress += 1;
      return;
    }
    const [key, ...more] = frame.data;
    if (frame.func !== FF68_FUNC.press || key === undefined || more.length > 0) {
      count.otherFunction += 1;
      return;
    }
    const control = settings.levels[String(key)];
    if (control === undefined) {
      count.unknownKey += 1;
      fault({ kind: 'unknownKey', key });
      return;
    }
    const verdict = filter.judge(key, clock.monoMs());
    if (verdict !== 'press') {
      count[verdict === 'settling' ? 'settling' : 'repeats'] += 1;
      return;
    }
    count.presses += 1;
    keyOfLevel.set(control, key);
    parts.onPress({ source: 'serial', deviceId, control, atMs: clock.nowMs() });
  };

  const supervisor = createSupervisor({
    clock,
    openPort: parts.openPort,
    path: settings.path,
    line: model.transport,
    onState: parts.onState,
    onOpen() {
      count.connections += 1;
      decoder = createFf68Decoder();
      filter.opened(clock.monoMs());
    },
    onData(bytes) {
      const { frames, faults } = decoder.push(bytes);
      for (const wrong of faults) {
        count[wrong.code] += 1;
        fault({ kind: 'line', fault: wrong });
      }
      frames.forEach(take);
    },
    onLost(lost) {
      count.losses += 1;
      fault({ kind: 'lost', fault: lost });
    },
  });

  const send = (output: DeviceModel['outputs'][number], bytes: Uint8Array) => {
    if (!model.outputs.includes(output)) return;
    count[supervisor.write(bytes) ? 'outputs' : 'dropped'] += 1;
  };

  return {
    start: () => supervisor.start(),
    stop: () => supervisor.stop(),
    invite: () => send('startRating', startRating(address)),
    acknowledge(press) {
      if (press.deviceId !== deviceId) return;
      const key = [...keyOfLevel].find(([level]) => level === press.control)?.[1];
      if (key !== undefined) send('acknowledge', acknowledge(address, key, settings.acknowledge));
    },
    showStars: (stars) => send('stars', starLevel(address, Math.min(5, Math.max(0, Math.trunc(stars))))),
    state: () => supervisor.state(),
    counters: () => ({ ...count }),
  };
}

/** Such as `ff68:81@ttyUSB0`. */
export function deviceIdOf(settings: ButtonSettings): string {
  const address = settings.address.toString(16).toUpperCase().padStart(2, '0');
  return `${settings.model}:${address}@${basename(settings.path)}`.slice(0, 120);
}

function noCounts(): { -readonly [name in keyof ButtonCounters]: number } {
  return {
    connections: 0,
    losses: 0,
    frames: 0,
    presses: 0,
    settling: 0,
    repeats: 0,
    foreignAddress: 0,
    otherFunction: 0,
    unknownKey: 0,
    badLength: 0,
    badTail: 0,
    badChecksum: 0,
    outputs: 0,
    dropped: 0,
  };
}
