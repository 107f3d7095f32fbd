import type { StaffCatalogue } from '../catalogue/staff-catalogue.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** So long, in the largest unit that says it: 2 秒, 12 分钟. */
export function spanIn(text: StaffCatalogue, ms: number): string {
  if (ms < MINUTE_MS) return text.span.seconds(Math.floor(ms / 1_000));
  if (ms < HOUR_MS) return text.span.minutes(Math.floor(ms / MINUTE_MS));
  if (ms < 2 * DAY_MS) return text.span.hours(Math.floor(ms / HOUR_MS));
  return text.span.days(Math.floor(ms / DAY_MS));
}

/** A wait still to come is never said to be nothing. */
export function waitIn(text: StaffCatalogue, ms: number): string {
  return ms < MINUTE_MS
    ? text.span.seconds(Math.max(1, Math.ceil(ms / 1_000)))
    : text.span.minutes(Math.ceil(ms / MINUTE_MS));
}
