import type { CameraTrouble } from '../../shared/screen/staff-pairing.ts';

/** As many signs as the core takes of a scan. */
export const MOST_SCANNED = 1024;

/** What a scanner would have typed of a code: its signs, without those that are none, and no more than a scan may have. */
export function asScanned(text: string): string {
  return text
    .replaceAll(/\p{Cc}/gu, '')
    .slice(0, MOST_SCANNED)
    .toWellFormed();
}

/** Chromium's names for why there is no picture, as the staff screen says them. */
export function cameraTroubleOf(error: unknown): CameraTrouble {
  const name = error instanceof Error || error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'cameraRefused';
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'noCamera';
  return 'cameraBusy';
}
