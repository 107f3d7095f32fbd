import type { Clock } from '../shared/clock.ts';
import type { CallerKey, Signal } from './framing/framing.ts';

/** How long after our words a two-wire line may give them back: bytes at 9600 baud, an adapter's buffer, a busy process. */
const ECHO_MS = 250;
const REMEMBERED = 16;

/**
 * What a host says to a caller may be byte for byte what a caller says, and a two-wire line gives our own words
 * back: without this, an answered key would be pressed once more. A clerk who presses a key again that soon after the answer
 * is a bounce as well.
 */
export function createCallerEchoes(clock: Pick<Clock, 'monoMs'>): {
  /** What our own words are to whoever hears them. */
  said(signals: readonly Signal[]): void;
  /** Each once. */
  isOurs(key: CallerKey): boolean;
} {
  let expected: readonly { readonly name: string; readonly untilMonoMs: number }[] = [];
  return {
    said(signals) {
      const untilMonoMs = clock.monoMs() + ECHO_MS;
      const more = signals.flatMap((signal) =>
        signal.kind === 'caller' ? [{ name: nameOf(signal), untilMonoMs }] : [],
      );
      expected = [...expected, ...more].slice(-REMEMBERED);
    },
    isOurs(key) {
      const nowMonoMs = clock.monoMs();
      expected = expected.filter(({ untilMonoMs }) => nowMonoMs <= untilMonoMs);
      const name = nameOf(key);
      const at = expected.findIndex((one) => one.name === name);
      expected = expected.filter((_, index) => index !== at);
      return at >= 0;
    },
  };
}

function nameOf({ address, func, key, digits }: CallerKey): string {
  return [address, func, ...digits, key].join(' ');
}
