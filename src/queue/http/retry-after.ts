/** However long a server asks us to stay away: somebody waits at the counter. */
const LONGEST_MS = 60_000;

/** `Retry-After` as seconds or as a date → ms to wait, at most a minute. Nothing for what is neither. */
export function retryAfterMs(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  const untilMs = /^\d{1,9}$/.test(value) ? nowMs + Number(value) * 1000 : dateMs(value);
  if (untilMs === undefined) return undefined;
  return Math.min(Math.max(untilMs - nowMs, 0), LONGEST_MS);
}

/** The one form of date that HTTP writes; the engine would read a year in `-1`. */
function dateMs(value: string): number | undefined {
  const atMs = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT$/.test(value)
    ? Date.parse(value)
    : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
}
