import { decodeQR } from 'qr/decode.js';

/** Fine enough for a code that fills a third of the square, coarse enough for a tablet to look at in its idle time. */
const SIDE_PX = 480;
/** Of one picture; the next one comes soon. */
const LOOK_LIMIT_MS = 30;

/** Loaded when the camera is asked for and not before: hardly anybody needs it. */
export function createQrReader(): { read(video: HTMLVideoElement): string | null } {
  const canvas = new OffscreenCanvas(SIDE_PX, SIDE_PX);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  return {
    /** Looks at the square that the page shows. @returns null while there is no code in it. */
    read(video) {
      const { videoWidth, videoHeight } = video;
      const side = Math.min(videoWidth, videoHeight);
      if (context === null || side === 0) return null;
      const [left, top] = [(videoWidth - side) / 2, (videoHeight - side) / 2];
      context.drawImage(video, left, top, side, side, 0, 0, SIDE_PX, SIDE_PX);
      const { data } = context.getImageData(0, 0, SIDE_PX, SIDE_PX);
      try {
        return decodeQR({ width: SIDE_PX, height: SIDE_PX, data }, { timeLimit: LOOK_LIMIT_MS });
      } catch {
        // No code, half a code, a spoilt one: all the same to somebody who is still holding it up.
        return null;
      }
    },
  };
}
