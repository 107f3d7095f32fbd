import { trueTimes } from '../../shared/journal/true-time.ts';
import type { Projection } from './projection.ts';
import type { WireEntry } from './read-batch.ts';

/**
 * When something was done, as the province believes: by the device's clock less what that was off when it sent, and
 * never outside of what is known of the entry's true time (docs/time.md). `latestMs`: later it cannot have been.
 */
export interface Believed {
  readonly believedMs: number;
  readonly latestMs: number;
}

/** Before there was a tablet of ours to write anything: a clock that says so has never been set. */
const NO_TABLET_BEFORE_MS = Date.UTC(2026, 0, 1);
/** A request says its time in whole seconds and may be this long on its way; an offset as small is none. */
const ON_ITS_WAY_MS = 30_000;

/** What a clock is off, ms; 0 where the way here explains it. */
function trulyOff(clockOffsetMs: number): number {
  return Math.abs(clockOffsetMs) > ON_ITS_WAY_MS ? clockOffsetMs : 0;
}

/**
 * What an entry says of its time, less what the sender's clock is off, UTC ms. Where that has not come yet the clock was
 * not off by as much when the entry was written (its battery is empty since, or somebody has set it), and its own word
 * stands. Pure.
 */
export function saidTruly(at: number, { nowMs, clockOffsetMs }: Sending): number {
  const trulyMs = at - trulyOff(clockOffsetMs);
  return trulyMs > nowMs + ON_ITS_WAY_MS ? at : trulyMs;
}

/** @param within what is known of the true time; null where nothing bounds it. Pure. */
export function believe(
  saidMs: number,
  within: { readonly fromMs: number | null; readonly toMs: number | null },
  nowMs: number,
): Believed {
  const latestMs = Math.min(within.toMs ?? nowMs, nowMs);
  // A clock that was never set says nothing, and the day on which something came is better than none.
  const heardMs = saidMs < NO_TABLET_BEFORE_MS ? latestMs : Math.max(saidMs, within.fromMs ?? saidMs);
  return { believedMs: Math.min(heardMs, latestMs), latestMs };
}

interface Sending {
  readonly nowMs: number;
  readonly clockOffsetMs: number;
}

/**
 * Puts true times where somebody asks for them: at invitations with a served-ticket token, at requests for help, and
 * at ratings of a batch whose clock or journal gives cause. The device's own words stay in the ledger. Pure.
 */
export function withTrueTimes(said: Projection, entries: readonly WireEntry[], sending: Sending): Projection {
  const { invitations, ratings, help } = said;
  const proven = invitations.some(({ servedToken }) => servedToken !== null);
  const doubted = ratings.length > 0 && isDoubted(entries, sending);
  if (!proven && !doubted && help.length === 0) return said;
  const timeOf = believing(entries, sending);
  return {
    ...said,
    invitations: invitations.map((row) =>
      row.servedToken === null ? row : { ...row, openedTrulyMs: timeOf(row.seq).believedMs },
    ),
    ratings: doubted ? ratings.map((row) => ({ ...row, settledAtMs: timeOf(row.seq).believedMs })) : ratings,
    help: help.map((row) => {
      const { believedMs: sinceMs, latestMs } = timeOf(row.seq);
      return { ...row, sinceMs, latestMs };
    }),
  };
}

/** Mostly nothing is: then the clock of the entries stands, and a batch costs a look at each. */
function isDoubted(entries: readonly WireEntry[], { nowMs, clockOffsetMs }: Sending): boolean {
  if (trulyOff(clockOffsetMs) !== 0) return true;
  return entries.some(
    ({ at, kind }) => at < NO_TABLET_BEFORE_MS || at > nowMs + ON_ITS_WAY_MS || kind.startsWith('clock.'),
  );
}

function believing(entries: readonly WireEntry[], { nowMs, clockOffsetMs }: Sending) {
  const times = trueTimes(entries.map((entry) => ({ ...entry, receivedAtMs: nowMs })));
  const firstSeq = entries[0]?.seq ?? 0;
  return (seq: number): Believed => {
    const index = seq - firstSeq;
    const saidMs = saidTruly(entries[index]?.at ?? nowMs, { nowMs, clockOffsetMs });
    return believe(saidMs, times[index] ?? { fromMs: null, toMs: null }, nowMs);
  };
}
