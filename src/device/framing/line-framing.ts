import { z } from 'zod';
import { fromHex, hex } from '../decode/hex.ts';
import { HexSchema, KeyCodeSchema } from './bytes.ts';
import {
  type Decoded,
  type Decoder,
  type Framing,
  type LineFault,
  OUTPUTS,
  type Output,
  type Saying,
  type Signal,
} from './framing.ts';
import { compileText, type TextTemplate, TextTemplateSchema } from './text-template.ts';

/** Lines of text with an end: what boxes with a microcontroller of their own like to speak. */
export const LineFramingSchema = z
  .strictObject({
    kind: z.literal('line'),
    /** Ends a line, both ways. */
    end: HexSchema,
    /** A longer line is noise; it is dropped up to its end. */
    maxBytes: z.int().min(1).max(256),
    press: TextTemplateSchema,
    /** Key code → the text that stands for it in a line. */
    keys: z.record(
      KeyCodeSchema,
      z.string().regex(/^[\x20-\x7e]{1,16}$/, 'must be 1–16 printable characters'),
    ),
    /** Right lines of the box that are no press. */
    others: z.array(TextTemplateSchema).max(8).optional(),
    outputs: z.partialRecord(z.enum(OUTPUTS), TextTemplateSchema),
  })
  .superRefine(({ end, press, keys }, context) => {
    const wrong = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (end.split(' ').length > 4) wrong(['end'], 'must be 1–4 bytes');
    if (press.split('{key}').length !== 2) wrong(['press'], 'must have {key} exactly once');
    if (press.split('{address}').length > 2) wrong(['press'], 'must have {address} at most once');
    if (new Set(Object.values(keys)).size !== Object.keys(keys).length)
      wrong(['keys'], 'must not give two keys the same text');
  });
export type LineFraming = z.output<typeof LineFramingSchema>;

export function lineFraming(spec: LineFraming, parts: { readonly address: number | undefined }): Framing {
  const { address } = parts;
  const end = fromHex(spec.end);
  const press = compileText(spec.press);
  const others = (spec.others ?? []).map(compileText);
  const outputs = new Map<Output, TextTemplate>();
  for (const output of OUTPUTS) {
    const text = spec.outputs[output];
    if (text !== undefined) outputs.set(output, compileText(text));
  }
  const keyOf = new Map(Object.entries(spec.keys).map(([code, text]) => [text, code]));
  const own = address === undefined ? {} : { address };
  const bytesOf = (text: string) => Uint8Array.from([...new TextEncoder().encode(text), ...end]);

  function read(line: Uint8Array): Signal | LineFault {
    const text = textOf(line);
    const found = press.match(text);
    const key = keyOf.get(found?.key ?? '');
    if (found && key !== undefined) return { kind: 'pressed', key, ...addressIn(found.address) };
    const known = [...others, ...outputs.values()].some((template) => template.match(text));
    if (known) return { kind: 'other' };
    // A key that it does not have, or two lines grown together: which of them, the bytes tell.
    return { code: 'notAMessage', bytes: hex(line) };
  }

  function heard(line: Uint8Array): readonly Saying[] {
    for (const [output, template] of outputs) {
      const found = template.match(textOf(line));
      if (!found) continue;
      if (found.address !== undefined && Number(found.address) !== address) return [];
      const key = found.key === undefined ? undefined : (keyOf.get(found.key) ?? found.key);
      return [
        {
          output,
          ...(key === undefined ? {} : { key }),
          ...(found.stars === undefined ? {} : { stars: Number(found.stars) }),
        },
      ];
    }
    return [];
  }

  return {
    decoder: () => createLineDecoder({ end, maxBytes: spec.maxBytes, read }),
    say({ output, key, stars }) {
      const line = outputs.get(output)?.write({
        ...own,
        key: spec.keys[key ?? ''] ?? '',
        stars: Math.min(5, Math.max(0, Math.trunc(stars ?? 0))),
      });
      return line === undefined ? undefined : bytesOf(line);
    },
    box() {
      const lines = createLineSplitter({ end, maxBytes: spec.maxBytes });
      return {
        press: (key) => [bytesOf(press.write({ ...own, key: spec.keys[key] ?? key }))],
        hear(bytes) {
          const sayings: Saying[] = [];
          for (const byte of bytes) {
            const line = lines.take(byte);
            if (line) sayings.push(...heard(line.bytes));
          }
          return { sayings, answers: [] };
        },
      };
    },
  };
}

function addressIn(text: string | undefined): { readonly address?: number } {
  return text === undefined ? {} : { address: Number(text) };
}

function textOf(line: Uint8Array): string {
  return String.fromCharCode(...line);
}

interface Line {
  readonly bytes: Uint8Array;
  readonly tooLong: boolean;
}

/** Keeps `maxBytes` and an end, never more; of a longer line only its beginning. */
function createLineSplitter(parts: { readonly end: Uint8Array; readonly maxBytes: number }): {
  take(byte: number): Line | undefined;
  readonly held: number;
} {
  const { end, maxBytes } = parts;
  let bytes: number[] = [];
  let last: number[] = [];
  let length = 0;
  return {
    take(byte) {
      length += 1;
      if (bytes.length < maxBytes + end.length) bytes.push(byte);
      last = [...last, byte].slice(-end.length);
      const longest = maxBytes + end.length;
      // Said at once and once: a box that speaks otherwise may never end a line.
      const growsTooLong =
        length === longest + 1 ? { bytes: Uint8Array.from(bytes), tooLong: true } : undefined;
      if (last.length < end.length || !last.every((one, at) => one === end[at])) return growsTooLong;
      const line =
        length > longest
          ? growsTooLong
          : { bytes: Uint8Array.from(bytes.slice(0, -end.length)), tooLong: false };
      bytes = [];
      last = [];
      length = 0;
      return line;
    },
    get held() {
      return bytes.length;
    },
  };
}

function createLineDecoder(parts: {
  readonly end: Uint8Array;
  readonly maxBytes: number;
  readonly read: (line: Uint8Array) => Signal | LineFault;
}): Decoder {
  const lines = createLineSplitter(parts);
  return {
    push(bytes): Decoded {
      const signals: Signal[] = [];
      const faults: LineFault[] = [];
      for (const byte of bytes) {
        const line = lines.take(byte);
        // An empty line is what is left of an end that is sent twice.
        if (!line || line.bytes.length === 0) continue;
        const found = line.tooLong
          ? ({ code: 'tooLong', bytes: hex(line.bytes) } as const)
          : parts.read(line.bytes);
        if ('kind' in found) signals.push(found);
        else faults.push(found);
      }
      return { signals, faults };
    },
    get held() {
      return lines.held;
    },
  };
}
