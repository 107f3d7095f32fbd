import { writeFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { create } from 'qrcode';

/** Chromium's own camera in place of the machine's. Who may have it is asked as with any other. */
export const CAMERA_WITH_NOTHING = ['--use-fake-device-for-media-stream'] as const;
export const cameraShowing = (film: string) => [
  ...CAMERA_WITH_NOTHING,
  `--use-file-for-fake-video-capture=${film}`,
];

const WIDTH = 640;
const HEIGHT = 480;
const FRAMES_A_SECOND = 10;
/** Of the picture's height, with the light margin that belongs to a code. */
const CODE_PART = 0.62;
/** Nobody holds a tablet straight. */
const TILT = 0.12;

/** Light of a point in the middle of things; a room is brighter on one side. */
function picture(codeAt: (across: number, down: number) => number | undefined): Buffer {
  const y = Buffer.alloc(WIDTH * HEIGHT);
  for (let row = 0; row < HEIGHT; row++)
    for (let column = 0; column < WIDTH; column++) {
      const [right, low] = [column - WIDTH / 2, row - HEIGHT / 2];
      const room = 70 + 60 * Math.exp(-((right - 150) ** 2 + (low + 90) ** 2) / 30_000);
      const across = right * Math.cos(TILT) + low * Math.sin(TILT);
      const down = low * Math.cos(TILT) - right * Math.sin(TILT);
      y[row * WIDTH + column] = (codeAt(across, down) ?? room) * (0.8 + (0.3 * column) / WIDTH);
    }
  const colour = Buffer.alloc(WIDTH * HEIGHT * 0.5, 128);
  return Buffer.concat([Buffer.from('FRAME\n'), y, colour]);
}

/** A film of a room, and then of somebody who holds up a code; without one, of the room alone. */
export async function film(path: string, code?: string): Promise<void> {
  const room = picture(() => undefined);
  const frames = Array.from({ length: 5 }, () => room);
  if (code !== undefined) {
    const { modules } = create(code, { errorCorrectionLevel: 'M' });
    const count = modules.size + 8;
    const modulePx = (HEIGHT * CODE_PART) / count;
    const held = picture((across, down) => {
      const column = Math.floor(across / modulePx + count / 2);
      const row = Math.floor(down / modulePx + count / 2);
      if (Math.min(column, row) < 0 || Math.max(column, row) >= count) return undefined;
      const isInside = Math.min(column, row) >= 4 && Math.max(column, row) < count - 4;
      return isInside && modules.get(row - 4, column - 4) ? 40 : 210;
    });
    frames.push(...Array.from({ length: 20 }, () => held));
  }
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F${FRAMES_A_SECOND}:1 Ip A1:1 C420jpeg\n`);
  await writeFile(path, Buffer.concat([head, ...frames]), { mode: 0o644 });
}

/** What a page is told that asks for pictures, or for sound, by itself. */
export async function pictures(page: Page, asked = { video: true, audio: false }): Promise<string> {
  return await page.evaluate(
    (wanted) =>
      navigator.mediaDevices.getUserMedia(wanted).then(
        (stream) => {
          for (const track of stream.getTracks()) track.stop();
          return 'given';
        },
        (error: unknown) => (error instanceof DOMException ? error.name : String(error)),
      ),
    asked,
  );
}
