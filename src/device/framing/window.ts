import { createWindow } from '../decode/window.ts';
import type { Decoder, LineFault, Signal } from './framing.ts';

/** What the bytes that end here are. */
export type Ending =
  | { readonly kind: 'message'; readonly signal: Signal }
  | { readonly kind: 'fault'; readonly fault: LineFault };

/** A window (→ ../decode/window.ts) whose messages are signals. */
export function createWindowDecoder(parts: {
  readonly longest: number;
  readonly endingAt: (line: Uint8Array, from: number, end: number) => Ending | undefined;
}): Decoder {
  const window = createWindow<Signal, LineFault>({
    longest: parts.longest,
    endingAt(line, from, end) {
      const found = parts.endingAt(line, from, end);
      return found?.kind === 'message' ? { kind: 'message', message: found.signal } : found;
    },
  });
  return {
    push(bytes) {
      const { messages, faults } = window.push(bytes);
      return { signals: messages, faults };
    },
    get held() {
      return window.held;
    },
  };
}
