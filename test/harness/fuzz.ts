/**
 * `npm run fuzz -- [--frames 1000000] [--seed N] [--model ID]`: for each model as many frames as that, cut at random
 * places, with noise, broken checksums and cut-off frames between. Exit 1 when a decoder throws, holds too much, makes
 * a press of noise, or has not found its way again with the second good frame.
 */
import { fileURLToPath } from 'node:url';
import { checkModelFolders } from '../../src/device/buttons.ts';
import { fuzzModel } from './fuzz-run.ts';
import { harnessOptions } from './harness-options.ts';

const folder = fileURLToPath(new URL('../../assets/device-models', import.meta.url));
const { models } = await checkModelFolders([folder]);
const fuzzed = models.filter(({ keys }) => keys.length > 0);
const given = harnessOptions({
  command: 'npm run fuzz',
  numbers: { frames: 1_000_000 },
  words: { model: fuzzed.map(({ id }) => id) },
});
const frames = given.number('frames');
const seed = given.number('seed');
console.log(`seed ${seed}, ${frames} frames a model`);
for (const model of fuzzed.filter(({ id }) => (given.word('model') ?? id) === id)) {
  const startMs = performance.now();
  const result = fuzzModel({ model, frames, seed });
  const good = result.wrong.length === 0;
  console.log(
    `${model.id}: ${result.good} good, ${result.broken} broken, ${result.noiseBytes} bytes of noise, held ≤ ${result.held}; heard ${result.heard}, late ${result.late}; ${Math.round((performance.now() - startMs) / 1000)} s ${good ? 'ok' : 'WRONG'}`,
  );
  for (const line of result.wrong.slice(0, 5)) console.log(`  ${line}`);
  if (!good) process.exitCode = 1;
}
