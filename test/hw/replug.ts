import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { DeviceModel } from '../../src/device/models.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { settingsFor } from '../contract/device-contract.ts';
import { until } from '../support/until.ts';
import { startDriver } from './driver-in-child.ts';
import type { GadgetBox } from './gadget-rig.ts';
import { startIdle } from './idle.ts';

/** A new process, and all its modules from another machine's disk. */
const STARTED_WITHIN_MS = 120_000;
/** What the kiosk promises: the state is shown, and the box is back, within this time. */
const SHOWN_WITHIN_MS = 2_000;
/**
 * From so many cycles on it is a measurement, on a machine that does nothing else. A few cycles in the middle of all
 * tests are about what is lost or sent too late: how fast the emulated machine is, is not this program's doing.
 */
const MEASURED_FROM_CYCLES = 10;

export interface ReplugFigures {
  readonly cycles: number;
  readonly lostAfterMs: number;
  readonly readyAfterMs: number;
  readonly heldUpMs: number;
  readonly workedMs: number;
  /** The same in the first cycle, in which an emulated processor translates all code that it has not met before. */
  readonly workedFirstMs: number;
  /** An idle process beside it: what the machine does by itself is not the driver's. */
  readonly machineStoodStillMs: number;
  /** An emulated processor counts as work what it needed itself to go on: even of a process that does nothing. */
  readonly machineWorkedMs: number;
}

/** Pulls and plugs a real device on the system's own clock: no press lost, no command of before sent after. */
export async function replug(model: DeviceModel, box: GadgetBox, cycles: number): Promise<ReplugFigures> {
  const rig = await box.rig(systemClock);
  const { levels } = settingsFor(model, rig.place);
  const driver = startDriver({ model: model.id, place: rig.place });
  const shown = async (state: string, deadlineMs = 30_000): Promise<number> => {
    const fromMs = performance.now();
    await until(() => assert.equal(driver.states.at(-1)?.state, state), { deadlineMs, everyMs: 20 });
    return performance.now() - fromMs;
  };
  const lost: number[] = [];
  const ready: number[] = [];
  await shown('ready', STARTED_WITHIN_MS);
  driver.tell('measure');
  const idle = startIdle();
  for (let cycle = 1; cycle <= cycles; cycle++) {
    await rig.pull();
    lost.push(await shown('lost'));
    for (const output of ['prompt', 'thanks', 'prompt'] as const) driver.tell(output);
    await rig.plug();
    ready.push(await shown('ready'));
    await wait(model.timing.settleMs + 50);
    const key = model.keys[cycle % model.keys.length]?.code ?? '';
    await rig.press(key);
    await until(() => assert.equal(driver.presses.length, cycle), { deadlineMs: 5_000, everyMs: 20 });
    assert.equal(driver.presses.at(-1)?.control, levels[key]);
    if (cycle === 1) driver.tell('measure');
  }
  assert.deepEqual(rig.received(), [], 'a command of before the replug was sent after it');
  const { heldUpMs: machineStoodStillMs, workedMs: machineWorkedMs } = await idle.end();
  const loop = await driver.stop();
  await rig.dispose();
  const lostAfterMs = Math.round(Math.max(...lost));
  const readyAfterMs = Math.round(Math.max(...ready));
  const limitMs =
    cycles < MEASURED_FROM_CYCLES ? Number.POSITIVE_INFINITY : SHOWN_WITHIN_MS + machineStoodStillMs;
  assert.ok(lostAfterMs <= limitMs, `lost was shown after ${lostAfterMs} ms`);
  assert.ok(readyAfterMs <= limitMs, `ready was shown after ${readyAfterMs} ms`);
  return { cycles, lostAfterMs, readyAfterMs, ...loop, machineStoodStillMs, machineWorkedMs };
}
