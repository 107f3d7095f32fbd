/**
 * Makes test/fixtures/captures anew: one recording a model, by `npm run device -- record` on a pair of pseudo terminals, or by
 * the same recorder on a line in memory where a model does not travel on a serial one.
 *
 *     node test/support/device-captures-make.ts [MODEL…]
 */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { checkModelFolders, createDriver, type DeviceModel } from '../../src/device/buttons.ts';
import { fromHex } from '../../src/device/decode/hex.ts';
import { createSimulatedBox } from '../../src/device/simulated.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { createPluggableBox } from '../../tools/button-box/pluggable.ts';
import { createRecording } from '../../tools/device/recording.ts';
import { settingsFor } from '../contract/device-contract.ts';
import { modelFolder } from './device-model.ts';

const folder = fileURLToPath(new URL('../fixtures/captures', import.meta.url));
const cli = fileURLToPath(new URL('../../tools/device/cli.ts', import.meta.url));
/** Longer than a box settles or a key bounces. */
const APART_MS = 700;

interface Hands {
  readonly press: (key: string) => Promise<unknown>;
  readonly send: (bytes: Uint8Array) => Promise<unknown>;
  readonly pull: () => Promise<void>;
  readonly plug: () => Promise<void>;
  /** Resolves when the driver says that the line is open once more. */
  readonly ready: () => Promise<void>;
}

/** Every key; a bounce; all that is no press; a replug with a key pressed too soon; the first key again. */
async function play(model: DeviceModel, hands: Hands): Promise<void> {
  const [first = ''] = model.keys.map(({ code }) => code);
  await hands.ready();
  await pause(APART_MS);
  for (const { code } of model.keys) {
    await hands.press(code);
    await pause(APART_MS);
  }
  await hands.press(first);
  await pause(40);
  await hands.press(first);
  await pause(APART_MS);
  for (const { bytes, key } of model.vectors) if (key === null) await hands.send(fromHex(bytes));
  await hands.press(first);
  await pause(APART_MS);
  await hands.pull();
  await pause(APART_MS);
  await hands.plug();
  await hands.ready();
  await hands.press(first);
  await pause(APART_MS);
  await hands.press(first);
  await pause(APART_MS);
}

async function recordOnPty(model: DeviceModel, file: string): Promise<void> {
  const line = await mkdtemp(join(tmpdir(), 'yiping-capture-'));
  const { address } = settingsFor(model, {});
  const box = createPluggableBox({
    folder: line,
    model,
    ...(address === undefined ? {} : { address }),
    owner: undefined,
    onChange: () => {},
  });
  await box.plug();
  const child = spawn(
    process.execPath,
    [cli, 'record', file, '--model', model.id, '--path', box.hostPath, '--light', '--lang', 'en'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ready = counted();
  createInterface({ input: child.stdout }).on('line', (said) => {
    if (said.includes('● connected')) ready.one();
  });
  const over = new Promise((resolve) => child.once('exit', resolve));
  await play(model, { ...box, ready: ready.next });
  child.kill('SIGINT');
  await over;
  await box.pull();
  await rm(line, { recursive: true });
}

async function recordInMemory(model: DeviceModel, file: string): Promise<void> {
  const settings = settingsFor(model, { usbPort: '1-1' });
  const box = createSimulatedBox({ model, settings });
  const recording = await createRecording({
    file,
    box: { model, settings },
    clock: systemClock,
    openPort: box.openPort,
    onFull(what) {
      throw new Error(`full: ${what}`);
    },
  });
  if (!recording.ok) throw new Error(recording.why);
  const ready = counted();
  const driver = createDriver({
    boxes: [{ model, settings }],
    clock: systemClock,
    openPort: recording.openPort,
    onEvent(event) {
      recording.event(event);
      if (event.type === 'state' && event.state.state === 'ready') ready.one();
    },
  });
  driver.start();
  await play(model, {
    press: async (key) => box.press(key),
    send: async (bytes) => box.send(bytes),
    pull: async () => box.pull(),
    plug: async () => box.plug(),
    ready: ready.next,
  });
  await driver.stop();
  await recording.close();
}

/** Counts how often something was so; `next` waits for once more than it has waited for. */
function counted() {
  let had = 0;
  let wanted = 0;
  let wake = () => {};
  return {
    one() {
      had += 1;
      wake();
    },
    async next() {
      wanted += 1;
      while (had < wanted)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    },
  };
}

await mkdir(folder, { recursive: true });
const { models } = await checkModelFolders([modelFolder]);
const named = process.argv.slice(2);
for (const model of models) {
  if (model.keys.length === 0 || (named.length > 0 && !named.includes(model.id))) continue;
  const file = join(folder, `${model.id}.jsonl`);
  await rm(file, { force: true });
  if (model.transport.kind === 'serial') await recordOnPty(model, file);
  else await recordInMemory(model, file);
  console.log(file.slice(folder.length + 1));
}
