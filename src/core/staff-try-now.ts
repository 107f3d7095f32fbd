import type { Clock } from '../shared/clock.ts';
import type { StaffAnswer } from '../shared/screen/staff-contract.ts';
import { assertNever } from '../shared/words.ts';
import type { Uploader, UploadStateName } from '../sync/uploader.ts';

/** A province that refuses is not asked faster than this, however often somebody presses. */
const TRIED_AGAIN_AFTER_MS = 5_000;

/** Whether the province may be asked now because somebody says so: a wait of ours may end, a pause it asked for and a stop may not. */
export function mayBeTried(state: UploadStateName): boolean {
  switch (state) {
    case 'offline':
    case 'waiting':
    case 'held':
      return true;
    case 'idle':
    case 'sending':
    case 'slowed':
    case 'stopped':
      return false;
    default:
      return assertNever(state);
  }
}

/** 立即重试 of the staff screen. One for the life of a kiosk: leaving the screen and coming back gives no further try. */
export function createTryNow({
  uploader,
  clock,
}: {
  readonly uploader: Pick<Uploader, 'state' | 'kick'>;
  readonly clock: Pick<Clock, 'monoMs'>;
}): () => StaffAnswer {
  let triedMonoMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (!mayBeTried(uploader.state().state)) return { accepted: false, reason: 'notNow' };
    if (clock.monoMs() - triedMonoMs < TRIED_AGAIN_AFTER_MS) return { accepted: false, reason: 'tooSoon' };
    triedMonoMs = clock.monoMs();
    uploader.kick();
    return { accepted: true };
  };
}
