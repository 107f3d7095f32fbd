import { z } from 'zod';
import { NameSchema, outsideText } from '../shared/words.ts';
import { HexSchema, KeyCodeSchema } from './framing/bytes.ts';
import { FF68_OUTPUTS, Ff68FramingSchema } from './framing/ff68-framing.ts';
import { FixedFramingSchema } from './framing/fixed-framing.ts';
import { OUTPUTS, type Output } from './framing/framing.ts';
import { HidReportFramingSchema } from './framing/hid-report-framing.ts';
import { KeyCodesFramingSchema } from './framing/key-codes-framing.ts';
import { LineFramingSchema } from './framing/line-framing.ts';
import { ModbusRtuFramingSchema } from './framing/modbus-rtu-framing.ts';

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

const TimingSchema = z.strictObject({
  /** The same key again within this time, counted from its last sign, is the same press. */
  debounceMs: z.int().min(0).max(5_000),
  /** What arrives this soon after the port was opened is not a citizen: line noise, an old buffer. */
  settleMs: z.int().min(0).max(5_000),
  /** Two keys within this time are a hand on the box: neither is a press. */
  togetherMs: z.int().min(0).max(500).default(60),
  /** A box that says a held key again and again: how often. Without it, such a box cannot tell that a key is held. */
  repeatMs: z.int().min(10).max(1_000).optional(),
  /** A key that is down for this long is stuck, which is said and is no press. */
  stuckMs: z.int().min(1_000).max(120_000).default(10_000),
});

const FramingSchema = z.discriminatedUnion('kind', [
  Ff68FramingSchema,
  LineFramingSchema,
  FixedFramingSchema,
  ModbusRtuFramingSchema,
  HidReportFramingSchema,
  KeyCodesFramingSchema,
]);
type FramingSpec = z.output<typeof FramingSchema>;

/** What each framing travels on. */
const FITS: Readonly<Record<FramingSpec['kind'], 'serial' | 'hid' | 'keyboard'>> = {
  ff68: 'serial',
  line: 'serial',
  fixed: 'serial',
  'modbus-rtu': 'serial',
  'hid-report': 'hid',
  'key-codes': 'keyboard',
};

const AddressSchema = z.int().min(0).max(255);

/** Bytes as the box sends them and the key they mean. */
const VectorSchema = z.strictObject({
  bytes: HexSchema,
  address: AddressSchema.optional(),
  /** `null`: these bytes press nothing. */
  key: KeyCodeSchema.nullable(),
});

/** What the box is told, and the bytes that it is told with. */
const OutputVectorSchema = z.strictObject({
  output: z.enum(OUTPUTS),
  bytes: HexSchema,
  address: AddressSchema.optional(),
  key: KeyCodeSchema.optional(),
  stars: z.int().min(0).max(5).optional(),
  digits: z
    .string()
    .regex(/^[0-9 ]{1,6}$/, 'must be up to six digits and blanks')
    .optional(),
  acknowledge: z.enum(['A', 'B']).optional(),
});

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
    framing: FramingSchema,
    /** None: a lamp. */
    keys: z
      .array(z.strictObject({ code: KeyCodeSchema, label: NameSchema }))
      .max(32)
      .refine(
        (keys) => new Set(keys.map((key) => key.code)).size === keys.length,
        'must not hold the same code twice',
      ),
    outputs: z
      .array(z.enum(OUTPUTS))
      .refine((outputs) => new Set(outputs).size === outputs.length, 'must not hold the same output twice'),
    timing: TimingSchema,
    /** Proved against the framing by a test and by `model-check`; each key and each output has one. */
    vectors: z.array(VectorSchema).max(64),
    outputVectors: z.array(OutputVectorSchema).max(64),
  })
  .superRefine((model, context) => {
    const wrong = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    const { framing, transport, keys, outputs, timing, vectors, outputVectors } = model;
    const fits = FITS[framing.kind];
    if (fits !== transport.kind)
      wrong(
        ['framing', 'kind'],
        `"${framing.kind}" travels on transport "${fits}", not on "${transport.kind}"`,
      );
    if (keys.length + outputs.length === 0) wrong(['keys'], 'must hold a key, or "outputs" an output');

    if (timing.repeatMs !== undefined && timing.repeatMs * 1.5 > timing.debounceMs)
      wrong(
        ['timing', 'repeatMs'],
        'must be at most two thirds of "debounceMs", or each repetition is a press',
      );

    const framed = framedKeys(framing);
    keys.forEach(({ code }, at) => {
      if (framed && !framed.keys.includes(code))
        wrong(['keys', at, 'code'], `"${code}" must have its place in ${framed.path.join('.')}`);
      if (!vectors.some(({ key }) => key === code))
        wrong(['keys', at, 'code'], `"${code}" must have a vector: bytes that press it`);
    });
    for (const code of framed?.keys ?? [])
      if (!keys.some((key) => key.code === code))
        wrong([...(framed?.path ?? []), code], `must not be there: "keys" has no "${code}"`);
    vectors.forEach(({ key }, at) => {
      if (key !== null && !keys.some(({ code }) => code === key))
        wrong(['vectors', at, 'key'], `must be a key of this model: it has no "${key}"`);
    });

    const spoken = framedOutputs(framing);
    outputs.forEach((output, at) => {
      if (!spoken.includes(output))
        wrong(['outputs', at], `must be said by the framing: "${framing.kind}" has no "${output}" here`);
      if (!outputVectors.some((vector) => vector.output === output))
        wrong(['outputs', at], `must have an output vector: the bytes of "${output}"`);
    });
    if ('outputs' in framing)
      for (const output of spoken)
        if (!outputs.includes(output))
          wrong(['framing', 'outputs', output], 'must not be there: "outputs" does not name it');
    outputVectors.forEach(({ output }, at) => {
      if (!outputs.includes(output))
        wrong(['outputVectors', at, 'output'], `must be an output of this model: it has no "${output}"`);
    });
  })
  .readonly();
export type DeviceModel = z.output<typeof DeviceModelSchema>;
export type Transport = DeviceModel['transport'];
export type SerialLine = Extract<Transport, { readonly kind: 'serial' }>;

/** The keys that a framing itself names, and where it does; a bus of fixed meaning names none. */
function framedKeys(
  framing: FramingSpec,
): { readonly keys: readonly string[]; readonly path: readonly string[] } | undefined {
  if ('keys' in framing) return { keys: Object.keys(framing.keys), path: ['framing', 'keys'] };
  if ('down' in framing) return { keys: Object.keys(framing.down.keys), path: ['framing', 'down', 'keys'] };
  return undefined;
}

function framedOutputs(framing: FramingSpec): readonly Output[] {
  if (framing.kind === 'ff68') return FF68_OUTPUTS;
  return 'outputs' in framing ? OUTPUTS.filter((output) => framing.outputs[output] !== undefined) : [];
}
