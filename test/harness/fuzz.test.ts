import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { checkModelFolders } from '../../src/device/buttons.ts';
import { fuzzModel } from './fuzz-run.ts';

const folder = fileURLToPath(new URL('../../assets/device-models', import.meta.url));
const { models } = await checkModelFolders([folder]);

it.each(models.filter(({ keys }) => keys.length > 0))(
  '$id: no press out of rubbish, and every good frame but the one joined to it',
  (model) => {
    const result = fuzzModel({ model, frames: 5_000, seed: 1 });
    expect(result).toMatchObject({ good: 5_000, wrong: [] });
    expect(result.heard + result.late).toBe(result.good);
    // Only a line has no other beginning than the end of the one before.
    if (model.framing.kind !== 'line') expect(result.late).toBe(0);
  },
);
