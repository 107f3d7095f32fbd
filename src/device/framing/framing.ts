/**
 * What a line carries, in words that no make of box has a say in. A framing turns bytes (or HID reports, one a
 * call) into signals and outputs into bytes; whether a citizen meant a signal is decided behind it
 * (→ ../press-filter.ts). Pure: no port, no clock, no memory but that of a half-received frame.
 */
export type Signal =
  /** One message a press; boxes that say it again and again while a key is held do so here. */
  | { readonly kind: 'pressed'; readonly key: string; readonly address?: number }
  /** All keys that are down now, as boxes say it that report their state. */
  | { readonly kind: 'down'; readonly keys: readonly string[]; readonly address?: number }
  | ({ readonly kind: 'caller' } & CallerKey)
  /** A right message that says nothing about keys: the answer to a poll, an echo of our own. */
  | { readonly kind: 'other'; readonly address?: number };

/** A key of a *caller*, the clerk's keypad on the same bus, with the digits before it. */
export interface CallerKey {
  /** The keypad's own, below 0x80. */
  readonly address: number;
  /** As the keypad sent it: an answer repeats it. */
  readonly func: number;
  /** Such as 0x0C, call the next (→ docs/device-protocols.md). */
  readonly key: number;
  readonly digits: readonly number[];
}

/** Bytes that should have been a message and are not. `bytes` in hexadecimal, at most a frame of them. */
export interface LineFault {
  readonly code: 'badLength' | 'badTail' | 'badChecksum' | 'tooLong' | 'notAMessage';
  readonly bytes: string;
}

export interface Decoded {
  readonly signals: readonly Signal[];
  readonly faults: readonly LineFault[];
}

export interface Decoder {
  /** Takes what came next, cut anywhere. @returns what it completed, in order. */
  push(bytes: Uint8Array): Decoded;
  /** Bytes held for a message that is not complete; bounded by the framing's longest one. */
  readonly held: number;
}

/**
 * What a box can be told, the same for all five levels: who watches the box must not learn the level.
 * `prompt`: please rate (light, voice); `acknowledge`: your press was taken; `thanks`: the voice says thank you;
 * `dark`: no rating is asked for any more; `beep`; `stars`: the clerk's own grade; `display`: digits for the clerk.
 */
export const OUTPUTS = ['prompt', 'acknowledge', 'thanks', 'dark', 'beep', 'stars', 'display'] as const;
export type Output = (typeof OUTPUTS)[number];

/**
 * One thing said to a box. `key`: the one that is acknowledged; `stars` 0…5; `digits` of a display, and blanks;
 * `caller`: the keypad that is meant, where it is not the evaluator's own.
 */
export interface Saying {
  readonly output: Output;
  readonly key?: string;
  readonly stars?: number;
  readonly digits?: string;
  readonly caller?: number;
}

/** A model's way of speaking, made for one address on one line. */
export interface Framing {
  /** The one it is made for, where the bus has addresses. */
  readonly address?: number;
  /** A fresh one for every connection. */
  decoder(): Decoder;
  /** @returns undefined when this box cannot be told so. */
  say(saying: Saying): Uint8Array | undefined;
  /** Tells a caller that its key was taken. Absent where no caller shares the line. */
  answerCaller?(key: CallerKey): Uint8Array | undefined;
  /**
   * For boxes that speak only when asked; the answer is a signal. Nothing else is said for `answerMs`, or until a
   * signal came: the line is half duplex.
   */
  readonly poll?: {
    readonly everyMs: number;
    readonly answerMs: number;
    readonly ask: () => Uint8Array;
  };
  /** The other end of the line, for simulated boxes. */
  box(): BoxEnd;
}

export interface BoxEnd {
  /** What the box puts on the line for this key, in its pieces: some boxes say that it goes down and up. */
  press(key: string): readonly Uint8Array[];
  /** What the host's bytes tell the box, and what the box answers by itself. */
  hear(bytes: Uint8Array): { readonly sayings: readonly Saying[]; readonly answers: readonly Uint8Array[] };
}
