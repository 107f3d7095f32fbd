import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { NameSchema, outsideText } from '../shared/words.ts';
import { Ff68FramingSchema } from './framing/ff68-framing.ts';
import { OUTPUTS } from './framing/framing.ts';
import type { ButtonSettings } from './settings.ts';

/** What must be so on the line, whatever travels on it. */
const SerialTransportSchema = z.strictObject({
  kind: z.literal('serial'),
  baudRate: z.int().min(300).max(921_600),
  dataBits: z.union([z.literal(7), z.literal(8)]),
  parity: z.enum(['none', 'even', 'odd']),
  stopBits: z.union([z.literal(1), z.literal(2)]),
});

const UsagePartSchema = z.int().min(0).max(0xffff);

/** Raw reports of a HID interface that is no keyboard; `usagePage`, `usage`, `interface` tell which, where a device has several. */
const HidTransportSchema = z.strictObject({
  kind: z.literal('hid'),
  usagePage: UsagePartSchema.optional(),
  usage: UsagePartSchema.optional(),
  interface: z.int().min(0).max(31).optional(),
  /** Bytes of its longest report without the report id; what is written is filled up to it. */
  reportBytes: z.int().min(1).max(64),
});

/** A pad that types. It is taken for the kiosk alone, and its boot-keyboard reports come as they are. */
const KeyboardTransportSchema = z.strictObject({ kind: z.literal('keyboard') });

const UsbIdSchema = z
  .string()
  .regex(/^[0-9a-f]{4}$/, 'must be four small hexadecimal digits, such as "0fc5"');

const KeyCodeSchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,16}$/, 'must be 1–16 characters without spaces, such as "3" or "KEY1"');

const TimingSchema = z.strictObject({
  /** The same key again within this time, counted from its last sign, is the same press. */
  debounceMs: z.int().min(0).max(5_000),
  /** What arrives this soon after the port was opened is not a citizen: line noise, an old buffer. */
  settleMs: z.int().min(0).max(5_000),
  /** Two keys within this time are a hand on the box: neither is a press. */
  togetherMs: z.int().min(0).max(500).default(60),
  /** A key that is down for this long is stuck, which is said and is no press. */
  stuckMs: z.int().min(1_000).max(120_000).default(10_000),
});

/** What each framing travels on. */
const FITS = { ff68: 'serial' } as const;

/**
 * A kind of button box as data (`assets/device-models/*.json`): how it is found and its line set, how its bytes
 * are framed, which keys it has and what it can be told. What a key *means* is not here: that is the site's decision.
 */
export const DeviceModelSchema = z
  .strictObject({
    /** Also the name of its file. */
    id: z.string().regex(/^[a-z0-9][a-z0-9-]{1,39}$/, 'must be 2–40 small letters, digits or dashes'),
    name: NameSchema,
    /** Where what is written here is from, for the generated page. */
    source: outsideText(400).min(1),
    /** What the box says of itself on USB; absent for boxes on a serial line whose adapter says nothing of them. */
    usb: z
      .array(z.strictObject({ vendorId: UsbIdSchema, productId: UsbIdSchema }))
      .min(1)
      .max(16)
      .optional(),
    transport: z.discriminatedUnion('kind', [
      SerialTransportSchema,
      HidTransportSchema,
      KeyboardTransportSchema,
    ]),
    framing: z.discriminatedUnion('kind', [Ff68FramingSchema]),
    keys: z
      .array(z.strictObject({ code: KeyCodeSchema, label: NameSchema }))
      .min(1)
      .max(32)
      .refine(
        (keys) => new Set(keys.map((key) => key.code)).size === keys.length,
        'must not hold the same code twice',
      ),
    outputs: z.array(z.enum(OUTPUTS)),
    timing: TimingSchema,
    /** Bytes as the box sends them and the key they mean; proved against the decoder by a test and by `model-check`. */
    vectors: z
      .array(
        z.strictObject({
          bytes: z.string().regex(/^[0-9A-F]{2}( [0-9A-F]{2})*$/, 'must be pairs like "FF 68 03"'),
          address: z.int().min(0).max(255).optional(),
          /** `null`: these bytes press nothing. */
          key: KeyCodeSchema.nullable(),
        }),
      )
      .min(1),
  })
  .superRefine(({ framing, transport }, context) => {
    const fits = FITS[framing.kind];
    if (fits !== transport.kind)
      context.addIssue({
        code: 'custom',
        path: ['framing', 'kind'],
        message: `"${framing.kind}" travels on transport "${fits}", not on "${transport.kind}"`,
      });
  })
  .readonly();
export type DeviceModel = z.output<typeof DeviceModelSchema>;
export type Transport = DeviceModel['transport'];
export type SerialLine = Extract<Transport, { readonly kind: 'serial' }>;

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

/** Reads `<folder>/<id>.json`. A model's id is its file's name, so that no two can claim one. */
export async function loadModel(parts: {
  readonly folder: string;
  readonly id: string;
}): Promise<ModelResult> {
  const { folder, id } = parts;
  const file = join(folder, `${id}.json`);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return refuse([
      {
        file,
        field: 'model',
        rule: `no model "${id}" can be read there (${error instanceof Error ? error.message : String(error)}); name one whose file exists`,
      },
    ]);
  }
  const read = parseDeviceModel(file, text);
  if (!read.ok || read.model.id === id) return read;
  return refuse([{ file, field: 'id', rule: `must be "${id}", as the file is named` }]);
}

/** The way of a kiosk to a model: it proves that the site's settings give a meaning to exactly the keys of it. */
export async function loadModelFor(parts: {
  readonly folder: string;
  readonly settings: ButtonSettings;
}): Promise<ModelResult> {
  const { folder, settings } = parts;
  const read = await loadModel({ folder, id: settings.model });
  if (!read.ok) return read;
  const problems = settingsProblems(join(folder, `${settings.model}.json`), read.model, settings);
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

function settingsProblems(
  file: string,
  model: DeviceModel,
  settings: ButtonSettings,
): readonly ModelProblem[] {
  const keys = model.keys.map((key) => key.code);
  const given = Object.keys(settings.levels);
  const all = `the keys of this model are ${keys.join(', ')}`;
  const lost = settings.path === undefined && model.usb === undefined;
  return [
    ...(lost
      ? [{ file, field: 'path', rule: 'must be named: this model says nothing of itself on USB' }]
      : []),
    ...keys
      .filter((key) => !given.includes(key))
      .map((key) => ({ file, field: `levels.${key}`, rule: `must name a level 1–5 or an act: ${all}` })),
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
