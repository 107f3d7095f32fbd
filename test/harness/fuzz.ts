/**
 * `npm run fuzz -- [--frames 1000000] [--seed N] [--model ID]`: for each model as many frames as that, cut at random
 * places, with noise, broken checksums and cut-off frames between. Exit 1 when a decoder throws, holds too much, makes
 * a press of noise, or has not found its way again with the second good frame.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkModelFolders } from '../../src/device/buttons.ts';
import { newSeed } from './crash-chance.ts';
import { fuzzModel } from './fuzz-run.ts';

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(newSeed()) },
    model: { type: 'string' },
  },
});
const frames = Number(values.frames);
const seed = Number(values.seed);
const folder = fileURLToPath(new URL('../../assets/device-models', import.meta.url));
const { models } = await checkModelFolders([folder]);
console.log(`seed ${seed}, ${frames} frames a model`);
for (const model of models.filter(({ id, keys }) => keys.length > 0 && (values.model ?? id) === id)) {
  const startMs = performance.now();
  const result = fuzzModel({ model, frames, seed });
  const good = result.wrong.length === 0;
  console.log(
    `${model.id}: ${result.good} good, ${result.broken} broken, ${result.noiseBytes} bytes of noise, held ≤ ${result.held}; heard ${result.heard}, late ${result.late}; ${Math.round((performance.now() - startMs) / 1000)} s ${good ? 'ok' : 'WRONG'}`,
  );
  for (const line of result.wrong.slice(0, 5)) console.log(`  ${line}`);
  if (!good) process.exitCode = 1;
}
