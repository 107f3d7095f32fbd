import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { framingOf } from './framing/framing-of.ts';
import { checkModel, type ModelProblem, type ModelResult, refuse } from './model-check.ts';
import type { DeviceModel } from './models.ts';
import { answerLimitMs } from './poll-plan.ts';
import { type ButtonSettings, placeName, whereIs } from './settings.ts';

/**
 * Reads `<folder>/<id>.json` from the one folder that has it. A model's id is its file's name; two folders with the
 * same one are an error, so that nobody has to know which wins.
 */
export async function loadModel(parts: {
  readonly folders: readonly string[];
  readonly id: string;
}): Promise<ModelResult> {
  const { folders, id } = parts;
  const files = folders.map((folder) => join(folder, `${id}.json`));
  const found = await Promise.all(files.map(readIfThere));
  const there = found.filter((one): one is Exclude<Found, { readonly absent: true }> => !('absent' in one));
  const [first, second] = there;
  if (!first) {
    const rule = `no model "${id}" can be read there; name one whose file exists`;
    return refuse(files.map((file) => ({ file, field: 'model', rule })));
  }
  if (second) return refuse([twice(second.file, first.file, id)]);
  if ('error' in first)
    return refuse([{ file: first.file, field: '', rule: `must be readable: ${first.error}` }]);
  const read = checkModel(first.file, first.text);
  return read.ok ? named(first.file, read.model) : read;
}

/** The way of a kiosk to a model: it proves that the site's settings give a meaning to exactly the keys of it. */
export async function loadModelFor(parts: {
  /** Where models are, those of the site first. A folder may be absent. */
  readonly folders: readonly string[];
  readonly settings: ButtonSettings;
  /** All boxes of the site, this one among them: those in one place share its line. */
  readonly boxes?: readonly ButtonSettings[];
}): Promise<ModelResult> {
  const { folders, settings, boxes = [settings] } = parts;
  const read = await loadModel({ folders, id: settings.model });
  if (!read.ok) return read;
  const file = `${settings.model}.json`;
  const problems = [
    ...settingsProblems(file, read.model, settings),
    ...lineProblems(file, read.model, settings, boxes),
  ];
  return problems.length > 0 ? refuse(problems) : read;
}

/** Every model of some folders, by id, and everything that is wrong with any of them. */
export async function checkModelFolders(folders: readonly string[]): Promise<{
  readonly models: readonly DeviceModel[];
  readonly problems: readonly ModelProblem[];
}> {
  const models = new Map<string, DeviceModel>();
  const fileOf = new Map<string, string>();
  const problems: ModelProblem[] = [];
  for (const file of await filesOf(folders)) {
    const id = basename(file, '.json');
    const before = fileOf.get(id);
    fileOf.set(id, file);
    if (before !== undefined) problems.push(twice(file, before, id));
    const found = await readIfThere(file);
    if (!('text' in found)) continue;
    const read = checkModel(file, found.text);
    const result = read.ok ? named(file, read.model) : read;
    if (result.ok) models.set(id, result.model);
    else problems.push(...result.problems);
  }
  return { models: [...models.values()].sort((a, b) => (a.id < b.id ? -1 : 1)), problems };
}

async function filesOf(folders: readonly string[]): Promise<readonly string[]> {
  const lists = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(folder).catch(() => []);
      return names
        .filter((name) => name.endsWith('.json'))
        .sort()
        .map((name) => join(folder, name));
    }),
  );
  return lists.flat();
}

type Found =
  | { readonly file: string; readonly text: string }
  | { readonly file: string; readonly error: string }
  | { readonly file: string; readonly absent: true };

async function readIfThere(file: string): Promise<Found> {
  try {
    return { file, text: await readFile(file, 'utf8') };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { file, absent: true };
    return { file, error: error instanceof Error ? error.message : String(error) };
  }
}

function named(file: string, model: DeviceModel): ModelResult {
  const id = basename(file, '.json');
  if (model.id === id) return { ok: true, model };
  return refuse([{ file, field: 'id', rule: `must be "${id}", as the file is named` }]);
}

function twice(file: string, other: string, id: string): ModelProblem {
  return { file, field: 'id', rule: `"${id}" is taken by ${other}; rename one of the two, or remove it` };
}

function settingsProblems(
  file: string,
  model: DeviceModel,
  settings: ButtonSettings,
): readonly ModelProblem[] {
  const keys = model.keys.map((key) => key.code);
  const given = Object.keys(settings.levels);
  const all = keys.length > 0 ? `the keys of this model are ${keys.join(', ')}` : 'this model has no keys';
  const { path, usbSerial, usbPort } = settings;
  const lost = (path ?? usbSerial ?? usbPort) === undefined && model.usb === undefined;
  const typesAtPath = path !== undefined && model.transport.kind === 'keyboard';
  return [
    ...(lost
      ? [
          {
            file,
            field: 'path',
            rule: 'must be named, or usbSerial or usbPort: this model says nothing of itself on USB',
          },
        ]
      : []),
    ...(typesAtPath
      ? [
          {
            file,
            field: 'path',
            rule: 'must not be there: a pad that types is named by usbSerial or usbPort',
          },
        ]
      : []),
    ...keys
      .filter((key) => !given.includes(key))
      .map((key) => ({ file, field: `levels.${key}`, rule: `must name a level 1–5 or an act: ${all}` })),
    ...given
      .filter((key) => !keys.includes(key))
      .map((key) => ({ file, field: `levels.${key}`, rule: `must not be there: ${all}` })),
  ];
}

/** A line is asked in turn: too many boxes that take their time, and one that is gone is noticed too late. */
function lineProblems(
  file: string,
  model: DeviceModel,
  settings: ButtonSettings,
  boxes: readonly ButtonSettings[],
): readonly ModelProblem[] {
  const answerMs = framingOf(model, settings).poll?.answerMs;
  const place = placeName(whereIs(settings, model));
  const sharing = boxes.filter(
    (box) => box.model === settings.model && placeName(whereIs(box, model)) === place,
  ).length;
  const limit = answerLimitMs(sharing);
  if (answerMs === undefined || answerMs <= limit) return [];
  const rule = `must be at most ${limit} where ${sharing} boxes share a line, or one that is gone is noticed too late; shorten it, or give a box a line of its own`;
  return [{ file, field: 'framing.answerMs', rule }];
}
