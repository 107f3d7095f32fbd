/** From the words of the command line to a box as a kiosk would have it set up. */
import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type BoxParts,
  type ButtonSettings,
  ButtonSettingsSchema,
  checkModelFolders,
  type DeviceModel,
  loadModel,
  loadModelFor,
} from '../../src/device/buttons.ts';
import type { Control } from '../../src/shared/press.ts';
import type { BoxWords } from './options.ts';

export const SHIPPED_MODELS = fileURLToPath(new URL('../../assets/device-models', import.meta.url));

/** Given to keys in their order, so that each press can be told from the others. */
const CONTROLS: readonly Control[] = [1, 2, 3, 4, 5, 'confirm', 'cancel', 'repeat', 'invite', 'help'];

type Loaded<Value> =
  | { readonly ok: true; readonly value: Value }
  /** `noModel`: with the models that there are. `noPlace`: nothing says where the box is. */
  | { readonly ok: false; readonly problem: BoxProblem };

export type BoxProblem =
  | {
      readonly kind: 'noModel';
      readonly model: string;
      readonly known: readonly string[];
      readonly why: string;
    }
  | { readonly kind: 'noPlace' }
  | { readonly kind: 'settings'; readonly why: string };

/** @param model a name, or a file that is there. */
export async function findModel(model: string, models: string | undefined): Promise<Loaded<DeviceModel>> {
  const { folders, id } = foldersFor(model, models);
  const read = await loadModel({ folders, id });
  if (read.ok) return { ok: true, value: read.model };
  const { models: known } = await checkModelFolders(folders);
  const problem = { kind: 'noModel', model, known: known.map((one) => one.id), why: read.message } as const;
  return { ok: false, problem };
}

export async function findBox(words: BoxWords): Promise<Loaded<BoxParts>> {
  const found = await findModel(words.model, words.models);
  if (!found.ok) return found;
  const { value: model } = found;
  const { path, usbSerial, usbPort } = words;
  if ((path ?? usbSerial ?? usbPort) === undefined && model.usb === undefined)
    return { ok: false, problem: { kind: 'noPlace' } };
  const settings = ButtonSettingsSchema.safeParse(settingsOf(words, model));
  if (!settings.success) {
    const problems = settings.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    return { ok: false, problem: { kind: 'settings', why: problems.join('\n') } };
  }
  const { folders } = foldersFor(words.model, words.models);
  const proved = await loadModelFor({ folders, settings: settings.data });
  return proved.ok
    ? { ok: true, value: { model, settings: settings.data } }
    : { ok: false, problem: { kind: 'settings', why: proved.message } };
}

function foldersFor(model: string, models: string | undefined) {
  if (/[/\\]|\.json$/.test(model) && existsSync(model))
    return { folders: [dirname(resolve(model))], id: basename(model, '.json') };
  return { folders: models === undefined ? [SHIPPED_MODELS] : [resolve(models), SHIPPED_MODELS], id: model };
}

function settingsOf(words: BoxWords, model: DeviceModel): ButtonSettings {
  const { path, usbSerial, usbPort, acknowledge, levels } = words;
  // What its own vectors have is the address it leaves the factory with.
  const address = words.address ?? model.vectors.find((vector) => vector.address !== undefined)?.address;
  const byOrder = model.keys.map(({ code }, at) => [code, CONTROLS[at % CONTROLS.length] ?? 1]);
  return {
    model: model.id,
    ...(path === undefined ? {} : { path: resolve(path) }),
    ...(usbSerial === undefined ? {} : { usbSerial }),
    ...(usbPort === undefined ? {} : { usbPort }),
    ...(address === undefined ? {} : { address }),
    ...(acknowledge === undefined ? {} : { acknowledge }),
    levels: levels ?? Object.fromEntries(byOrder),
  };
}
