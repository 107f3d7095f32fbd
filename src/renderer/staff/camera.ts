import type { CameraTrouble } from '../../shared/screen/staff-pairing.ts';
import { asScanned, cameraTroubleOf } from './camera-words.ts';

/** Eight pictures a second are looked at, each in the page's idle time: whoever presses is not kept waiting. */
const LOOK_EVERY_MS = 125;
const IDLE_LIMIT_MS = 100;
/** Pictures alone, of the side where people stand; no more of them than are looked at. */
const ASKED: MediaStreamConstraints = {
  audio: false,
  video: {
    facingMode: { ideal: 'user' },
    width: { ideal: 640 },
    height: { ideal: 480 },
    frameRate: { ideal: 15, max: 30 },
  },
};

export interface CameraParts {
  readonly video: HTMLVideoElement;
  /** A code was read, once; the camera is off by then. */
  readonly onRead: (text: string) => void;
  /** There are no pictures, or no more of them; the camera is off by then. */
  readonly onTrouble: (trouble: CameraTrouble) => void;
}

/** The camera on the page until a code is read. No picture leaves the page or is kept. @returns what turns it off. */
export function openCamera({ video, onRead, onTrouble }: CameraParts): () => void {
  let off = false;
  let stream: MediaStream | null = null;

  function stop(): void {
    off = true;
    for (const track of stream?.getTracks() ?? []) track.stop();
    video.srcObject = null;
  }

  function fail(trouble: CameraTrouble): void {
    if (off) return;
    stop();
    onTrouble(trouble);
  }

  async function open(): Promise<void> {
    const { mediaDevices } = navigator;
    if (mediaDevices === undefined) return fail('noCamera');
    const [{ createQrReader }, given] = await Promise.all([
      import('./qr-reader.ts'),
      mediaDevices.getUserMedia(ASKED),
    ]);
    stream = given;
    if (off) return stop();
    for (const track of given.getVideoTracks()) {
      // Unplugged, or taken away.
      track.addEventListener('ended', () => fail('noCamera'));
      // Whoever stands before a screen looks for a mirror; a camera on the back shows things as they are.
      video.dataset['facing'] = track.getSettings().facingMode === 'environment' ? 'away' : 'here';
    }
    video.srcObject = given;
    look(createQrReader().read);
  }

  function look(read: (from: HTMLVideoElement) => string | null): void {
    let lookedMs = Number.NEGATIVE_INFINITY;
    const next = () => video.requestVideoFrameCallback(seen);
    const seen = (nowMs: number) => {
      if (off) return;
      if (nowMs - lookedMs < LOOK_EVERY_MS) {
        next();
        return;
      }
      lookedMs = nowMs;
      requestIdleCallback(decode, { timeout: IDLE_LIMIT_MS });
    };
    const decode = () => {
      if (off) return;
      const text = asScanned(read(video) ?? '');
      if (text === '') {
        next();
        return;
      }
      stop();
      onRead(text);
    };
    next();
  }

  open().catch((error: unknown) => fail(cameraTroubleOf(error)));
  return stop;
}
