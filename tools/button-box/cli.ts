import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Saying } from '../../src/device/framing/framing.ts';
import { loadModel } from '../../src/device/model-files.ts';
import type { DeviceModel } from '../../src/device/models.ts';
import { createButtonBox } from './box.ts';
import { createPluggableBox } from './pluggable.ts';

const MODELS = fileURLToPath(new URL('../../assets/device-models', import.meta.url));

const USAGE = `A button box on a serial line, played by this program.

  node tools/button-box/cli.ts --path /dev/ttyUSB1 press 3     press one key by its code and leave
  node tools/button-box/cli.ts --path /dev/ttyUSB1 listen      print what the host says
  node tools/button-box/cli.ts --folder /tmp/box serve         make a line of its own; then type
                                                               press 3 | pull | plug | quit
  --model ff68     a file of assets/device-models (default ff68)
  --address 129    the box's address on its bus, where it has one (default 129 = 0x81)
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    path: { type: 'string' },
    folder: { type: 'string' },
    model: { type: 'string', default: 'ff68' },
    address: { type: 'string', default: '129' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const address = Number(values.address);
const [verb, argument] = positionals;

const say = (command: Saying) => console.log(JSON.stringify(command));

async function main(): Promise<number> {
  if (values.help) return usage(0);
  if (!Number.isInteger(address) || address < 0 || address > 255) {
    console.error(`--address ${values.address}: must be a number from 0 to 255`);
    return 2;
  }
  const read = await loadModel({ folders: [MODELS], id: values.model });
  if (!read.ok) {
    console.error(read.message);
    return 2;
  }
  const { model } = read;
  const isKey = (key: string | undefined): key is string => model.keys.some(({ code }) => code === key);
  if (verb === 'serve' && values.folder) return serve(values.folder, model, isKey);
  if (!values.path || (verb !== 'press' && verb !== 'listen')) return usage(2);
  const box = await createButtonBox({ path: values.path, model, address, onHeard: say });
  if (verb === 'listen') return new Promise((resolve) => process.once('SIGINT', () => resolve(0)));
  if (!isKey(argument)) return usage(2);
  await box.press(argument);
  await box.close();
  return 0;
}

async function serve(
  folder: string,
  model: DeviceModel,
  isKey: (key: string | undefined) => key is string,
): Promise<number> {
  const box = createPluggableBox({
    folder,
    model,
    address,
    owner: undefined,
    onChange: () => console.log(`${box.plugged ? 'plugged' : 'pulled'} · light ${box.light}`),
  });
  await box.plug();
  console.log(`the kiosk's end: ${box.hostPath}`);
  for await (const line of createInterface({ input: process.stdin })) {
    const [word, key] = line.trim().split(/\s+/);
    if (word === 'quit') break;
    if (word === 'pull') await box.pull();
    else if (word === 'plug') await box.plug();
    else if (word === 'press' && isKey(key)) await box.press(key).catch(complain);
    else console.error(`press ${model.keys.map(({ code }) => code).join('|')} | pull | plug | quit`);
  }
  await box.pull();
  return 0;
}

function complain(error: unknown): void {
  console.error(error instanceof Error ? error.message : String(error));
}

function usage(code: number): number {
  console.log(USAGE);
  return code;
}

try {
  process.exit(await main());
} catch (error) {
  complain(error);
  process.exit(1);
}
