import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPacketGuard } from './packet-guard.ts';

const LIMIT = 16_384;
const take = (...chunks: (readonly number[])[]) => {
  const guard = createPacketGuard(LIMIT);
  return chunks.map((chunk) => guard.take(Uint8Array.from(chunk)));
};
/** A packet with a body of so many bytes. */
function packet(length: number): readonly number[] {
  const header = [0x30];
  let rest = length;
  do {
    header.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return [...header, ...Array.from({ length }, () => 0xff)];
}

describe('the guard before the MQTT library', () => {
  it('counts packets as they begin, however the bytes are cut', () => {
    expect(take([...packet(0), ...packet(5), ...packet(200)])).toEqual([3]);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 8 }),
        fc.integer({ min: 1, max: 50 }),
        (lengths, cut) => {
          const bytes = lengths.flatMap((length) => [...packet(length)]);
          const chunks: number[][] = [];
          for (let at = 0; at < bytes.length; at += cut) chunks.push(bytes.slice(at, at + cut));
          const counted = take(...chunks).reduce<number>((sum, one) => sum + Number(one), 0);
          expect(counted).toBe(lengths.length);
        },
      ),
    );
  });

  it('ends at the header of a packet that is too large, before its body came', () => {
    expect(take([0x30, 0xff, 0xff, 0xff, 0x7f])).toEqual(['oversized']);
    expect(take(packet(LIMIT))).toEqual([1]);
    expect(take(packet(LIMIT + 1))).toEqual(['oversized']);
  });

  it('ends at a length without an end', () => {
    expect(take([0x30, 0x80, 0x80, 0x80, 0x80])).toEqual(['protocol']);
  });
});
