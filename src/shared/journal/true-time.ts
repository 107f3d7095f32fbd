/**
 * When an entry was truly written. The wall clock (`at`) may say anything; what holds is the order, the
 * monotonic clock within a boot, what the far end's clock showed (`clock.observed`), and when it received the
 * entry. Rules and assumptions: docs/time.md.
 */
import { ENTRY_BODIES } from './entry.ts';

/** An entry as far as its time goes. The body may be its text or what that says. */
export interface TimedEntry {
  readonly seq: number;
  readonly kind: string;
  readonly at: number;
  readonly boot: string;
  readonly mono: number;
  readonly body: unknown;
  /** When the province took it in, by the province's clock; only the province's copies have it. */
  readonly receivedAtMs?: number;
}

/** UTC ms by the far end's clock; null where nothing bounds it. The true time lies within, both ends included. */
export interface TrueTime {
  readonly seq: number;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** What is known contradicts itself here; the interval spans all of it. */
  readonly doubtful: boolean;
}

/** How far two sound clocks may run apart: a bad crystal, and a kernel that slews to a time server. */
export const DRIFT_PPM = 700;
/** Below this the wall clock's move between two entries is rounding and slewing. No machine sleeps so short. */
const SLEEP_AT_LEAST_MS = 20;

/** Bounds of the instant at which the boot's monotonic clock reached `mono`; an entry is up to 1 ms later. */
interface Bounds {
  low: number;
  high: number;
}

/** @param entries in order of `seq`; a part of a journal will do, and only makes intervals wider. */
export function trueTimes(entries: readonly TimedEntry[]): readonly TrueTime[] {
  const bounds = entries.map((): Bounds => ({ low: -Infinity, high: Infinity }));
  const steps = entries.map((entry, index) => stepBetween(entries[index - 1], entry));

  entries.forEach((entry, index) => {
    const own = bounds[index];
    const before = bounds[index - 1];
    const step = steps[index];
    if (!own || !step) return;
    if (before) narrow(own, before.low + step.least, before.high + step.most);
    const seen = observation(entry);
    if (seen) narrow(own, seen.low, seen.high);
    if (entry.receivedAtMs !== undefined) narrow(own, -Infinity, entry.receivedAtMs + 1);
  });
  for (let index = entries.length - 2; index >= 0; index--) {
    const own = bounds[index];
    const after = bounds[index + 1];
    const step = steps[index + 1];
    if (own && after && step) narrow(own, after.low - step.most, after.high - step.least);
  }

  return entries.map(({ seq }, index) => {
    const { low, high } = bounds[index] ?? { low: -Infinity, high: Infinity };
    const doubtful = low > high;
    const from = Math.floor(Math.min(low, high));
    const to = Math.ceil(Math.max(low, high)) + 1;
    return {
      seq,
      fromMs: Number.isFinite(from) ? from : null,
      toMs: Number.isFinite(to) ? to : null,
      doubtful,
    };
  });
}

function narrow(bounds: Bounds, low: number, high: number): void {
  bounds.low = Math.max(bounds.low, low);
  bounds.high = Math.min(bounds.high, high);
}

/** How much true time passes between one entry and the next. */
function stepBetween(
  before: TimedEntry | undefined,
  entry: TimedEntry,
): { readonly least: number; readonly most: number } {
  // Both moments may lie anywhere within their millisecond.
  if (before?.boot !== entry.boot || entry.mono < before.mono) return { least: -1, most: Infinity };
  const run = entry.mono - before.mono;
  const drift = (run * DRIFT_PPM) / 1e6;
  const forward = entry.at - before.at - run;
  // The monotonic clock stands while a machine sleeps; the wall clock does not.
  const slept = forward > SLEEP_AT_LEAST_MS ? forward + 1 : 0;
  return { least: run - drift, most: run + drift + slept };
}

/** What the far end's clock says of this entry's own instant. */
function observation(entry: TimedEntry): Bounds | undefined {
  if (entry.kind !== 'clock.observed') return undefined;
  const body = ENTRY_BODIES['clock.observed'].safeParse(bodyOf(entry.body));
  if (!body.success || body.data.mono > entry.mono) return undefined;
  const { mono, theirMs, errorMs } = body.data;
  const run = entry.mono - mono;
  const error = errorMs + (run * DRIFT_PPM) / 1e6;
  return { low: theirMs + run - error, high: theirMs + run + error };
}

function bodyOf(body: unknown): unknown {
  if (typeof body !== 'string') return body;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
