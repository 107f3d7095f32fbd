import { setTimeout as wait } from 'node:timers/promises';

/**
 * Waits on a condition, in any test runner: `what` throws until it holds. Rejects with what it threw last.
 */
export async function until(
  what: () => void,
  parts: { readonly deadlineMs?: number; readonly everyMs?: number } = {},
): Promise<void> {
  const { deadlineMs = 20_000, everyMs = 2 } = parts;
  const endMs = performance.now() + deadlineMs;
  for (;;) {
    try {
      return what();
    } catch (error) {
      if (performance.now() > endMs) throw error;
    }
    await wait(everyMs);
  }
}
