/** However long a server asks us to stay away: somebody waits at the counter. */
const LONGEST_MS = 60_000;

/** `Retry-After` as seconds or as a date → ms to wait, at most a minute. Nothing for what is neither. */
export function retryAfterMs(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  const untilMs = /^\d{1,9}$/.test(value) ? nowMs + Number(value) * 1000 : Date.parse(value);
  if (Number.isNaN(untilMs)) return undefined;
  return Math.min(Math.max(untilMs - nowMs, 0), LONGEST_MS);
}
