/** A clock that was set shows the same delay again and again; messages that were held up do not. */
const SAME_DELAY_MS = 2_000;
const SEEN_APART_MS = 5_000;

/**
 * Whether an event of one link comes after one that happened later, by the queue side's own clock. What is late says
 * nothing any more: it is about the citizen before.
 *
 * A clock that is set back makes everything look late. So two that are late by the same measure, seconds apart, are
 * taken for a clock that was set: from the second on its time counts anew.
 */
export function createLateness(parts: { readonly nowMs: () => number }) {
  let newestMs: number | undefined;
  let late: { readonly delayMs: number; readonly seenMs: number } | undefined;
  return {
    isLate(event: { readonly atMs: number; readonly stated?: true | undefined }): boolean {
      if (!event.stated) return false;
      const { atMs } = event;
      if (newestMs === undefined || atMs >= newestMs) {
        newestMs = atMs;
        late = undefined;
        return false;
      }
      const seenMs = parts.nowMs();
      const delayMs = seenMs - atMs;
      if (late === undefined || Math.abs(late.delayMs - delayMs) > SAME_DELAY_MS) {
        late = { delayMs, seenMs };
        return true;
      }
      if (seenMs - late.seenMs < SEEN_APART_MS) return true;
      newestMs = atMs;
      late = undefined;
      return false;
    },
  };
}
