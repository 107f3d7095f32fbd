import type { Clock } from '../shared/clock.ts';
import type { Control, Press } from '../shared/press.ts';
import { createCallerEchoes } from './caller-echoes.ts';
import { type BoxParts, type Driver, type DriverEvent, noCounts } from './driver-words.ts';
import type { Decoder, Framing, Saying, Signal } from './framing/framing.ts';
import { framingOf } from './framing/framing-of.ts';
import { createLineTurn } from './line-turn.ts';
import { createLiveness } from './liveness.ts';
import type { DeviceModel } from './models.ts';
import { createPressFilter, type Held, HOLD_MS, type Judged, type PressFilter } from './press-filter.ts';
import { type ButtonSettings, deviceIdOf, placeName, sourceOf, whereIs } from './settings.ts';
import { createSupervisor } from './supervisor.ts';
import type { OpenPort, PortFault } from './transport/port.ts';

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
  const polls = boxes.flatMap(({ framing: { poll } }) => poll ?? []);
  const { framing } = boxes[0] ?? { framing: framingOf(first.model, first.settings) };
  let decoder: Decoder = framing.decoder();
  const echoes = createCallerEchoes(clock);
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
    if (signal.kind === 'caller' && !echoes.isOurs(signal)) {
      const { address, func, key, digits } = signal;
      onEvent({ type: 'caller', address, func, key, digits });
      return;
    }
    if (signal.kind === 'other' || signal.kind === 'caller') {
      count.other += 1;
      return;
    }
    if (signal.kind === 'down') turn.answered();
    const { address } = signal;
    const at = boxes.findIndex(({ settings, framing: its }) => {
      return address === undefined || (its.address ?? settings.address) === address;
    });
    const box = boxes[at];
    if (!box) {
      count.foreignAddress += 1;
      return;
    }
    if (signal.kind === 'down') liveness.answered(at);
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
      liveness.opened();
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
      lost(fault);
    },
    answers: polls.length > 0,
  });

  const liveness = createLiveness({
    clock,
    boxes: polls.length,
    onSilent(at, forMs) {
      const box = boxes[at];
      if (!box) return;
      cancelHolds.get(box)?.();
      // What was down before is not held on.
      box.filter.opened(clock.monoMs());
      const detail = `address ${box.framing.address ?? '?'}, ${Math.round(forMs)} ms`;
      const fault = { code: 'silent', path: placeName(whereIs(box.settings, box.model)), detail } as const;
      lost(fault);
      supervisor.silent(fault);
    },
    onAnswering(at, all) {
      boxes[at]?.filter.opened(clock.monoMs());
      if (all) supervisor.answering();
    },
  });

  function lost(fault: PortFault): void {
    count.losses += 1;
    onEvent({ type: 'fault', fault: { kind: 'lost', fault } });
  }

  const turn = createLineTurn({
    clock,
    polls,
    onMissed: (poll) => liveness.missed(poll),
    write(bytes) {
      const out = supervisor.write(bytes);
      if (out && framing.answerCaller) echoes.said(framing.decoder().push(bytes).signals);
      return out;
    },
    onSaid(out) {
      count[out ? 'outputs' : 'dropped'] += 1;
    },
  });

  function say(box: Box, saying: Saying): void {
    const bytes = box.model.outputs.includes(saying.output) ? box.framing.say(saying) : undefined;
    if (bytes && liveness.isSilent(boxes.indexOf(box))) count.dropped += 1;
    else if (bytes) turn.say(bytes);
  }

  function sayToCallers(saying: Saying, caller: number | undefined): void {
    if (caller === undefined) for (const box of boxes) say(box, saying);
    else if (boxes[0]) say(boxes[0], { ...saying, caller });
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
    acknowledgeCaller(key) {
      const bytes = framing.answerCaller?.(key);
      if (bytes) turn.say(bytes);
    },
    beep: (caller) => sayToCallers({ output: 'beep' }, caller),
    display: (text, caller) => sayToCallers({ output: 'display', digits: text }, caller),
    state: () => supervisor.state(),
    counters: () => ({ ...count }),
  };
}
