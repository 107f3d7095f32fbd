/** `press` and `serve`: this program is the box. */
import { createInterface } from 'node:readline';
import type { DeviceModel } from '../../src/device/buttons.ts';
import { errorText } from '../../src/device/transport/error-text.ts';
import { type ButtonBox, createButtonBox } from '../button-box/box.ts';
import { createPluggableBox } from '../button-box/pluggable.ts';
import type { BoxWords } from './options.ts';
import type { Words } from './words.ts';

interface Played {
  readonly words: BoxWords;
  readonly model: DeviceModel;
  readonly say: Words;
  readonly print: (line: string) => void;
}

/** A box that is asked gives its press away with the second answer: down, then up. */
const ASKED_LIMIT_MS = 5_000;
/** Between two keys; longer than any box takes a key for the same press. */
const BETWEEN_KEYS_MS = 600;
const SETTLED_MS = 200;

export async function press(parts: Played & { readonly keys: readonly string[] }): Promise<number> {
  const { words, model, say, print, keys } = parts;
  const path = words.path ?? '';
  const codes = model.keys.map(({ code }) => code);
  const unknown = keys.find((key) => !codes.includes(key));
  if (unknown !== undefined) return refuse(print, say.noKey(unknown, codes.join('、')));
  if (model.transport.kind !== 'serial') return refuse(print, say.notSerial(model.id));
  let answers = 0;
  let onAnswer = () => {};
  let box: ButtonBox;
  try {
    box = await createButtonBox({
      path,
      model,
      ...addressOf(words, model),
      onHeard: (saying) => print(`${say.heard} ${JSON.stringify(saying)}`),
      onAnswered() {
        answers += 1;
        onAnswer();
      },
    });
  } catch (error) {
    return refuse(print, say.cannotOpen(path, errorText(error)));
  }
  const given = (count: number) =>
    new Promise<boolean>((resolve) => {
      const limit = setTimeout(() => resolve(false), ASKED_LIMIT_MS);
      onAnswer = () => {
        if (answers < count) return;
        clearTimeout(limit);
        resolve(true);
      };
      onAnswer();
    });
  const isAsked = model.framing.kind === 'modbus-rtu';
  if (isAsked && (await given(1)))
    // Only now is it there for the host, which is deaf to its first moments.
    await new Promise((resolve) => setTimeout(resolve, model.timing.settleMs + SETTLED_MS));
  for (const [at, key] of keys.entries()) {
    if (at > 0) await new Promise((resolve) => setTimeout(resolve, BETWEEN_KEYS_MS));
    const before = answers;
    await box.press(key);
    if (isAsked && !(await given(before + 2))) {
      await box.close();
      return refuse(print, say.notAsked);
    }
    print(say.pressed(key, path));
  }
  await box.close();
  return 0;
}

export async function serve(
  parts: Played & { readonly folder: string; readonly ended: Promise<void> },
): Promise<number> {
  const { words, model, say, print, folder } = parts;
  if (model.transport.kind !== 'serial') return refuse(print, say.notSerial(model.id));
  const codes = model.keys.map(({ code }) => code);
  const box = createPluggableBox({
    folder,
    model,
    ...addressOf(words, model),
    owner: undefined,
    onChange: () => print(`${box.plugged ? '●' : '○'} ${box.light}`),
  });
  const complain = (error: unknown) => print(errorText(error));
  await box.plug();
  print(`${box.hostPath}`);
  print(`press ${codes.join('|')} · pull · plug · quit`);
  const lines = createInterface({ input: process.stdin });
  void parts.ended.then(() => lines.close());
  for await (const line of lines) {
    const [word, key = ''] = line.trim().split(/\s+/);
    if (word === 'quit') break;
    if (word === 'pull') await box.pull();
    else if (word === 'plug') await box.plug().catch(complain);
    else if (word === 'press' && codes.includes(key)) await box.press(key).catch(complain);
    else print(`press ${codes.join('|')} · pull · plug · quit`);
  }
  await box.pull();
  return 0;
}

/** As it leaves the factory, unless somebody says otherwise. */
function addressOf({ address }: BoxWords, model: DeviceModel): { readonly address?: number } {
  const its = address ?? model.vectors.find((vector) => vector.address !== undefined)?.address;
  return its === undefined ? {} : { address: its };
}

function refuse(print: (line: string) => void, why: string): number {
  print(why);
  return 2;
}
