import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { DeviceModel } from '../../src/device/models.ts';
import { driverContract, type TestRunner } from '../contract/device-contract.ts';
import { modelFolder, shippedModel } from '../support/device-model.ts';
import { createGadgetRig } from './gadget-rig.ts';
import { replug } from './replug.ts';

const runner: TestRunner = { describe, it, beforeEach, afterEach };

export const cycles = Number(process.env['HW_CYCLES'] ?? 5);

/** The contract and the pulled cable, for every model that hangs on this. @returns those models. */
export async function suiteFor(
  kind: DeviceModel['transport']['kind'],
  on: string,
): Promise<readonly DeviceModel[]> {
  const names = readdirSync(modelFolder).filter((name) => name.endsWith('.json'));
  const models = await Promise.all(names.map((name) => shippedModel(basename(name, '.json'))));
  const fitting = models.filter(({ transport, keys }) => transport.kind === kind && keys.length > 0);
  for (const model of fitting) {
    driverContract({ runner, model, on, makeRig: (clock) => createGadgetRig({ model, clock }) });
  }
  const [first] = fitting;
  if (first)
    void it(`${first.id}: ${cycles} pulled cables on ${on}`, async (test) => {
      test.diagnostic(JSON.stringify({ on, model: first.id, ...(await replug(first, cycles)) }));
    });
  return fitting;
}
