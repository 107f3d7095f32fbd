import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { it } from 'node:test';
import { createDriver } from '../../src/device/buttons.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { settingsFor } from '../contract/device-contract.ts';
import { until } from '../support/until.ts';
import { createGadgetBox } from './gadget-rig.ts';
import { suiteFor } from './suite.ts';

const [model] = await suiteFor('keyboard', 'a USB keyboard gadget taken from the kernel through libusb');

const inputNodes = () => readdirSync('/dev/input').filter((name) => name.startsWith('event'));

/** Whoever else listens to the keyboard: the page, the console, a spy. */
function listenTo(node: string): { heard: () => number; ended: Promise<void> } {
  let bytes = 0;
  const child = spawn('cat', [`/dev/input/${node}`], { stdio: ['ignore', 'pipe', 'ignore'] });
  child.stdout.on('data', (data: Uint8Array) => {
    bytes += data.length;
  });
  return { heard: () => bytes, ended: new Promise((resolve) => child.once('exit', () => resolve())) };
}

it('keys of a pad that types reach nobody else while it is ours, and the system again afterwards', async () => {
  assert.ok(model, 'no model types');
  const before = inputNodes();
  const box = await createGadgetBox(model);
  const rig = await box.rig(systemClock);
  const settings = settingsFor(model, rig.place);
  const fresh = () => inputNodes().filter((name) => !before.includes(name));
  await until(() => assert.equal(fresh().length, 1));
  const witness = listenTo(fresh()[0] ?? '');
  let presses = 0;
  const driver = createDriver({
    boxes: [{ settings, model }],
    clock: systemClock,
    openPort: rig.openPort,
    onEvent: (event) => {
      if (event.type === 'press') presses += 1;
    },
  });
  driver.start();
  await until(() => assert.equal(driver.state().state, 'ready'));
  await witness.ended;
  assert.deepEqual(fresh(), [], 'the kernel still has the keyboard');
  const readyAtMs = performance.now();
  await until(() => assert.ok(performance.now() - readyAtMs > model.timing.settleMs + 20));
  for (const { code } of model.keys.slice(0, 3)) {
    await rig.press(code);
    const sinceMs = performance.now();
    await until(() => assert.ok(performance.now() - sinceMs > model.timing.debounceMs));
  }
  await until(() => assert.equal(presses, 3));
  assert.equal(witness.heard(), 0);
  assert.deepEqual(fresh(), []);

  await driver.stop();
  await until(() => assert.equal(fresh().length, 1));
  const after = listenTo(fresh()[0] ?? '');
  const firstKey = model.keys[0]?.code ?? '';
  for (let tries = 0; tries < 50 && after.heard() === 0; tries++) await rig.press(firstKey);
  assert.ok(after.heard() > 0, 'the witness hears nothing at all, so that its silence proves nothing');
  await box.remove();
  await after.ended;
});
