import { z } from 'zod';
import { hex } from '../decode/hex.ts';
import { KeyCodeSchema } from './bytes.ts';
import { checkBytes } from './check-sum.ts';
import { type Framing, OUTPUTS, type Output, type Saying, type Signal } from './framing.ts';
import { createWindowDecoder, type Ending } from './window.ts';

const RegisterSchema = z.int().min(0).max(0xffff);
const ANSWER_MIN_MS = 20;
const POLL_MAX_MS = 400;

/**
 * A box that is asked for its keys (Modbus over serial line, RTU; Modbus Application Protocol 1.1b3).
 *
 * ```
 *  ADDR FN  FIRST(2) COUNT(2) CRC(2)     what we ask, FN 1…4
 *  ADDR FN  N  DATA(N)        CRC(2)     what it answers
 *  ADDR FN  AT(2)    VALUE(2) CRC(2)     what we write, FN 5 or 6, and its answer: the same bytes
 *  ADDR FN+80  CODE           CRC(2)     it refuses
 * ```
 */
export const ModbusRtuFramingSchema = z
  .strictObject({
    kind: z.literal('modbus-rtu'),
    /**
     * Between one question to a box and the next; so short that it is known to be gone within two seconds
     * (→ ../liveness.ts). Boxes on one line are asked in turn, and faster the more there are (→ ../poll-plan.ts).
     */
    pollMs: z.int().min(ANSWER_MIN_MS).max(POLL_MAX_MS),
    /** How long nothing else is said while an answer is waited for: the line is half duplex. */
    answerMs: z.int().min(ANSWER_MIN_MS).max(POLL_MAX_MS),
    read: z.strictObject({
      /** 1 coils, 2 discrete inputs, 3 holding registers, 4 input registers. */
      function: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]),
      first: RegisterSchema,
      /** Bits for functions 1 and 2, registers for 3 and 4. */
      count: z.int().min(1).max(64),
    }),
    down: z.discriminatedUnion('by', [
      /** Each key has its bit in the answer, counted from 0; a register has 16, its lowest first. */
      z.strictObject({ by: z.literal('bit'), keys: z.record(KeyCodeSchema, z.int().min(0).max(1_023)) }),
      /** One register of the answer, counted from 0, holds the number of the key that is down, or 0. */
      z.strictObject({
        by: z.literal('value'),
        register: z.int().min(0).max(63),
        keys: z.record(KeyCodeSchema, z.int().min(1).max(0xffff)),
      }),
    ]),
    outputs: z.partialRecord(
      z.enum(OUTPUTS),
      z.discriminatedUnion('write', [
        z.strictObject({ write: z.literal('coil'), at: RegisterSchema, on: z.boolean() }),
        z.strictObject({
          write: z.literal('register'),
          at: RegisterSchema,
          value: z.union([RegisterSchema, z.literal('stars')]),
        }),
      ]),
    ),
  })
  .superRefine(({ pollMs, answerMs, read, down }, context) => {
    const wrong = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    const bits = read.function < 3;
    if (answerMs > pollMs) wrong(['answerMs'], `must be at most pollMs, ${pollMs}`);
    if (down.by === 'value' && bits) wrong(['down', 'by'], 'must be "bit": functions 1 and 2 read bits');
    if (down.by === 'value' && down.register >= read.count)
      wrong(['down', 'register'], `must be below ${read.count}, the registers that are read`);
    const end = bits ? read.count : read.count * 16;
    if (down.by === 'bit')
      for (const [key, bit] of Object.entries(down.keys))
        if (bit >= end) wrong(['down', 'keys', key], `must be below ${end}, the bits that are read`);
    const given = Object.values<number>(down.keys);
    if (new Set(given).size !== given.length)
      wrong(['down', 'keys'], 'must not give two keys the same place');
  });
export type ModbusRtuFraming = z.output<typeof ModbusRtuFramingSchema>;

const WRITE_COIL = 5;
const WRITE_REGISTER = 6;
const COIL_ON = 0xff00;
const REFUSED = 0x80;
/** Every request, and the answer to a write. */
const REQUEST_LENGTH = 8;
const EXCEPTION_LENGTH = 5;
/** Address, function, number of data bytes, check: an answer without its data. */
const ANSWER_ENVELOPE = 5;
const MAX_ADDRESS = 247;

export function modbusRtuFraming(spec: ModbusRtuFraming, parts: { readonly address: number }): Framing {
  const { address } = parts;
  const { read, down } = spec;
  const dataBytes = read.function < 3 ? Math.ceil(read.count / 8) : read.count * 2;
  const longest = Math.max(REQUEST_LENGTH, dataBytes + ANSWER_ENVELOPE);
  const question = message([address, read.function, ...word(read.first), ...word(read.count)]);
  const writes = new Map<Output, (saying: Saying) => Uint8Array>();
  for (const output of OUTPUTS) {
    const write = spec.outputs[output];
    if (write?.write === 'coil')
      writes.set(output, () =>
        message([address, WRITE_COIL, ...word(write.at), ...word(write.on ? COIL_ON : 0)]),
      );
    if (write?.write === 'register')
      writes.set(output, ({ stars }) =>
        message([
          address,
          WRITE_REGISTER,
          ...word(write.at),
          ...word(write.value === 'stars' ? starsIn(stars) : write.value),
        ]),
      );
  }

  function keysDown(data: Uint8Array): readonly string[] {
    if (down.by === 'value') {
      const at = down.register * 2;
      const value = ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0);
      if (value === 0) return [];
      const key = Object.entries(down.keys).find(([, its]) => its === value)?.[0];
      return [key ?? `#${value}`];
    }
    return Object.entries(down.keys)
      .filter(([, bit]) => (data[byteOfBit(bit)] ?? 0) & (1 << (bit % 8)))
      .map(([key]) => key);
  }

  /** Registers travel with their high byte first, bits with the lowest byte first. */
  function byteOfBit(bit: number): number {
    const byte = bit >> 3;
    return read.function < 3 ? byte : byte ^ 1;
  }

  function dataOf(keys: readonly string[]): readonly number[] {
    const data = new Uint8Array(dataBytes);
    for (const key of keys) {
      const place = down.keys[key] ?? 0;
      if (down.by === 'value') data.set(word(place), down.register * 2);
      else data[byteOfBit(place)] = (data[byteOfBit(place)] ?? 0) | (1 << (place % 8));
    }
    return [...data];
  }

  function endingAt(line: Uint8Array, from: number, end: number): Ending | undefined {
    const ending = (length: number) => {
      const start = end + 1 - length;
      const from1 = line[start] ?? 0;
      return start >= from && from1 >= 1 && from1 <= MAX_ADDRESS ? line.subarray(start, end + 1) : undefined;
    };
    const told = (signal: Signal): Ending => ({ kind: 'message', signal });

    const answer = ending(dataBytes + ANSWER_ENVELOPE);
    const isAnswer = answer?.[1] === read.function && answer[2] === dataBytes;
    if (answer && isAnswer && isRight(answer)) {
      const keys = keysDown(answer.subarray(3, 3 + dataBytes));
      return told({ kind: 'down', keys, address: answer[0] ?? 0 });
    }
    const request = ending(REQUEST_LENGTH);
    const func = request?.[1] ?? 0;
    // Our own words, which a two-wire line gives back, and the answer to a write, which is the same bytes.
    const known = func === read.function || func === WRITE_COIL || func === WRITE_REGISTER;
    if (request && known && isRight(request)) return told({ kind: 'other', address: request[0] ?? 0 });
    const refusal = ending(EXCEPTION_LENGTH);
    if (refusal && isRefusal(refusal[1] ?? 0) && isRight(refusal))
      return told({ kind: 'other', address: refusal[0] ?? 0 });
    if (answer && isAnswer) return { kind: 'fault', fault: { code: 'badChecksum', bytes: hex(answer) } };
    return undefined;
  }

  const isRefusal = (func: number) =>
    [read.function, WRITE_COIL, WRITE_REGISTER].some((known) => func === (known | REFUSED));

  return {
    address,
    decoder: () => createWindowDecoder({ longest, endingAt }),
    say: (saying) => writes.get(saying.output)?.(saying),
    poll: { everyMs: spec.pollMs, answerMs: spec.answerMs, ask: () => question },
    box() {
      /** What the next questions are answered: a key is down in one answer and up in the next. */
      const turns: (readonly string[])[] = [];
      const heard: Saying[] = [];
      const answers: Uint8Array[] = [];
      const listening = createWindowDecoder({
        longest: REQUEST_LENGTH,
        endingAt(line, from, end) {
          const start = end + 1 - REQUEST_LENGTH;
          const request = line.subarray(Math.max(0, start), end + 1);
          if (start < from || request[0] !== address || !isRight(request)) return undefined;
          const [, func = 0] = request;
          if (func === read.function) {
            const data = dataOf(turns.shift() ?? []);
            answers.push(message([address, func, dataBytes, ...data]));
          } else {
            const saying = sayingOf(request);
            if (saying) heard.push(saying);
            answers.push(saying ? request.slice() : message([address, func | REFUSED, 2]));
          }
          return { kind: 'message', signal: { kind: 'other' } };
        },
      });
      return {
        press(key) {
          turns.push([key], []);
          return [];
        },
        hear(bytes) {
          listening.push(bytes);
          return { sayings: heard.splice(0), answers: answers.splice(0) };
        },
      };
    },
  };

  function sayingOf(request: Uint8Array): Saying | undefined {
    const stars = request[5] ?? 0;
    for (const [output, write] of writes) {
      const withStars = { output, stars } as const;
      if (hex(write(withStars)) !== hex(request)) continue;
      const spoken = spec.outputs[output];
      return spoken?.write === 'register' && spoken.value === 'stars' ? withStars : { output };
    }
    return undefined;
  }
}

function starsIn(stars: number | undefined): number {
  return Math.min(5, Math.max(0, Math.trunc(stars ?? 0)));
}

function word(value: number): readonly [number, number] {
  return [value >> 8, value & 0xff];
}

function message(body: readonly number[]): Uint8Array {
  return Uint8Array.from([...body, ...checkBytes('crc16-modbus', Uint8Array.from(body))]);
}

function isRight(frame: Uint8Array): boolean {
  const [low, high] = checkBytes('crc16-modbus', frame.subarray(0, -2));
  return frame.at(-2) === low && frame.at(-1) === high;
}
