import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { createDriver } from '../../src/device/buttons.ts';
import type { DeviceModel } from '../../src/device/models.ts';
import { systemClock } from '../../src/shared/clock.ts';
import type { Press } from '../../src/shared/press.ts';
import { settingsFor } from '../contract/device-contract.ts';
import { until } from '../support/until.ts';
import { createGadgetRig } from './gadget-rig.ts';

/** What the kiosk promises: the state is shown, and the box is back, within this time. */
export const SHOWN_WITHIN_MS = 2_000;
const RESOLUTION_MS = 5;

export interface ReplugFigures {
  readonly cycles: number;
  readonly lostAfterMs: number;
  readonly readyAfterMs: number;
  /** The longest time that the event loop was held up. */
  readonly heldUpMs: number;
}

/** Pulls and plugs a real device on the system's own clock: no press lost, no command of before sent after. */
export async function replug(model: DeviceModel, cycles: number): Promise<ReplugFigures> {
  const clock = systemClock;
  const rig = await createGadgetRig({ model, clock });
  const settings = settingsFor(model, rig.place);
  const presses: Press[] = [];
  const driver = createDriver({
    boxes: [{ settings, model }],
    clock,
    openPort: rig.openPort,
    onEvent(event) {
      if (event.type === 'press') presses.push(event.press);
    },
  });
  const shown = async (state: string): Promise<number> => {
    const fromMs = performance.now();
    await until(() => assert.equal(driver.state().state, state), { deadlineMs: 10_000 });
    return performance.now() - fromMs;
  };
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const lost: number[] = [];
  const ready: number[] = [];
  driver.start();
  await shown('ready');
  delay.enable();
  for (let cycle = 1; cycle <= cycles; cycle++) {
    await rig.pull();
    lost.push(await shown('lost'));
    for (const output of ['prompt', 'thanks', 'prompt'] as const) driver.say(output);
    await rig.plug();
    ready.push(await shown('ready'));
    await wait(model.timing.settleMs + 20);
    const key = model.keys[cycle % model.keys.length]?.code ?? '';
    await rig.press(key);
    await until(() => assert.equal(presses.length, cycle), { deadlineMs: 5_000 });
    assert.equal(presses.at(-1)?.control, settings.levels[key]);
  }
  delay.disable();
  assert.deepEqual(rig.received(), [], 'a command of before the replug was sent after it');
  await driver.stop();
  await rig.dispose();
  const figures = {
    cycles,
    lostAfterMs: Math.round(Math.max(...lost)),
    readyAfterMs: Math.round(Math.max(...ready)),
    heldUpMs: Math.round(delay.max / 1e6 - RESOLUTION_MS),
  };
  assert.ok(figures.lostAfterMs <= SHOWN_WITHIN_MS, `lost was shown after ${figures.lostAfterMs} ms`);
  assert.ok(figures.readyAfterMs <= SHOWN_WITHIN_MS, `ready was shown after ${figures.readyAfterMs} ms`);
  return figures;
}
