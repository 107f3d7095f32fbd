import { z } from 'zod';
import { hex } from '../decode/hex.ts';
import {
  type ByteTemplate,
  ByteTemplateSchema,
  compileBytes,
  unknownKey,
  type Values,
} from './byte-template.ts';
import { ByteSchema, byteOf, KeyCodeSchema } from './bytes.ts';
import { CHECKS } from './check-sum.ts';
import { type Framing, OUTPUTS, type Output, type Saying, type Signal } from './framing.ts';
import { createWindowDecoder, type Ending } from './window.ts';

/** Frames whose length never changes, drawn byte by byte (→ byte-template.ts). */
export const FixedFramingSchema = z
  .strictObject({
    kind: z.literal('fixed'),
    check: z.strictObject({
      kind: z.enum(CHECKS),
      /** The first byte that it covers, counted from 0; it covers all up to the one before `{check}`. */
      from: z.int().min(0).max(62),
    }),
    press: ByteTemplateSchema,
    /** Key code → its byte. */
    keys: z.record(KeyCodeSchema, ByteSchema),
    /** Right messages of the box that are no press. */
    others: z.array(ByteTemplateSchema).max(8).optional(),
    outputs: z.partialRecord(z.enum(OUTPUTS), ByteTemplateSchema),
  })
  .superRefine((framing, context) => {
    const wrong = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    const count = (text: string, word: string) => text.split(word).length - 1;
    const { check, press, keys, outputs } = framing;
    if (count(press, '{key}') !== 1) wrong(['press'], 'must have {key} exactly once');
    if (count(press, '{address}') > 1) wrong(['press'], 'must have {address} at most once');
    if (!/^[0-9A-F]{2} /.test(press)) wrong(['press'], 'must begin with a byte that never changes');
    if (check.kind === 'none' && compileBytes(press, check).fixed < 2)
      wrong(['press'], 'without a check must have at least two bytes that never change');
    const drawn: readonly (readonly [string[], string])[] = [
      [['press'], press],
      ...(framing.others ?? []).map((text, at): [string[], string] => [['others', String(at)], text]),
      ...Object.entries(outputs).map(([name, text]): [string[], string] => [['outputs', name], text]),
    ];
    for (const [path, text] of drawn) {
      const checks = count(text, '{check}');
      if (checks !== (check.kind === 'none' ? 0 : 1))
        wrong(
          path,
          `must have {check} ${check.kind === 'none' ? 'nowhere' : 'exactly once'}: the check is "${check.kind}"`,
        );
      else if (checks === 1 && check.from >= text.split(' ').indexOf('{check}'))
        wrong(path, `must have {check} behind byte ${check.from}, where it begins to count`);
    }
    if (new Set(Object.values(keys)).size !== Object.keys(keys).length)
      wrong(['keys'], 'must not give two keys the same byte');
  });
export type FixedFraming = z.output<typeof FixedFramingSchema>;

interface Message {
  readonly template: ByteTemplate;
  readonly output: Output | undefined;
  readonly press: boolean;
}

export function fixedFraming(spec: FixedFraming, parts: { readonly address: number | undefined }): Framing {
  const compile = (text: string) => compileBytes(text, spec.check);
  const own = parts.address === undefined ? {} : { address: parts.address };
  const press = compile(spec.press);
  const outputs = new Map<Output, ByteTemplate>();
  for (const output of OUTPUTS) {
    const text = spec.outputs[output];
    if (text !== undefined) outputs.set(output, compile(text));
  }
  const keyOf = new Map(Object.entries(spec.keys).map(([code, byte]) => [byteOf(byte), code]));
  const byteOfKey = new Map(Object.entries(spec.keys).map(([code, byte]) => [code, byteOf(byte)]));
  const messages: readonly Message[] = [
    { template: press, output: undefined, press: true },
    ...(spec.others ?? []).map((text) => ({ template: compile(text), output: undefined, press: false })),
    ...[...outputs].map(([output, template]) => ({ template, output, press: false })),
  ];
  const longest = Math.max(...messages.map(({ template }) => template.length));

  const valuesOf = ({ key, stars }: Saying): Values => ({
    ...own,
    key: byteOfKey.get(key ?? '') ?? 0,
    stars: Math.min(5, Math.max(0, Math.trunc(stars ?? 0))),
  });

  /** A frame that the box and the host would draw alike is a press: the box is who is listened to. */
  function endingAt(line: Uint8Array, from: number, end: number): Ending | undefined {
    let fault: Ending | undefined;
    for (const message of messages) {
      const { template } = message;
      const start = end + 1 - template.length;
      if (start < from) continue;
      const frame = line.subarray(start, end + 1);
      const match = template.match(frame);
      if (match?.kind === 'message') return { kind: 'message', signal: signalOf(message, match.values) };
      if (match && message.press) fault = { kind: 'fault', fault: { code: match.kind, bytes: hex(frame) } };
    }
    return fault;
  }

  function signalOf(message: Message, { address, key }: Values): Signal {
    const from = address === undefined ? {} : { address };
    if (!message.press) return { kind: 'other', ...from };
    return { kind: 'pressed', key: keyOf.get(key ?? -1) ?? unknownKey(key ?? 0), ...from };
  }

  return {
    decoder: () => createWindowDecoder({ longest, endingAt }),
    say: (saying) => outputs.get(saying.output)?.write(valuesOf(saying)),
    box() {
      const said: Saying[] = [];
      const listening = createWindowDecoder({
        longest,
        endingAt(line, from, end) {
          for (const [output, template] of outputs) {
            const start = end + 1 - template.length;
            const match = start < from ? undefined : template.match(line.subarray(start, end + 1));
            if (match?.kind !== 'message') continue;
            const { address, key, stars } = match.values;
            if (address === undefined || address === parts.address)
              said.push({
                output,
                ...(key === undefined ? {} : { key: keyOf.get(key) ?? unknownKey(key) }),
                ...(stars === undefined ? {} : { stars }),
              });
            return { kind: 'message', signal: { kind: 'other' } };
          }
          return undefined;
        },
      });
      return {
        press: (key) => [press.write({ ...own, key: byteOfKey.get(key) ?? 0 })],
        hear(bytes) {
          listening.push(bytes);
          return { sayings: said.splice(0), answers: [] };
        },
      };
    },
  };
}
