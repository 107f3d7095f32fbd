/** A PNG of what an X screen shows; just enough of both formats for a screen in memory. */
import { promisify } from 'node:util';
import { constants, crc32, deflate } from 'node:zlib';

const compress = promisify(deflate);

/** Where the picture lies in an XWD file, as Xvfb writes it (`-fbdir`; X11/XWDFile.h). */
export interface XwdLayout {
  readonly width: number;
  readonly height: number;
  /** Of the first pixel, in bytes. */
  readonly offset: number;
  readonly bytesPerLine: number;
}

const XWD_VERSION = 7;
const LSB_FIRST = 0;
const COLORMAP_ENTRY_BYTES = 12;

/** @returns undefined when it is no XWD file of 32-bit BGRX pixels, the only kind a 24-bit Xvfb on this processor makes. */
export function readXwdLayout(file: Buffer): XwdLayout | undefined {
  if (file.length < 100) return undefined;
  const field = (index: number) => file.readUInt32BE(index * 4);
  const [headerSize, version, width, height] = [field(0), field(1), field(4), field(5)];
  const [byteOrder, bitsPerPixel, bytesPerLine, redMask, colours] = [
    field(7),
    field(11),
    field(12),
    field(14),
    field(19),
  ];
  if (version !== XWD_VERSION || byteOrder !== LSB_FIRST || bitsPerPixel !== 32 || redMask !== 0xff0000)
    return undefined;
  const offset = headerSize + colours * COLORMAP_ENTRY_BYTES;
  if (file.length < offset + bytesPerLine * height) return undefined;
  return { width, height, offset, bytesPerLine };
}

/** One byte of filter a line, then red, green, blue. */
function toLines(file: Buffer, { width, height, offset, bytesPerLine }: XwdLayout): Buffer {
  const stride = 1 + width * 3;
  const lines = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y += 1) {
    let from = offset + y * bytesPerLine;
    let to = y * stride + 1;
    for (let x = 0; x < width; x += 1) {
      lines[to] = file[from + 2] ?? 0;
      lines[to + 1] = file[from + 1] ?? 0;
      lines[to + 2] = file[from] ?? 0;
      from += 4;
      to += 3;
    }
  }
  return lines;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

export async function encodePng(file: Buffer, layout: XwdLayout): Promise<Buffer> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(layout.width, 0);
  header.writeUInt32BE(layout.height, 4);
  // 8 bits a channel, red green blue.
  header.set([8, 2, 0, 0, 0], 8);
  const pixels = await compress(toLines(file, layout), { level: constants.Z_BEST_SPEED });
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
