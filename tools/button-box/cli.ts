import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import type { Ff68HostCommand } from '../../src/device/decode/ff68.ts';
import { createButtonBox } from './box.ts';
import { createPluggableBox } from './pluggable.ts';

const USAGE = `An FF-68 button box, played by this program.

  node tools/button-box/cli.ts --path /dev/ttyUSB1 press 3     press one key (0–3) and leave
  node tools/button-box/cli.ts --path /dev/ttyUSB1 listen      print what the host says
  node tools/button-box/cli.ts --folder /tmp/box serve         make a line of its own; then type
                                                               press 3 | pull | plug | quit
  --address 129    the box's address on the bus (default 129 = 0x81)
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    path: { type: 'string' },
    folder: { type: 'string' },
    address: { type: 'string', default: '129' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const address = Number(values.address);
const [verb, argument] = positionals;

const say = (command: Ff68HostCommand) => console.log(JSON.stringify(command));

async function main(): Promise<number> {
  if (values.help) return usage(0);
  if (!Number.isInteger(address) || address < 0 || address > 255) {
    console.error(`--address ${values.address}: must be a number from 0 to 255`);
    return 2;
  }
  if (verb === 'serve' && values.folder) return serve(values.folder);
  if (!values.path || (verb !== 'press' && verb !== 'listen')) return usage(2);
  const box = await createButtonBox({ path: values.path, address, onHostFrame: say });
  if (verb === 'listen') return new Promise((resolve) => process.once('SIGINT', () => resolve(0)));
  const grade = gradeOf(argument);
  if (grade === undefined) return usage(2);
  await box.press(grade);
  await box.close();
  return 0;
}

async function serve(folder: string): Promise<number> {
  const box = createPluggableBox({
    folder,
    address,
    owner: undefined,
    onChange: () => console.log(`${box.plugged ? 'plugged' : 'pulled'} · light ${box.light}`),
  });
  await box.plug();
  console.log(`the kiosk's end: ${box.hostPath}`);
  for await (const line of createInterface({ input: process.stdin })) {
    const [word, key] = line.trim().split(/\s+/);
    const grade = gradeOf(key);
    if (word === 'quit') break;
    if (word === 'pull') await box.pull();
    else if (word === 'plug') await box.plug();
    else if (word === 'press' && grade !== undefined) await box.press(grade).catch(complain);
    else console.error('press 0…3 | pull | plug | quit');
  }
  await box.pull();
  return 0;
}

function gradeOf(text: string | undefined): number | undefined {
  const grade = Number(text);
  return text !== undefined && Number.isInteger(grade) && grade >= 0 && grade <= 255 ? grade : undefined;
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
