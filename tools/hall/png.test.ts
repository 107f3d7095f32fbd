import { crc32, inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { encodePng, readXwdLayout } from './png.ts';

/** An XWD file as Xvfb writes it: header and colour map in big-endian, pixels as blue, green, red, unused. */
function xwd(parts: {
  width: number;
  height: number;
  pixels: readonly number[];
  bitsPerPixel?: number;
}): Buffer {
  const headerSize = 160;
  const colours = 2;
  const header = Buffer.alloc(headerSize + colours * 12);
  const fields = new Map([
    [0, headerSize],
    [1, 7],
    [4, parts.width],
    [5, parts.height],
    [7, 0],
    [11, parts.bitsPerPixel ?? 32],
    [12, parts.width * 4],
    [14, 0xff0000],
    [19, colours],
  ]);
  for (const [index, value] of fields) header.writeUInt32BE(value, index * 4);
  return Buffer.concat([header, Buffer.from(parts.pixels)]);
}

const RED_THEN_BLUE = [0, 0, 255, 0, 255, 0, 0, 0];
const TWO_LINES = xwd({ width: 2, height: 2, pixels: [...RED_THEN_BLUE, 1, 2, 3, 0, 4, 5, 6, 0] });

function chunks(png: Buffer): ReadonlyMap<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const body = png.subarray(at + 4, at + 8 + length);
    expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(body));
    found.set(body.toString('latin1', 0, 4), body.subarray(4));
    at += length + 12;
  }
  return found;
}

test('the picture starts behind header and colour map', () => {
  expect(readXwdLayout(TWO_LINES)).toEqual({ width: 2, height: 2, offset: 184, bytesPerLine: 8 });
});

test('what is no picture, no picture of ours, or only half of one is not read', () => {
  expect(readXwdLayout(Buffer.alloc(0))).toBeUndefined();
  expect(readXwdLayout(Buffer.alloc(4_096))).toBeUndefined();
  expect(readXwdLayout(TWO_LINES.subarray(0, -1))).toBeUndefined();
  expect(
    readXwdLayout(xwd({ width: 2, height: 1, pixels: RED_THEN_BLUE, bitsPerPixel: 16 })),
  ).toBeUndefined();
});

test('every pixel is where it was, red is red, and every checksum holds', async () => {
  const layout = readXwdLayout(TWO_LINES);
  if (!layout) throw new Error('not read');
  const found = chunks(await encodePng(TWO_LINES, layout));
  expect([...(found.get('IHDR') ?? [])]).toEqual([0, 0, 0, 2, 0, 0, 0, 2, 8, 2, 0, 0, 0]);
  const lines = inflateSync(found.get('IDAT') ?? Buffer.alloc(0));
  expect([...lines]).toEqual([0, 255, 0, 0, 0, 0, 255, 0, 3, 2, 1, 6, 5, 4]);
});

test('a screen that is larger than the picture is cut', async () => {
  const layout = readXwdLayout(TWO_LINES);
  if (!layout) throw new Error('not read');
  const found = chunks(await encodePng(TWO_LINES, { ...layout, width: 1, height: 2 }));
  expect([...inflateSync(found.get('IDAT') ?? Buffer.alloc(0))]).toEqual([0, 255, 0, 0, 0, 3, 2, 1]);
});
