import { afterAll } from 'vitest';
import type { DeviceModel } from '../../src/device/buttons.ts';
import type { driverContract } from './device-contract.ts';

type Contract = Parameters<typeof driverContract>[0];

/** For the report of a run: what the contract really ran on, of all that it was made for. Once in each file. */
export function createRanOn(): (
  parts: Pick<Contract, 'on' | 'makeRig'> & { readonly model: DeviceModel },
) => Pick<Contract, 'on' | 'makeRig'> {
  const ran = new Map<string, Set<string>>();
  afterAll(() => {
    for (const [on, models] of ran) console.log(`really ran on: ${on} (${[...models].join(', ')})`);
  });
  return ({ model, on, makeRig }) => ({
    on,
    async makeRig(clock) {
      const rig = await makeRig(clock);
      ran.set(on, (ran.get(on) ?? new Set()).add(model.id));
      return rig;
    },
  });
}
