import type { SimMessage } from './wire.ts';

/** How a counter is, and asking for it: said over and over, so that nothing lost stays lost. */
const STATE = /"phase":"|"GetState"|"HeartBeat"/i;
const TIMES = /"(?:at|DateTime)":(?:\d+|"[^"]*")/g;
const SORT_CHARS = 24;

/** Tells what a system says again though nothing changed, several times a second on some wires, from what is news to people. */
export function createRepeats() {
  const last = new Map<string, string>();
  return {
    /** A request that is sent twice is news: only states are ever a repetition. */
    again({ direction, counter, text }: SimMessage): boolean {
      if (!STATE.test(text)) return false;
      const sort = `${direction}/${counter ?? '-'}/${text.slice(0, SORT_CHARS)}`;
      const timeless = text.replace(TIMES, '');
      const same = last.get(sort) === timeless;
      last.set(sort, timeless);
      return same;
    },
  };
}
