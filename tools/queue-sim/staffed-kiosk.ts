/**
 * The core in plain Node with both of its screens, for a hall without a queue-calling system: the citizen's as in
 * `npm run kiosk:headless`, and a clerk who holds the corner, gives the PIN and types a ticket on the staff screen. One
 * JSON object a line, the frames of the ports; the verb `clerk` is the clerk's whole way.
 */
import { randomInt } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readCoreArguments } from '../../src/core/arguments.ts';
import { machineClock } from '../../src/core/machine.ts';
import type { ScreenPort } from '../../src/core/screen-port.ts';
import { STAFF_PIN_FILE, setPin } from '../../src/core/staff-pin.ts';
import { startCore } from '../../src/core/start-core.ts';
import { createForkedDrivers } from '../../src/device/process/fork-driver.ts';
import type { PortMessage } from '../../src/shared/screen/contract.ts';
import type { StaffPortMessage } from '../../src/shared/screen/staff-contract.ts';

/** A finger rests on the corner for three seconds; a page is there a moment later. */
const OPENING_LIMIT_MS = 10_000;

const parts = readCoreArguments(process.argv.slice(2), import.meta.url);
mkdirSync(parts.dataFolder, { recursive: true, mode: 0o700 });
const pin = String(randomInt(100_000, 1_000_000));
const done = await setPin(join(parts.dataFolder, STAFF_PIN_FILE), pin);
if (!done.ok) throw new Error(done.message);

let asked = 0;
let arrived = () => {};
const core = startCore({
  ...parts,
  clock: machineClock,
  spawnDriver: createForkedDrivers(),
  showStaff: (shown) => {
    if (shown) arrived();
  },
});

/** One screen of ours on a port of the core's: what it says, and answers to what is asked. */
function createScreen<Message extends PortMessage | StaffPortMessage>(hear: (message: Message) => void) {
  const answers = new Map<number, (answer: unknown) => void>();
  let tell: (data: unknown) => void = () => {};
  let closed = () => {};
  const port: ScreenPort<Message> = {
    postMessage(message) {
      if (message.type === 'push') return hear(message);
      const answer = answers.get(message.id);
      answers.delete(message.id);
      if (answer) answer(message.type === 'reply' ? message.reply : message);
      else hear(message);
    },
    onMessage: (listener) => {
      tell = listener;
    },
    onClose: (listener) => {
      closed = listener;
    },
  };
  return {
    port,
    say: (data: unknown) => tell(data),
    close: () => closed(),
    ask(verb: string, request: object): Promise<unknown> {
      // Apart from the numbers of whoever speaks for the citizen.
      asked -= 1;
      const id = Number.MAX_SAFE_INTEGER + asked;
      return new Promise((resolve) => {
        answers.set(id, resolve);
        tell({ id, verb, request });
      });
    },
  };
}

const write = (message: unknown) => void process.stdout.write(`${JSON.stringify(message)}\n`);
let invitation: string | undefined;
const citizen = createScreen<PortMessage>((message) => {
  if (message.type === 'push')
    invitation = message.body.screen.name === 'inviting' ? message.body.screen.invitation : undefined;
  write(message);
});
core.attach(citizen.port);

/** @param request what is typed; nothing: the open invitation is taken back. */
async function clerk(request: object): Promise<unknown> {
  const takesBack = Object.keys(request).length === 0;
  if (takesBack && invitation === undefined) return { accepted: false, reason: 'notNow' };
  const opened = new Promise<boolean>((resolve) => {
    const cancel = machineClock.after(OPENING_LIMIT_MS, () => resolve(false));
    arrived = () => {
      cancel();
      resolve(true);
    };
  });
  await citizen.ask('corner', { held: true });
  const isOpen = await opened;
  await citizen.ask('corner', { held: false });
  if (!isOpen) return { accepted: false, reason: 'notNow' };
  const staff = createScreen<StaffPortMessage>(() => {});
  core.attachStaff(staff.port);
  try {
    const entered = await staff.ask('unlock', { pin });
    if (Reflect.get(Object(entered), 'accepted') !== true) return entered;
    const answer = await (takesBack
      ? staff.ask('recall', { invitation: invitation ?? '' })
      : staff.ask('inviteByHand', request));
    await staff.ask('leave', {});
    return answer;
  } finally {
    staff.close();
  }
}

/** One clerk, one hand. */
let turn: Promise<unknown> = Promise.resolve();
createInterface({ input: process.stdin }).on('line', (line) => {
  const said: unknown = parsed(line);
  if (Reflect.get(Object(said), 'verb') !== 'clerk') return citizen.say(said);
  const id: unknown = Reflect.get(Object(said), 'id');
  const request = Object(Reflect.get(Object(said), 'request'));
  turn = turn.then(() => clerk(request)).then((reply) => write({ type: 'reply', id, reply }));
});

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}

let stopping = false;
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  process.once(signal, () => {
    if (stopping) return;
    stopping = true;
    void core.stop().then(() => process.exit(0));
  });
// Whoever reads us may be gone first.
process.stdout.on('error', () => {});
