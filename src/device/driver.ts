import type { Clock } from '../shared/clock.ts';
import type { Control, Press } from '../shared/press.ts';
import type { LinkState } from '../shared/queue-event.ts';
import type { Decoder, Framing, LineFault, Saying, Signal } from './framing/framing.ts';
import { framingOf } from './framing/framing-of.ts';
import { createLineTurn } from './line-turn.ts';
import type { DeviceModel } from './models.ts';
import { createPressFilter, type Held, HOLD_MS, type Judged, type PressFilter } from './press-filter.ts';
import { type ButtonSettings, deviceIdOf, sourceOf } from './settings.ts';
import { createSupervisor } from './supervisor.ts';
import type { OpenPort, PortFault } from './transport/port.ts';

/** One box on a port, as its site has set it up. */
export interface BoxParts {
  readonly settings: ButtonSettings;
  readonly model: DeviceModel;
}

/** What a driver has to say. Plain data, so that a driver may live in a process of its own. */
export type DriverEvent =
  | { readonly type: 'press'; readonly press: Press }
  /**
   * The press told before was one of several keys at once, or was held to have the voice repeated: nobody can say
   * that it was meant.
   */
  | { readonly type: 'withdrawn'; readonly press: Press; readonly reason: 'together' | 'held' }
  | {
      readonly type: 'caller';
      readonly address: number;
      readonly key: number;
      readonly digits: readonly number[];
    }
  | { readonly type: 'state'; readonly state: LinkState }
  | { readonly type: 'fault'; readonly fault: ButtonFault }
  | { readonly type: 'counters'; readonly counters: ButtonCounters };

/** Something worth a line in the log; never a reason to stop. */
export type ButtonFault =
  | { readonly kind: 'line'; readonly fault: LineFault }
  | { readonly kind: 'unknownKey'; readonly key: string }
  | { readonly kind: 'stuckKey'; readonly key: string; readonly deviceId: string }
  | { readonly kind: 'lost'; readonly fault: PortFault }
  /** The driver itself: its process ended or hung. */
  | { readonly kind: 'driver'; readonly reason: string };

/** Since the start, over all connections. */
export interface ButtonCounters {
  readonly connections: number;
  readonly losses: number;
  readonly signals: number;
  readonly presses: number;
  /** Dropped because the port had only just been opened. */
  readonly settling: number;
  /** Dropped because the key was still the same press: bounce, double tap, held key. */
  readonly repeats: number;
  /** Dropped because another key was down as well; a press withdrawn for that is counted here too. */
  readonly together: number;
  /** Keys held to repeat or to cancel; each stage counts. */
  readonly holds: number;
  /** Dropped because somebody played with the box. */
  readonly coolDown: number;
  readonly foreignAddress: number;
  /** Right messages that are no press: another host, an echo of our own, an answer. */
  readonly other: number;
  readonly unknownKey: number;
  readonly lineFaults: number;
  readonly outputs: number;
  /** Outputs dropped because the box was not there or did not take them. */
  readonly dropped: number;
}

/** A port and the boxes on it: usually one; several on a shared bus, told apart by their addresses. */
export interface Driver {
  start(): void;
  /** Resolves within about a second; afterwards nothing is reported any more. */
  stop(): Promise<void>;
  /** To every box on the port. Dropped, never kept, when it is not there. */
  say(output: 'prompt' | 'dark' | 'thanks'): void;
  /** To be said when the rating is frozen, not before. A press of another device is ignored. */
  acknowledge(press: Press): void;
  /** Shows the clerk's own grade, 0–5. */
  showStars(stars: number): void;
  state(): LinkState;
  counters(): ButtonCounters;
}

interface Box {
  readonly settings: ButtonSettings;
  readonly model: DeviceModel;
  readonly framing: Framing;
  readonly filter: PressFilter;
  readonly deviceId: string;
  /** Two keys may mean the same; the box is answered with the one that was pressed. */
  readonly keyOf: Map<Control, string>;
  /** The press last told. */
  told: { readonly key: string; readonly press: Press } | undefined;
}

const STUCK_LOOK_MS = 1_000;
/** For a timer that comes a little early by the monotonic clock. */
const HOLD_SLACK_MS = 10;

/** @param parts.boxes of one transport and one framing: {@link linesOf} puts them together. At least one. */
export function createDriver(parts: {
  readonly boxes: readonly [BoxParts, ...BoxParts[]];
  readonly clock: Clock;
  readonly openPort: OpenPort;
  readonly onEvent: (event: DriverEvent) => void;
}): Driver {
  const { clock, onEvent } = parts;
  const count = noCounts();
  const boxes = parts.boxes.map(
    ({ settings, model }): Box => ({
      settings,
      model,
      framing: framingOf(model, settings),
      filter: createPressFilter(model.timing),
      deviceId: deviceIdOf(settings),
      keyOf: new Map(),
      told: undefined,
    }),
  );
  const [first] = parts.boxes;
  const { framing } = boxes[0] ?? { framing: framingOf(first.model, first.settings) };
  let decoder: Decoder = framing.decoder();
  let cancelStuck = () => {};
  const cancelHolds = new Map<Box, () => void>();

  function heard(box: Box, { key, verdict, withdraws }: Judged): void {
    if (withdraws !== undefined && box.told?.key === withdraws) {
      count.together += 1;
      onEvent({ type: 'withdrawn', press: box.told.press, reason: 'together' });
      box.told = undefined;
    }
    if (verdict !== 'press') {
      count[verdict === 'repeat' ? 'repeats' : verdict] += 1;
      return;
    }
    const control = box.settings.levels[key];
    if (control === undefined) {
      count.unknownKey += 1;
      onEvent({ type: 'fault', fault: { kind: 'unknownKey', key } });
      return;
    }
    count.presses += 1;
    box.keyOf.set(control, key);
    const { model, deviceId } = box;
    const press: Press = { source: sourceOf(model.transport), deviceId, control, atMs: clock.nowMs() };
    box.told = { key, press };
    onEvent({ type: 'press', press });
    if (typeof control === 'number') watchForHolds(box);
  }

  /** A box may say nothing while a key is down, so it is asked when a hold would be long enough. */
  function watchForHolds(box: Box): void {
    cancelHolds.get(box)?.();
    const look = (afterMs: number, then: () => void) =>
      cancelHolds.set(
        box,
        clock.after(afterMs + HOLD_SLACK_MS, () => {
          for (const held of box.filter.held(clock.monoMs())) hold(box, held);
          then();
        }),
      );
    look(HOLD_MS.repeat, () => look(HOLD_MS.cancel - HOLD_MS.repeat, () => {}));
  }

  function hold(box: Box, { key, hold: control }: Held): void {
    if (box.told?.key !== key) return;
    count.holds += 1;
    const { press } = box.told;
    if (control === 'repeat') onEvent({ type: 'withdrawn', press, reason: 'held' });
    else box.told = undefined;
    onEvent({ type: 'press', press: { ...press, control, atMs: clock.nowMs() } });
  }

  function forgetHolds(): void {
    for (const cancel of cancelHolds.values()) cancel();
    cancelHolds.clear();
  }

  /** A box that says nothing more is asked by the clock. */
  function watchForStuckKeys(): void {
    cancelStuck();
    cancelStuck = clock.after(STUCK_LOOK_MS, () => {
      for (const { filter, deviceId } of boxes)
        for (const key of filter.stuck(clock.monoMs()))
          onEvent({ type: 'fault', fault: { kind: 'stuckKey', key, deviceId } });
      watchForStuckKeys();
    });
  }

  function take(signal: Signal): void {
    count.signals += 1;
    if (signal.kind === 'caller') {
      const { address, key, digits } = signal;
      onEvent({ type: 'caller', address, key, digits });
      return;
    }
    if (signal.kind === 'other') {
      count.other += 1;
      return;
    }
    if (signal.kind === 'down') turn.answered();
    const { address } = signal;
    const box = boxes.find(({ settings }) => address === undefined || settings.address === address);
    if (!box) {
      count.foreignAddress += 1;
      return;
    }
    for (const judged of box.filter.judge(signal, clock.monoMs())) heard(box, judged);
  }

  const supervisor = createSupervisor({
    clock,
    openPort: parts.openPort,
    settings: first.settings,
    model: first.model,
    onState: (state) => onEvent({ type: 'state', state }),
    onOpen() {
      count.connections += 1;
      decoder = framing.decoder();
      for (const { filter } of boxes) filter.opened(clock.monoMs());
      turn.opened();
      watchForStuckKeys();
    },
    onData(bytes) {
      const { signals, faults } = decoder.push(bytes);
      for (const fault of faults) {
        count.lineFaults += 1;
        onEvent({ type: 'fault', fault: { kind: 'line', fault } });
      }
      signals.forEach(take);
    },
    onLost(fault) {
      turn.closed();
      cancelStuck();
      forgetHolds();
      count.losses += 1;
      onEvent({ type: 'fault', fault: { kind: 'lost', fault } });
    },
  });

  const turn = createLineTurn({
    clock,
    polls: boxes.flatMap(({ framing: { poll } }) => poll ?? []),
    write: (bytes) => supervisor.write(bytes),
    onSaid(out) {
      count[out ? 'outputs' : 'dropped'] += 1;
    },
  });

  function say(box: Box, saying: Saying): void {
    const bytes = box.model.outputs.includes(saying.output) ? box.framing.say(saying) : undefined;
    if (bytes) turn.say(bytes);
  }

  return {
    start: () => supervisor.start(),
    stop() {
      turn.closed();
      cancelStuck();
      forgetHolds();
      return supervisor.stop();
    },
    say(output) {
      for (const box of boxes) say(box, { output });
    },
    acknowledge(press) {
      const box = boxes.find(({ deviceId }) => deviceId === press.deviceId);
      const key = box?.keyOf.get(press.control);
      if (box && key !== undefined) say(box, { output: 'acknowledge', key });
    },
    showStars(stars) {
      for (const box of boxes) say(box, { output: 'stars', stars });
    },
    state: () => supervisor.state(),
    counters: () => ({ ...count }),
  };
}

export function noCounts(): { -readonly [name in keyof ButtonCounters]: number } {
  return {
    connections: 0,
    losses: 0,
    signals: 0,
    presses: 0,
    settling: 0,
    repeats: 0,
    together: 0,
    holds: 0,
    coolDown: 0,
    foreignAddress: 0,
    other: 0,
    unknownKey: 0,
    lineFaults: 0,
    outputs: 0,
    dropped: 0,
  };
}
