import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import type { DeviceModel } from '../../src/device/models.ts';
import { driverContract, type TestRunner } from '../contract/device-contract.ts';
import { modelFolder, shippedModel } from '../support/device-model.ts';
import { createGadgetBox, type GadgetBox } from './gadget-rig.ts';
import { replug } from './replug.ts';

const runner: TestRunner = { describe, it, beforeEach, afterEach };

/** What a short run plays: one box on each wire. The rest has the same wire, and its framing is held to elsewhere. */
const SHORT = ['ff68', 'generic-hid-pad', 'keypad-4'];
const all = process.env['HW_ALL'] === '1';
export const cycles = Number(process.env['HW_CYCLES'] ?? 5);

/** The contract and the pulled cable, for every model that hangs on this. @returns those models. */
export async function suiteFor(
  kind: DeviceModel['transport']['kind'],
  on: string,
): Promise<readonly DeviceModel[]> {
  // Before any clock runs: the first load takes its time on a machine that reads its files from another.
  await (kind === 'serial' ? import('serialport') : import('node-hid'));
  const names = readdirSync(modelFolder).filter((name) => /^(?!hw-).*\.json$/.test(name));
  const models = await Promise.all(names.map((name) => shippedModel(basename(name, '.json'))));
  const fitting = models.filter(
    ({ id, transport, keys }) => transport.kind === kind && keys.length > 0 && (all || SHORT.includes(id)),
  );
  let playing: { readonly model: DeviceModel; readonly box: GadgetBox } | undefined;
  /** One at a time: the emulated machine has four sockets. */
  const play = async (model: DeviceModel): Promise<GadgetBox> => {
    if (playing?.model === model) return playing.box;
    await playing?.box.remove();
    playing = { model, box: await createGadgetBox(model) };
    return playing.box;
  };
  for (const model of fitting) {
    driverContract({
      runner,
      model,
      on,
      makeRig: async (clock) => (await play(model)).rig(clock),
      // A question more than there is time to answer is one that nobody answers.
      roundTripMs: model.framing.kind === 'modbus-rtu' ? 250 : 50,
    });
  }
  const [first] = fitting;
  if (first)
    void it(`${first.id}: ${cycles} pulled cables on ${on}`, async (test) => {
      const figures = await replug(first, await play(first), cycles);
      test.diagnostic(JSON.stringify({ on, model: first.id, ...figures }));
    });
  after(() => playing?.box.remove());
  return fitting;
}
