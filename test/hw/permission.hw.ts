import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { it } from 'node:test';
import { systemClock } from '../../src/shared/clock.ts';
import { shippedModel } from '../support/device-model.ts';
import { until } from '../support/until.ts';
import { startDriver } from './driver-in-child.ts';
import { createGadgetBox } from './gadget-rig.ts';

const RULES = '/etc/udev/rules.d/70-yiping-devices.rules';
const PLUGS = 3;
const DENIED = /权限/;

it('a box of our rules is ready for an ordinary user, and "no permission" is never shown meanwhile', async () => {
  assert.ok(existsSync(RULES), `${RULES} is not installed in the emulated machine`);
  const model = await shippedModel('hw-pad');
  const box = await createGadgetBox(model);
  const rig = await box.rig(systemClock);
  await rig.pull();
  const driver = startDriver({ model: model.id, place: rig.place, asOrdinaryUser: true });
  const { states } = driver;
  for (let plug = 1; plug <= PLUGS; plug++) {
    const told = rig.received().length;
    await rig.plug();
    await until(() => assert.equal(states.at(-1)?.state, 'ready', JSON.stringify(states)), {
      deadlineMs: 30_000,
    });
    driver.tell('prompt');
    await until(() => assert.ok(rig.received().length > told));
    await rig.pull();
    await until(() => assert.equal(states.at(-1)?.state, 'lost'));
  }
  await driver.stop();
  await box.remove();
  const reasons = states.flatMap((state) => (state.state === 'lost' ? [state.reason] : []));
  assert.deepEqual(
    reasons.filter((reason) => DENIED.test(reason)),
    [],
  );
});

it('a box that no rule names is refused, and the file to install is named', async () => {
  const model = await shippedModel('generic-hid-pad');
  const box = await createGadgetBox(model);
  const rig = await box.rig(systemClock);
  const driver = startDriver({ model: model.id, place: rig.place, asOrdinaryUser: true });
  const { states } = driver;
  await until(
    () => {
      const state = states.at(-1);
      assert.match(state?.state === 'lost' ? state.reason : '', /权限.*70-yiping-devices\.rules/);
    },
    { deadlineMs: 30_000 },
  );
  await driver.stop();
  await box.remove();
});
