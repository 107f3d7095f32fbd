import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The screen as the X server has it, read from its own framebuffer file (`Xvfb -fbdir`): what a citizen would
 * see, without a debugger in the page. XWD format: header size, then at 4-byte words the geometry.
 */
export interface Framebuffer {
  /** How many of the pixels of a rectangle are dark, looked at every `step` pixels. */
  dark(
    area: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
    step?: number,
  ): number;
  close(): void;
}

const DARK = 0x60;

export function openFramebuffer(folder: string): Framebuffer {
  const file = openSync(join(folder, 'Xvfb_screen0'), 'r');
  const header = Buffer.alloc(100);
  readSync(file, header, 0, 100, 0);
  const headerSize = header.readUInt32BE(0);
  const bytesPerLine = header.readUInt32BE(48);
  const colors = header.readUInt32BE(76);
  const start = headerSize + colors * 12;
  const line = Buffer.alloc(bytesPerLine);
  return {
    dark({ x, y, width, height }, step = 8) {
      let count = 0;
      for (let row = y; row < y + height; row += step) {
        readSync(file, line, 0, width * 4, start + row * bytesPerLine + x * 4);
        for (let column = 0; column < width; column += step) {
          const at = column * 4;
          if ((line[at] ?? 255) < DARK && (line[at + 1] ?? 255) < DARK && (line[at + 2] ?? 255) < DARK)
            count++;
        }
      }
      return count;
    },
    close: () => closeSync(file),
  };
}
