import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shippedModel } from '../../../test/support/device-model.ts';
import { fromHex, hex } from '../decode/hex.ts';
import { compileBytes } from './byte-template.ts';
import { checkBytes } from './check-sum.ts';
import type { Decoded, Decoder, Saying } from './framing.ts';
import { framingOf } from './framing-of.ts';
import { lineFraming } from './line-framing.ts';
import { modbusRtuFraming } from './modbus-rtu-framing.ts';

const LINES = [
  'ff68',
  'generic-line',
  'generic-fixed-xor8',
  'generic-fixed-sum8',
  'generic-fixed-crc16',
  'generic-modbus-rtu',
] as const;
const REPORTS = ['generic-hid-pad', 'keypad-4', 'keypad-5'] as const;

const modelOf = async (id: string) => {
  const model = await shippedModel(id);
  const address = model.vectors.find((vector) => vector.address !== undefined)?.address;
  return { model, framing: framingOf(model, { address }), codes: model.keys.map(({ code }) => code) };
};
const signalsOf = (decoder: Decoder, pieces: readonly Uint8Array[]): Decoded => {
  const decoded = pieces.map((piece) => decoder.push(piece));
  return {
    signals: decoded.flatMap(({ signals }) => signals),
    faults: decoded.flatMap(({ faults }) => faults),
  };
};
const cutUp = (line: Uint8Array, sizes: readonly number[]) => {
  const pieces: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < line.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    pieces.push(line.subarray(at, at + size));
    at += size;
  }
  return pieces;
};
const cuts = fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 8 });

describe.each(LINES)('%s', (id) => {
  it('makes the same of the same bytes however they are cut, and holds little', async () => {
    const { model, framing } = await modelOf(id);
    const pieces = model.vectors.map(({ bytes }) => fromHex(bytes));
    const like = [...new Set(pieces.flatMap((piece) => [...piece]))];
    const stream = fc
      .array(
        fc.oneof(
          fc.constantFrom(...pieces.map((piece) => [...piece])),
          fc.array(fc.oneof(fc.constantFrom(...like), fc.integer({ min: 0, max: 255 })), { maxLength: 40 }),
        ),
        { maxLength: 8 },
      )
      .map((parts) => Uint8Array.from(parts.flat()));
    fc.assert(
      fc.property(stream, cuts, (line, sizes) => {
        const cut = framing.decoder();
        expect(signalsOf(cut, cutUp(line, sizes))).toEqual(framing.decoder().push(line));
        expect(cut.held).toBeLessThanOrEqual(64);
      }),
      { numRuns: 300 },
    );
  });

  it('hears each key of its box, in order, however the bytes are cut', async () => {
    const { framing, codes } = await modelOf(id);
    const ask = framing.poll?.ask();
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...codes), { maxLength: 10 }), cuts, (keys, sizes) => {
        const box = framing.box();
        // A box that is asked tells a key in one answer and nothing in the next.
        const bytes = keys.flatMap((key) => [
          ...box.press(key),
          ...(ask ? [ask, ask].flatMap((asked) => box.hear(asked).answers) : []),
        ]);
        const line = Uint8Array.from(bytes.flatMap((piece) => [...piece]));
        const { signals, faults } = signalsOf(framing.decoder(), cutUp(line, sizes));
        const heard = signals.flatMap((signal) =>
          signal.kind === 'pressed' ? [signal.key] : signal.kind === 'down' ? signal.keys : [],
        );
        expect({ heard, faults }).toEqual({ heard: keys, faults: [] });
      }),
      { numRuns: 200 },
    );
  });

  it('says what its box understands, however the bytes are cut, and takes its own words for no press', async () => {
    const { model, framing } = await modelOf(id);
    const saying = fc.constantFrom(
      ...model.outputs.map(
        (output): Saying =>
          output === 'stars'
            ? { output, stars: 4 }
            : output === 'display'
              ? { output, digits: '   023' }
              : id === 'ff68' && output === 'acknowledge'
                ? { output, key: '2' }
                : { output },
      ),
    );
    fc.assert(
      fc.property(fc.array(saying, { maxLength: 6 }), cuts, (sayings, sizes) => {
        const box = framing.box();
        const line = Uint8Array.from(sayings.flatMap((one) => [...(framing.say(one) ?? [])]));
        expect(cutUp(line, sizes).flatMap((piece) => box.hear(piece).sayings)).toEqual(sayings);
        const { signals } = framing.decoder().push(line);
        expect(signals.filter(({ kind }) => kind === 'pressed' || kind === 'down')).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

describe.each(REPORTS)('%s', (id) => {
  it('hears each key go down and up, and throws at no report', async () => {
    const { framing, codes } = await modelOf(id);
    for (const key of codes) {
      const { signals } = signalsOf(framing.decoder(), framing.box().press(key));
      expect(signals).toEqual([
        { kind: 'down', keys: [key] },
        { kind: 'down', keys: [] },
      ]);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (report) => {
        const decoder = framing.decoder();
        const { signals, faults } = decoder.push(report);
        expect(signals.length + faults.length).toBe(1);
        expect(decoder.held).toBe(0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('several keys at once', () => {
  it('are all told', async () => {
    const pad = (await modelOf('keypad-5')).framing.decoder();
    const hid = (await modelOf('generic-hid-pad')).framing.decoder();
    expect(pad.push(fromHex('00 00 1E 22 00 00 00 00')).signals).toEqual([
      { kind: 'down', keys: ['1', '5'] },
    ]);
    expect(hid.push(fromHex('11 00 00 00 00 00 00 00')).signals).toEqual([
      { kind: 'down', keys: ['1', '5'] },
    ]);
  });

  it('more than a pad can tell press nothing, and a key that it does not have is shown as it came', async () => {
    const pad = (await modelOf('keypad-5')).framing.decoder();
    expect(pad.push(fromHex('00 00 01 01 01 01 01 01')).signals).toEqual([{ kind: 'other' }]);
    expect(pad.push(fromHex('00 00 04 00 00 00 00 00')).signals).toEqual([{ kind: 'down', keys: ['0x04'] }]);
    expect(pad.push(fromHex('00 00 28 1E 00 00 00 00')).signals).toEqual([{ kind: 'down', keys: ['1'] }]);
  });
});

describe('checks, as they are known', () => {
  const digits = new TextEncoder().encode('123456789');
  it.each([
    ['sum8', [0xdd]],
    ['xor8', [0x31]],
    // CRC-16/MODBUS of "123456789" is 4B37; its low byte travels first.
    ['crc16-modbus', [0x37, 0x4b]],
    ['none', []],
  ] as const)('%s', (check, bytes) => {
    expect(checkBytes(check, digits)).toEqual(bytes);
  });

  it.each(['generic-fixed-xor8', 'generic-fixed-sum8', 'generic-fixed-crc16', 'generic-modbus-rtu'])(
    'no single wrong bit presses: %s',
    async (id) => {
      const { model, framing } = await modelOf(id);
      for (const { bytes, key } of model.vectors) {
        if (key === null) continue;
        const frame = fromHex(bytes);
        for (let bit = 0; bit < frame.length * 8; bit++) {
          const broken = frame.slice();
          broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          const { signals } = framing.decoder().push(broken);
          expect(signals.filter(({ kind }) => kind === 'pressed' || kind === 'down')).toEqual([]);
        }
      }
    },
  );
});

describe('a frame of fixed length', () => {
  it('is drawn and read by the same template', () => {
    const template = compileBytes('A0 {address} {key} {check} A5', { kind: 'xor8', from: 1 });
    const frame = template.write({ address: 7, key: 3 });
    expect(hex(frame)).toBe('A0 07 03 04 A5');
    expect(template.match(frame)).toEqual({ kind: 'message', values: { address: 7, key: 3 } });
    expect(template.match(fromHex('A0 07 03 04 A6'))).toEqual({ kind: 'badTail' });
    expect(template.match(fromHex('A0 07 03 05 A5'))).toEqual({ kind: 'badChecksum' });
    expect(template.match(fromHex('A1 07 03 04 A5'))).toBeUndefined();
  });

  it('with a wrong check or end is a fault that is named', async () => {
    const { framing } = await modelOf('generic-fixed-xor8');
    const codes = (text: string) =>
      framing
        .decoder()
        .push(fromHex(text))
        .faults.map(({ code }) => code);
    expect(codes('AA 55 01 11 05 14 0D')).toEqual(['badChecksum']);
    expect(codes('AA 55 01 11 05 15 0A')).toEqual(['badTail']);
  });
});

describe('a line of text', () => {
  const framing = lineFraming(
    {
      kind: 'line',
      end: '0A',
      maxBytes: 12,
      press: '#{address}K{key}',
      keys: { A: '1' },
      outputs: { stars: '#{address}S{stars}' },
    },
    { address: 3 },
  );
  const push = (text: string) => framing.decoder().push(new TextEncoder().encode(text));

  it('may name an address, both ways', () => {
    expect(push('#12K1\n').signals).toEqual([{ kind: 'pressed', key: 'A', address: 12 }]);
    expect(new TextDecoder().decode(framing.say({ output: 'stars', stars: 9 }))).toBe('#3S5\n');
  });

  it('that is too long is dropped up to its end, once, with its beginning told', () => {
    const { signals, faults } = push(`${'x'.repeat(5_000)}\n#3K1\n`);
    expect(faults).toMatchObject([{ code: 'tooLong' }]);
    expect(faults[0]?.bytes.length).toBeLessThan(50);
    expect(signals).toEqual([{ kind: 'pressed', key: 'A', address: 3 }]);
  });

  it('of a key that it does not have, and any other line, is a fault', () => {
    expect(push('#3K9\n').faults).toEqual([{ code: 'notAMessage', bytes: '23 33 4B 39' }]);
    expect(push('hello\n').faults).toEqual([{ code: 'notAMessage', bytes: '68 65 6C 6C 6F' }]);
  });
});

describe('a box that is asked', () => {
  it('may tell its key by the value of a register or by a bit of one', () => {
    const read = { function: 3, first: 0x10, count: 2 } as const;
    const rest = { kind: 'modbus-rtu', pollMs: 50, answerMs: 40, read, outputs: {} } as const;
    const byValue = modbusRtuFraming(
      { ...rest, down: { by: 'value', register: 1, keys: { '5': 500 } } },
      { address: 9 },
    );
    const byBit = modbusRtuFraming({ ...rest, down: { by: 'bit', keys: { a: 0, b: 24 } } }, { address: 9 });
    const answers = (framing: typeof byValue, key: string) => {
      const box = framing.box();
      box.press(key);
      return box.hear(framing.poll?.ask() ?? new Uint8Array()).answers.map(hex);
    };
    expect(hex(byValue.poll?.ask() ?? new Uint8Array())).toMatch(/^09 03 00 10 00 02 /);
    expect(answers(byValue, '5')).toEqual([expect.stringMatching(/^09 03 04 00 00 01 F4 /)]);
    // Bits of a register count from its low byte, which travels last.
    expect(answers(byBit, 'a')).toEqual([expect.stringMatching(/^09 03 04 00 01 00 00 /)]);
    expect(answers(byBit, 'b')).toEqual([expect.stringMatching(/^09 03 04 00 00 01 00 /)]);
    const [answer = ''] = answers(byBit, 'b');
    expect(byBit.decoder().push(fromHex(answer)).signals).toEqual([
      { kind: 'down', keys: ['b'], address: 9 },
    ]);
  });

  it('answers only its own address, and refuses what it does not know', async () => {
    const { framing, model } = await modelOf('generic-modbus-rtu');
    const box = framing.box();
    expect(box.hear(framingOf(model, { address: 2 }).poll?.ask() ?? new Uint8Array()).answers).toEqual([]);
    const unknown = Uint8Array.from([1, 6, 0, 9, 0, 0]);
    const request = Uint8Array.from([...unknown, ...checkBytes('crc16-modbus', unknown)]);
    const { answers, sayings } = box.hear(request);
    expect(sayings).toEqual([]);
    expect(answers.map(hex)).toEqual([expect.stringMatching(/^01 86 02 /)]);
    expect(framing.decoder().push(answers[0] ?? new Uint8Array()).signals).toEqual([
      { kind: 'other', address: 1 },
    ]);
  });
});
