import { z } from 'zod';
import { fromHex, hex } from '../decode/hex.ts';
import { unknownKey } from './byte-template.ts';
import { ByteSchema, byteOf, HexSchema, KeyCodeSchema } from './bytes.ts';
import { type Framing, OUTPUTS, type Saying } from './framing.ts';

const PositionSchema = z.int().min(0).max(63);

/** Whole reports, one at a time: no cutting, no checksum, the bus has seen to both. */
export const HidReportFramingSchema = z
  .strictObject({
    kind: z.literal('hid-report'),
    /** Of the report that tells of keys; absent when the device numbers none. */
    reportId: z.int().min(1).max(255).optional(),
    /** Bytes of that report behind its id. */
    length: z.int().min(1).max(64),
    down: z.discriminatedUnion('by', [
      /** Each key has its bit: byte behind the id, counted from 0, and bit, the lowest is 0. */
      z.strictObject({
        by: z.literal('bit'),
        keys: z.record(KeyCodeSchema, z.strictObject({ byte: PositionSchema, bit: z.int().min(0).max(7) })),
      }),
      /** One byte holds the number of the key that is down, or 0. */
      z.strictObject({
        by: z.literal('value'),
        byte: PositionSchema,
        keys: z.record(KeyCodeSchema, ByteSchema),
      }),
    ]),
    /** What is written, with the report id in front (00 where the device numbers none); filled up with `fill`. */
    outputs: z.partialRecord(z.enum(OUTPUTS), HexSchema),
    fill: ByteSchema.default('00'),
  })
  .superRefine(({ length, down }, context) => {
    const wrong = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    const inside = `must be below ${length}, the bytes of the report`;
    if (down.by === 'value' && down.byte >= length) wrong(['down', 'byte'], inside);
    if (down.by === 'bit')
      for (const [key, { byte }] of Object.entries(down.keys))
        if (byte >= length) wrong(['down', 'keys', key, 'byte'], inside);
    const given = Object.values<unknown>(down.keys).map((place) => JSON.stringify(place));
    if (new Set(given).size !== given.length)
      wrong(['down', 'keys'], 'must not give two keys the same place');
    if (down.by === 'value' && Object.values(down.keys).includes('00'))
      wrong(['down', 'keys'], 'must not give a key the byte 00: it says that none is down');
  });
export type HidReportFraming = z.output<typeof HidReportFramingSchema>;

/** @param parts.reportBytes of the device's longest report, without its id. */
export function hidReportFraming(spec: HidReportFraming, parts: { readonly reportBytes: number }): Framing {
  const { reportId, down } = spec;
  const idBytes = reportId === undefined ? 0 : 1;

  function outputReport(text: string): Uint8Array {
    const said = fromHex(text);
    const report = new Uint8Array(Math.max(said.length, parts.reportBytes + 1)).fill(byteOf(spec.fill));
    report.set(said);
    return report;
  }

  function keysDown(report: Uint8Array): readonly string[] {
    if (down.by === 'bit')
      return Object.entries(down.keys)
        .filter(([, { byte, bit }]) => (report[idBytes + byte] ?? 0) & (1 << bit))
        .map(([key]) => key);
    const value = report[idBytes + down.byte] ?? 0;
    if (value === 0) return [];
    const key = Object.entries(down.keys).find(([, its]) => byteOf(its) === value)?.[0];
    return [key ?? unknownKey(value)];
  }

  function reportOf(key: string | undefined): Uint8Array {
    const report = new Uint8Array(idBytes + spec.length);
    if (reportId !== undefined) report[0] = reportId;
    if (key === undefined) return report;
    if (down.by === 'bit') {
      const place = down.keys[key];
      if (place) report[idBytes + place.byte] = 1 << place.bit;
    } else {
      report[idBytes + down.byte] = byteOf(down.keys[key] ?? '00');
    }
    return report;
  }

  return {
    decoder: () => ({
      push(report) {
        // Another report of the same device: battery, version, the answer to something.
        if (reportId !== undefined && report[0] !== reportId && report.length > 0)
          return { signals: [{ kind: 'other' }], faults: [] };
        if (report.length !== idBytes + spec.length)
          return { signals: [], faults: [{ code: 'badLength', bytes: hex(report.subarray(0, 65)) }] };
        return { signals: [{ kind: 'down', keys: keysDown(report) }], faults: [] };
      },
      held: 0,
    }),
    say({ output }) {
      const text = spec.outputs[output];
      return text === undefined ? undefined : outputReport(text);
    },
    box: () => ({
      press: (key) => [reportOf(key), reportOf(undefined)],
      hear(report) {
        const sayings: Saying[] = OUTPUTS.filter((output) => {
          const text = spec.outputs[output];
          return text !== undefined && hex(outputReport(text)) === hex(report);
        }).map((output) => ({ output }));
        return { sayings: sayings.slice(0, 1), answers: [] };
      },
    }),
  };
}
