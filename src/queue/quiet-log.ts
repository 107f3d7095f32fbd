import type { Clock } from '../shared/clock.ts';
import type { LinkLog } from './queue-link.ts';

/** The same event is written once in so long, then with the number of times it was held back. */
const QUIET_MS = 5000;

/** A log that a hostile or broken peer cannot fill: repeats of one event are counted and not written. */
export function createQuietLog(parts: { readonly clock: Clock; readonly log: (line: LinkLog) => void }) {
  const last = new Map<string, { atMs: number; heldBack: number }>();
  return (level: LinkLog['level'], event: string, data: NonNullable<LinkLog['data']>): void => {
    const nowMs = parts.clock.monoMs();
    const before = last.get(event);
    if (before && nowMs - before.atMs < QUIET_MS) {
      before.heldBack += 1;
      return;
    }
    const heldBack = before?.heldBack ?? 0;
    last.set(event, { atMs: nowMs, heldBack: 0 });
    parts.log({ level, event, data: heldBack === 0 ? data : { ...data, heldBack } });
  };
}
