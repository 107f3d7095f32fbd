import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  acknowledge,
  createFf68Decoder,
  encodeFf68,
  FF68_FUNC,
  type Ff68Decoder,
  type Ff68Frame,
  hostCommand,
  keyPressed,
  starLevel,
  startRating,
} from './ff68.ts';
import { hex } from './hex.ts';

const bytes = (text: string) => Uint8Array.from(text.split(' '), (part) => Number.parseInt(part, 16));

const pressOf = (address: number, grade: number): Ff68Frame => ({
  address,
  func: FF68_FUNC.press,
  data: [grade],
  lead: true,
});

describe('frames, byte by byte as the bus is documented', () => {
  it.each([
    ['start rating', startRating(0x81), 'FF 68 03 03 68 81 01 0B 8D 16'],
    ['acknowledge A', acknowledge(0x81, 3, 'A'), 'FF 68 03 03 68 81 01 03 85 16'],
    ['acknowledge B', acknowledge(0x81, 3, 'B'), '68 02 02 68 81 01 82 16'],
    ['five stars', starLevel(0x81, 5), 'FF 68 03 03 68 81 02 05 88 16'],
    ['key 3', keyPressed(0x81, 3), 'FF 68 03 03 68 81 11 03 95 16'],
    ['key 0', keyPressed(0x81, 0), 'FF 68 03 03 68 81 11 00 92 16'],
    [
      'beep of a caller',
      encodeFf68({ address: 1, func: FF68_FUNC.beep, data: [], lead: true }),
      'FF 68 02 02 68 01 03 04 16',
    ],
    [
      'display of a caller',
      encodeFf68({ address: 1, func: FF68_FUNC.show, data: [10, 10, 10, 0, 2, 3], lead: true }),
      'FF 68 08 08 68 01 02 0A 0A 0A 00 02 03 26 16',
    ],
  ])('%s', (_name, encoded, documented) => {
    expect(hex(encoded)).toBe(documented);
    const { frames, faults } = createFf68Decoder().push(encoded);
    expect(frames).toHaveLength(1);
    expect(faults).toEqual([]);
  });

  it('a host command is understood by the box', () => {
    const heard = [startRating(7), acknowledge(7, 2, 'A'), acknowledge(7, 2, 'B'), starLevel(7, 4)]
      .flatMap((sent) => createFf68Decoder().push(sent).frames)
      .map(hostCommand);
    expect(heard).toEqual([
      { kind: 'startRating' },
      { kind: 'acknowledge', variant: 'A', grade: 2 },
      { kind: 'acknowledge', variant: 'B' },
      { kind: 'stars', stars: 4 },
    ]);
    expect(hostCommand(pressOf(7, 1))).toBeUndefined();
  });

  it('a byte out of range is our own mistake and is thrown', () => {
    expect(() => starLevel(0x181, 1)).toThrow(RangeError);
  });
});

describe('what is refused', () => {
  it.each([
    ['a wrong checksum', 'FF 68 03 03 68 81 11 03 96 16', 'badChecksum'],
    ['a wrong tail', 'FF 68 03 03 68 81 11 03 95 17', 'badTail'],
    ['two different lengths', 'FF 68 03 04 68 81 11 03 95 16', 'badLength'],
    ['a length of 1', 'FF 68 01 01 68 81 81 16', 'badLength'],
    ['a length beyond the bound', 'FF 68 0B 0B 68', 'badLength'],
  ])('%s', (_name, sent, code) => {
    const { frames, faults } = createFf68Decoder().push(bytes(sent));
    expect(frames).toEqual([]);
    expect(faults.map((fault) => fault.code)).toEqual([code]);
    expect(sent.startsWith(faults[0]?.bytes ?? '?')).toBe(true);
  });
});

describe('a good frame is never lost', () => {
  const good = 'FF 68 03 03 68 81 11 02 94 16';
  it.each([
    ['directly after noise', '00 13 68 FF'],
    ['after a frame that was cut off', 'FF 68 03 03 68 81'],
    ['inside the false head of a longer frame', 'FF 68 0A 0A 68'],
    ['inside a false head without FF', '68 08 08 68'],
    ['after a frame with a wrong checksum', 'FF 68 03 03 68 81 11 03 99 16'],
    ['after a frame whose tail is missing', 'FF 68 03 03 68 81 11 03 95'],
    ['directly after another good frame of a caller', 'FF 68 02 02 68 01 03 04 16'],
  ])('%s', (_name, before) => {
    const { frames } = createFf68Decoder().push(bytes(`${before} ${good}`));
    expect(frames.at(-1)).toEqual(pressOf(0x81, 2));
  });

  it('without its leading FF', () => {
    expect(createFf68Decoder().push(bytes('68 03 03 68 81 11 02 94 16')).frames).toEqual([
      { ...pressOf(0x81, 2), lead: false },
    ]);
  });
});

describe('whatever comes down the line', () => {
  const frame = fc.record({
    address: fc.integer({ min: 0, max: 255 }),
    func: fc.integer({ min: 0, max: 255 }),
    data: fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 3 }),
    lead: fc.boolean(),
  });
  /** Noise without 68 cannot build a head, so exactly the frames sent must come out. */
  const quietNoise = fc.array(
    fc.integer({ min: 0, max: 255 }).filter((byte) => byte !== 0x68 && byte !== 0xff),
    { maxLength: 20 },
  );
  /** Noise that likes to look like a frame. */
  const anyNoise = fc
    .array(
      fc.oneof(fc.constantFrom(0xff, 0x68, 2, 3, 5, 8, 10, 0x16, 0x11), fc.integer({ min: 0, max: 255 })),
      {
        maxLength: 40,
      },
    )
    .map((list) => Uint8Array.from(list));

  const pushCut = (decoder: Ff68Decoder, line: Uint8Array, cuts: readonly number[]) => {
    const frames: Ff68Frame[] = [];
    let at = 0;
    let turn = 0;
    while (at < line.length) {
      const size = cuts[turn++ % cuts.length] ?? 1;
      frames.push(...decoder.push(line.subarray(at, at + size)).frames);
      expect(decoder.held).toBeLessThanOrEqual(16);
      at += size;
    }
    return frames;
  };
  const cuts = fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 8 });

  it('all good frames come out between noise, in order, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(quietNoise, frame), { maxLength: 12 }), cuts, (parts, pieces) => {
        const line = Uint8Array.from(parts.flatMap(([noise, good]) => [...noise, ...encodeFf68(good)]));
        expect(pushCut(createFf68Decoder(), line, pieces)).toEqual(parts.map(([, good]) => good));
      }),
      { numRuns: 500 },
    );
  });

  it('a press after any noise at all is heard, unless the noise itself was a whole frame', () => {
    fc.assert(
      fc.property(anyNoise, fc.integer({ min: 0, max: 3 }), cuts, (noise, grade, pieces) => {
        const line = Uint8Array.from([...noise, ...keyPressed(0x81, grade)]);
        const last = pushCut(createFf68Decoder(), line, pieces).at(-1);
        expect(last).toMatchObject({ address: 0x81, func: 0x11, data: [grade] });
      }),
      { numRuns: 2_000 },
    );
  });

  it('cutting changes nothing', () => {
    fc.assert(
      fc.property(anyNoise, cuts, (line, pieces) => {
        expect(pushCut(createFf68Decoder(), line, pieces)).toEqual(createFf68Decoder().push(line).frames);
      }),
      { numRuns: 1_000 },
    );
  });

  it('no frame comes out of a wrong checksum or a wrong tail', () => {
    fc.assert(
      fc.property(frame, fc.integer({ min: 1, max: 255 }), fc.boolean(), (sent, change, tail) => {
        const line = encodeFf68(sent);
        const at = line.length - (tail ? 1 : 2);
        line[at] = ((line[at] ?? 0) + change) & 0xff;
        expect(createFf68Decoder().push(line).frames).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});
