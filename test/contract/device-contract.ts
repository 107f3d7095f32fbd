import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type ButtonSettings,
  createDriver,
  type DeviceModel,
  type Driver,
  type DriverEvent,
  deviceIdOf,
  type OpenPort,
} from '../../src/device/buttons.ts';
import { fromHex } from '../../src/device/decode/hex.ts';
import type { Saying } from '../../src/device/framing/framing.ts';
import type { Clock } from '../../src/shared/clock.ts';
import type { Press } from '../../src/shared/press.ts';
import type { LinkState } from '../../src/shared/queue-event.ts';
import type { Level } from '../../src/shared/words.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { until as untilTrue } from '../support/until.ts';

/** A box and the way to it; everything else in the suite is the same for all. */
export interface DeviceRig {
  /** Where the site says that the box is. */
  readonly place: Pick<ButtonSettings, 'path' | 'usbSerial' | 'usbPort'>;
  readonly openPort: OpenPort;
  /** Makes the driver somewhere else than here, on a clock that goes by itself. */
  readonly drive?: (parts: Pick<Parameters<typeof createDriver>[0], 'boxes' | 'onEvent'>) => Driver;
  /** Down and up again. */
  press(key: string): Promise<void>;
  send(bytes: Uint8Array): Promise<void>;
  received(): readonly Saying[];
  pull(): Promise<void>;
  plug(): Promise<void>;
  dispose(): Promise<void>;
}

/** The suite runs under vitest here and under Node's own runner in the emulated machine, where vitest is too slow. */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly it: (name: string, body: () => Promise<void>) => unknown;
  readonly beforeEach: (body: () => Promise<void>) => unknown;
  readonly afterEach: (body: () => Promise<void>) => unknown;
}

/** A driver elsewhere hears a key a little later than it is pressed. */
const PAUSE_SLACK_MS = 100;
const REPLUGS = 5;

const LEVELS: readonly Level[] = [5, 4, 3, 2, 1];

/** Every key a level, from the best; a box of more keys than levels begins again. */
export function settingsFor(model: DeviceModel, place: DeviceRig['place']): ButtonSettings {
  const levels = Object.fromEntries(
    model.keys.map(({ code }, at) => [code, LEVELS[at % LEVELS.length] ?? 5]),
  );
  const address = model.vectors.find((vector) => vector.address !== undefined)?.address;
  return {
    model: model.id,
    ...place,
    ...(address === undefined ? {} : { address }),
    acknowledge: 'A',
    levels,
  };
}

/** What every driver holds to, whatever the model and whatever it hangs on. */
export function driverContract(parts: {
  readonly runner: TestRunner;
  readonly model: DeviceModel;
  /** What the box really hangs on, for the report. */
  readonly on: string;
  readonly makeRig: (clock: Clock) => Promise<DeviceRig>;
  /** How long a question and its answer take on a slow machine: looked at no oftener, so that no clock outruns the line. */
  readonly roundTripMs?: number;
}): void {
  const { model } = parts;
  const { describe, it, beforeEach, afterEach } = parts.runner;
  const [firstKey = '', secondKey = firstKey] = model.keys.map(({ code }) => code);

  describe(`${model.id} on ${parts.on}`, () => {
    let clock: FakeClock;
    let rig: DeviceRig;
    let settings: ButtonSettings;
    let driver: Driver;
    let presses: Press[];
    let states: LinkState[];

    /** A box that is asked says nothing until its next question is due. */
    const askedEveryMs = model.framing.kind === 'modbus-rtu' ? model.framing.pollMs : 0;
    /** A clock that stands still is moved; one that goes by itself is waited for. */
    const stands = () => rig.drive === undefined;
    const tick = (ms: number) => {
      if (stands()) clock.advance(ms);
    };
    const until = (what: () => void) =>
      untilTrue(
        () => {
          tick(askedEveryMs);
          what();
        },
        parts.roundTripMs ? { everyMs: parts.roundTripMs } : {},
      );
    /** For what needs a delay to pass: now and then a system says nothing and only a look at the node tells. */
    const untilInTime = (of: Driver, state: LinkState['state']) =>
      until(() => {
        // A box that is asked has its questions and answers in step with the clock.
        if (askedEveryMs === 0) tick(100);
        assert.equal(of.state().state, state);
      });
    const heard = (outputs: readonly Saying['output'][]) =>
      until(() =>
        assert.deepEqual(
          rig.received().map(({ output }) => output),
          outputs,
        ),
      );
    const heardTimes = (count: number) =>
      until(() => assert.ok(driver.counters().presses + driver.counters().repeats >= count));
    const heardPresses = (count: number) => until(() => assert.equal(presses.length, count));
    const pause = async () => {
      const ms = Math.max(model.timing.settleMs, model.timing.debounceMs);
      if (stands()) clock.advance(ms);
      else await wait(ms + PAUSE_SLACK_MS);
    };
    const make = () => {
      const boxes = [{ settings, model }] as const;
      const onEvent = (event: DriverEvent) => {
        if (event.type === 'press') presses.push(event.press);
        if (event.type === 'state') states.push(event.state);
      };
      return (
        rig.drive?.({ boxes, onEvent }) ?? createDriver({ boxes, clock, openPort: rig.openPort, onEvent })
      );
    };

    beforeEach(async () => {
      clock = createFakeClock();
      rig = await parts.makeRig(clock);
      settings = settingsFor(model, rig.place);
      presses = [];
      states = [];
      driver = make();
      driver.start();
      await untilInTime(driver, 'ready');
      await pause();
    });

    afterEach(async () => {
      await driver.stop();
      await rig.dispose();
    });

    it('a key becomes one press of what the site gave it', async () => {
      for (const { code } of model.keys) {
        const before = presses.length;
        await rig.press(code);
        await heardPresses(before + 1);
        const { atMs = 0, ...press } = presses.at(-1) ?? {};
        assert.deepEqual(press, {
          source: model.transport.kind,
          deviceId: deviceIdOf(settings),
          control: settings.levels[code],
        });
        assert.ok((stands() ? clock.nowMs() : atMs) - atMs <= askedEveryMs);
        await pause();
      }
    });

    it('the box hears what it can be told, and its answer only when it is given', async () => {
      driver.say('prompt');
      await rig.press(firstKey);
      await heardPresses(1);
      const can = (output: Saying['output']) => model.outputs.includes(output);
      await heard(can('prompt') ? ['prompt'] : []);
      for (const press of presses) driver.acknowledge(press);
      driver.showStars(4);
      driver.say('thanks');
      const told = (['prompt', 'acknowledge', 'stars', 'thanks'] as const).filter(can);
      await heard(told);
      await until(() => {
        const { outputs, dropped } = driver.counters();
        assert.deepEqual({ outputs, dropped }, { outputs: told.length, dropped: 0 });
      });
    });

    it('bounce and a held key are one press; after the pause the key is a press again', async () => {
      for (let again = 0; again < 5; again++) {
        await rig.press(secondKey);
        // A driver elsewhere tells its counts too rarely to be waited for between two bounces.
        if (stands()) await heardTimes(again + 1);
        tick(Math.floor(model.timing.debounceMs / 4));
      }
      await heardTimes(5);
      assert.equal(presses.length, 1);
      await pause();
      await rig.press(secondKey);
      await heardPresses(2);
    });

    it('what the model names as no press is none, and noise does not stop the next press', async () => {
      for (const { bytes, key } of model.vectors) if (key === null) await rig.send(fromHex(bytes));
      await rig.press(firstKey);
      await heardPresses(1);
      assert.equal(presses[0]?.control, settings.levels[firstKey]);
    });

    it('a pulled box is lost, a plugged one is ready again, and its first moments press nothing', async () => {
      const shown = ['connecting', 'ready'];
      let deaf = false;
      // On a clock that goes by itself, a machine that stands still may let the first moments go by.
      for (let again = 0; !deaf && again < (stands() ? 1 : REPLUGS); again++) {
        await rig.pull();
        await untilInTime(driver, 'lost');
        const lost = driver.state();
        assert.match(lost.state === 'lost' ? lost.reason : '', /[\u4e00-\u9fff]/);
        const { dropped } = driver.counters();
        driver.say('prompt');
        const more = model.outputs.includes('prompt') ? 1 : 0;
        await until(() => assert.equal(driver.counters().dropped, dropped + more));

        await rig.plug();
        await untilInTime(driver, 'ready');
        const known = presses.length;
        const { settling } = driver.counters();
        await rig.press(firstKey);
        await until(() => assert.ok(presses.length > known || driver.counters().settling > settling));
        deaf = presses.length === known;
        // A prompt of before the replug must not light the box now.
        assert.deepEqual(rig.received(), []);
        shown.push('lost', 'ready');
      }
      assert.ok(deaf, 'a press of the first moments counted');
      const known = presses.length;
      await pause();
      await rig.press(secondKey);
      await heardPresses(known + 1);
      assert.deepEqual(rig.received(), []);
      assert.deepEqual(
        states.map((state) => state.state),
        shown,
      );
    });

    it('after stop nothing is reported', async () => {
      await driver.stop();
      const known = states.length;
      await rig.press(firstKey);
      await rig.pull();
      assert.deepEqual(presses, []);
      assert.equal(states.length, known);
      await untilStopped();
    });

    /** A driver can be made anew where one has been: nothing of the old one holds the place. */
    async function untilStopped(): Promise<void> {
      await rig.plug();
      driver = make();
      driver.start();
      await untilInTime(driver, 'ready');
    }
  });
}
