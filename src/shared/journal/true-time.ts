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
  const bounds = carried(entries, narrow, () => ({ low: -Infinity, high: Infinity }));
  const spans = bounds.some(isDoubtful)
    ? carried(entries, widen, () => ({ low: Infinity, high: -Infinity }))
    : bounds;
  return entries.map(({ seq }, index) => {
    const own = bounds[index];
    const doubtful = own !== undefined && isDoubtful(own);
    const { low, high } = (doubtful ? spans[index] : own) ?? { low: -Infinity, high: Infinity };
    return {
      seq,
      fromMs: Number.isFinite(low) ? Math.floor(low) : null,
      toMs: Number.isFinite(high) ? Math.ceil(high) + 1 : null,
      doubtful,
    };
  });
}

type Merge = (own: Bounds, low: number, high: number) => void;

/** What is known of any entry, carried to all the others. */
function carried(entries: readonly TimedEntry[], merge: Merge, nothing: () => Bounds): readonly Bounds[] {
  const bounds = entries.map(nothing);
  const steps = entries.map((entry, index) => stepBetween(entries[index - 1], entry));
  entries.forEach((entry, index) => {
    const own = bounds[index];
    const before = bounds[index - 1];
    const step = steps[index];
    if (!own || !step) return;
    if (before) merge(own, before.low + step.least, before.high + step.most);
    const seen = observation(entry);
    if (seen) merge(own, seen.low, seen.high);
    if (entry.receivedAtMs !== undefined) merge(own, -Infinity, entry.receivedAtMs + 1);
  });
  for (let index = entries.length - 2; index >= 0; index--) {
    const own = bounds[index];
    const after = bounds[index + 1];
    const step = steps[index + 1];
    if (own && after && step) merge(own, after.low - step.most, after.high - step.least);
  }
  return bounds;
}

function narrow(own: Bounds, low: number, high: number): void {
  own.low = Math.max(own.low, low);
  own.high = Math.min(own.high, high);
}

/** Where facts contradict each other nobody can say which is wrong. */
function widen(own: Bounds, low: number, high: number): void {
  if (Number.isFinite(low)) own.low = Math.min(own.low, low);
  if (Number.isFinite(high)) own.high = Math.max(own.high, high);
}

function isDoubtful({ low, high }: Bounds): boolean {
  return low > high;
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
