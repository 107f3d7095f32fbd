import type { Clock } from '../shared/clock.ts';

/** Less than the screen stays open by itself, so that somebody sees why the picture went. */
export const CAMERA_LIMIT_MS = 45_000;

/** Lends the tablet's camera to the staff screen, for so long at most. @returns what takes it back before. */
export function lendCamera(parts: {
  readonly clock: Pick<Clock, 'after'>;
  readonly lend: (lent: boolean) => void;
  /** The time is over, and nothing was read; it is still to be taken back. */
  readonly onOver: () => void;
}): () => void {
  const { clock, lend, onOver } = parts;
  lend(true);
  const cancel = clock.after(CAMERA_LIMIT_MS, onOver);
  return () => {
    cancel();
    lend(false);
  };
}
