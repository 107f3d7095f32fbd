import type { Trip } from './leased-post.ts';

export type UploadStateName = 'idle' | 'sending' | 'waiting' | 'offline' | 'slowed' | 'held' | 'stopped';

/**
 * - `idle` everything is delivered · `sending` · `offline` no reply comes
 * - `waiting` the far end answers, but does not take it · `slowed` it asked for time
 * - `held` one commit is refused as malformed: everything waits behind it, somebody must look
 * - `stopped` revoked, forked, or an old copy: the device must be provisioned again
 */
export interface UploadState {
  readonly state: UploadStateName;
  /** Wall clock, UTC ms. */
  readonly sinceMs: number;
  readonly unsent: number;
  readonly ackedSeq: number;
  readonly lastError?: string;
  readonly retryAtMs?: number;
  /** While `held`: the entry that is refused. `kick` sends it again. */
  readonly parkedSeq?: number;
  /** What the province said last that it holds of this journal: 1 … seq. Heard with each heartbeat. */
  readonly provinceHolds?: { readonly seq: number; readonly atMs: number };
  /** Their clock minus ours, when the last acknowledgement came; right within `serverOffsetErrorMs`. */
  readonly serverOffsetMs?: number;
  readonly serverOffsetErrorMs?: number;
}

/** What the far end's clock showed, within `errorMs`, when our monotonic clock stood at `monoMs`. */
export interface ServerTime {
  readonly theirMs: number;
  readonly monoMs: number;
  readonly errorMs: number;
}

/** They looked at their clock somewhere between our sending and its coming: the middle, and half the trip to either side. */
export function serverTimeOf(theirMs: number, { sentMonoMs, cameMonoMs }: Trip): ServerTime {
  const monoMs = Math.round((sentMonoMs + cameMonoMs) / 2);
  // Both clocks are read in whole milliseconds, and the middle is rounded.
  return { theirMs, monoMs, errorMs: Math.ceil((cameMonoMs - sentMonoMs) / 2) + 2 };
}
