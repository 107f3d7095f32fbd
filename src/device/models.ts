import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { NameSchema } from '../shared/words.ts';
import type { ButtonSettings } from './settings.ts';

/**
 * A kind of button box as data (`assets/device-models/*.json`): how its line is set, how its bytes are framed,
 * which keys it has and what it can be told. What a key *means* is not here: that is the site's decision.
 */
export const DeviceModelSchema = z
  .strictObject({
    /** Also the name of its file. */
    id: z.string().regex(/^[a-z0-9][a-z0-9-]{1,39}$/, 'must be 2–40 small letters, digits or dashes'),
    name: NameSchema,
    transport: z.strictObject({
      kind: z.literal('serial'),
      baudRate: z.int().min(300).max(921_600),
      dataBits: z.union([z.literal(7), z.literal(8)]),
      parity: z.enum(['none', 'even', 'odd']),
      stopBits: z.union([z.literal(1), z.literal(2)]),
    }),
    framing: z.literal('ff68'),
    keys: z
      .array(z.strictObject({ code: z.int().min(0).max(255), label: NameSchema }))
      .min(1)
      .max(32)
      .refine(
        (keys) => new Set(keys.map((key) => key.code)).size === keys.length,
        'must not hold the same code twice',
      ),
    outputs: z.array(z.enum(['startRating', 'acknowledge', 'stars'])),
    timing: z.strictObject({
      /** The same key again within this time, counted from the last frame, is the same press. */
      debounceMs: z.int().min(0).max(5_000),
      /** What arrives this soon after the port was opened is not a citizen: line noise, an old buffer. */
      settleMs: z.int().min(0).max(5_000),
    }),
    /** Bytes as the box sends them and the key they mean; proved against the decoder by a test. */
    vectors: z
      .array(
        z.strictObject({
          bytes: z.string().regex(/^[0-9A-F]{2}( [0-9A-F]{2})*$/, 'must be pairs like "FF 68 03"'),
          address: z.int().min(0).max(255),
          key: z.int().min(0).max(255),
        }),
      )
      .min(1),
  })
  .readonly();
export type DeviceModel = z.output<typeof DeviceModelSchema>;
export type SerialLine = DeviceModel['transport'];

/** One thing wrong with a model file or with the settings that name it. */
export interface ModelProblem {
  readonly file: string;
  /** Dotted path inside the file or the settings; empty when the whole is meant. */
  readonly field: string;
  readonly rule: string;
}

export type ModelResult =
  | { readonly ok: true; readonly model: DeviceModel }
  | { readonly ok: false; readonly problems: readonly ModelProblem[]; readonly message: string };

/**
 * The only way to a model: reads `<folder>/<settings.model>.json` and proves that the site's settings give a
 * level to exactly the keys that this model has.
 */
export async function loadModelFor(parts: {
  readonly folder: string;
  readonly settings: ButtonSettings;
}): Promise<ModelResult> {
  const { folder, settings } = parts;
  const file = join(folder, `${settings.model}.json`);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return refuse([
      {
        file,
        field: 'model',
        rule: `no model "${settings.model}" can be read there (${error instanceof Error ? error.message : String(error)}); name one whose file exists`,
      },
    ]);
  }
  const read = parseDeviceModel(file, text);
  if (!read.ok) return read;
  if (read.model.id !== settings.model) {
    return refuse([{ file, field: 'id', rule: `must be "${settings.model}", as the file is named` }]);
  }
  const problems = levelProblems(file, read.model, settings);
  return problems.length > 0 ? refuse(problems) : read;
}

/** @param file only named in the problems. */
export function parseDeviceModel(file: string, text: string): ModelResult {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return refuse([{ file, field: '', rule: `must be JSON: ${String(error)}${lineOf(error, text)}` }]);
  }
  const parsed = DeviceModelSchema.safeParse(json);
  if (parsed.success) return { ok: true, model: parsed.data };
  return refuse(
    parsed.error.issues.map((issue) => ({ file, field: issue.path.join('.'), rule: issue.message })),
  );
}

function levelProblems(file: string, model: DeviceModel, settings: ButtonSettings): readonly ModelProblem[] {
  const keys = model.keys.map((key) => String(key.code));
  const given = Object.keys(settings.levels);
  const all = `the keys of this model are ${keys.join(', ')}`;
  return [
    ...keys
      .filter((key) => !given.includes(key))
      .map((key) => ({ file, field: `levels.${key}`, rule: `must name a level 1–5: ${all}` })),
    ...given
      .filter((key) => !keys.includes(key))
      .map((key) => ({ file, field: `levels.${key}`, rule: `must not be there: ${all}` })),
  ];
}

function lineOf(error: unknown, text: string): string {
  const at = /position (\d+)/.exec(String(error))?.[1];
  return at === undefined ? '' : `, line ${text.slice(0, Number(at)).split('\n').length}`;
}

function refuse(problems: readonly ModelProblem[]): ModelResult {
  const message = problems
    .map(({ file, field, rule }) => (field ? `${file}: ${field}: ${rule}` : `${file}: ${rule}`))
    .join('\n');
  return { ok: false, problems, message };
}
