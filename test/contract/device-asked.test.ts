import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { createDriver, createSerialPorts } from '../../src/device/buttons.ts';
import { createSimulatedBox } from '../../src/device/simulated.ts';
import { systemClock } from '../../src/shared/clock.ts';
import type { Press } from '../../src/shared/press.ts';
import type { LinkState } from '../../src/shared/queue-event.ts';
import { createButtonBox } from '../../tools/button-box/box.ts';
import { createPluggableBox } from '../../tools/button-box/pluggable.ts';
import { shippedModel } from '../support/device-model.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createTestPty } from '../support/pty.ts';
import { settingsFor } from './device-contract.ts';

const until = (what: () => void) => vi.waitFor(what, { timeout: 20_000, interval: 5 });

it('a box that is asked, on a real line: a key is one press, and it is told things between the questions', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'yiping-box-'));
  const model = await shippedModel('generic-modbus-rtu');
  const box = createPluggableBox({ folder, model, address: 1, owner: undefined, onChange: () => {} });
  await box.plug();
  const presses: Press[] = [];
  const driver = createDriver({
    boxes: [{ settings: settingsFor(model, { path: box.hostPath }), model }],
    clock: systemClock,
    openPort: createSerialPorts({ clock: systemClock }),
    onEvent(event) {
      if (event.type === 'press') presses.push(event.press);
    },
  });
  driver.start();
  // The first answers are of the moments in which nothing counts.
  await until(() => expect(driver.counters().signals).toBeGreaterThan(10));
  driver.say('prompt');
  driver.showStars(3);
  await box.press('4');
  await until(() => expect(presses).toMatchObject([{ control: 2 }]));
  await until(() => expect(box.received()).toEqual([{ output: 'prompt' }, { output: 'stars', stars: 3 }]));
  await driver.stop();
  await box.pull();
  await rm(folder, { recursive: true, force: true });
});

it('a box that is asked and falls silent on an open line is lost, with what to check, and back when it answers', async () => {
  const pty = await createTestPty();
  const model = await shippedModel('generic-modbus-rtu');
  const plugIn = () => createButtonBox({ path: pty.boxPath, model, address: 1, onHeard: () => {} });
  let box = await plugIn();
  const states: LinkState[] = [];
  const driver = createDriver({
    boxes: [{ settings: settingsFor(model, { path: pty.hostPath }), model }],
    clock: systemClock,
    openPort: createSerialPorts({ clock: systemClock }),
    onEvent(event) {
      if (event.type === 'state') states.push(event.state);
    },
  });
  driver.start();
  await until(() => expect(driver.state().state).toBe('ready'));
  await box.close();
  await until(() => expect(driver.state().state).toBe('lost'));
  expect(driver.state()).toMatchObject({ reason: expect.stringMatching(/不应答：请检查评价器的电源和线缆/) });
  box = await plugIn();
  await until(() => expect(driver.state().state).toBe('ready'));
  expect(states.map(({ state }) => state)).toEqual(['connecting', 'ready', 'lost', 'ready']);
  // The line was open all the time: it is the box that was away.
  expect(driver.counters()).toMatchObject({ connections: 1, losses: 1 });
  await driver.stop();
  await box.close();
  await pty.dispose();
});

it('a lamp without keys is told what it can show', async () => {
  const model = await shippedModel('delcom-lamp');
  const settings = settingsFor(model, {});
  const lamp = createSimulatedBox({ model, settings });
  const driver = createDriver({
    boxes: [{ settings, model }],
    clock: createFakeClock(),
    openPort: lamp.openPort,
    onEvent: () => {},
  });
  driver.start();
  await until(() => expect(driver.state().state).toBe('ready'));
  driver.say('prompt');
  driver.say('thanks');
  driver.say('dark');
  expect(lamp.received()).toEqual([{ output: 'prompt' }, { output: 'dark' }]);
  await driver.stop();
});
