/**
 * The FF-68 button bus, bytes ↔ frames (→ docs/device-protocols.md). Pure: no port, no clock.
 *
 * ```
 *  FF   68   LEN  LEN  68   ADDR FUNC DATA… CS   16
 *  └ absent in acknowledge variant B   └ LEN bytes ┘
 *                                      CS = (ADDR + FUNC + ΣDATA) mod 256
 * ```
 *
 * LEN counts ADDR, FUNC and DATA: 2…5 on the way from an evaluator, 8 for a caller's display.
 */

import { hex } from './hex.ts';
import { createWindow, type Ending } from './window.ts';

const LEAD = 0xff;
const HEAD = 0x68;
const TAIL = 0x16;
/** Bytes of a frame beside the LEN counted ones, without the leading FF: 68 LEN LEN 68 … CS 16. */
const ENVELOPE = 6;
const MIN_LEN = 2;
/** No device of this bus is known to send more than 8; anything longer is noise that looks like a head. */
const MAX_LEN = 10;
/** What must be kept to complete the longest frame with one more byte. */
const KEPT = MAX_LEN + ENVELOPE;

export const FF68_FUNC = { press: 0x11, command: 0x01, show: 0x02, beep: 0x03 } as const;

/** Evaluators share the bus with the clerks' keypads, which have the addresses below, and never say "pressed". */
export const CALLER_ADDRESSES_BELOW = 0x80;

/** DATA of {@link FF68_FUNC.command} that asks the evaluator for its voice and light prompt. */
const START_RATING = 0x0b;

const DISPLAY_LENGTH = 6;
const BLANK = 0x0a;

export interface Ff68Frame {
  /** 0…255; evaluators are usually the counter's number + 0x80. */
  readonly address: number;
  readonly func: number;
  readonly data: readonly number[];
  /** Whether the frame came with its leading FF. */
  readonly lead: boolean;
}

export interface Ff68Fault {
  /** A head whose LEN bytes differ or are out of range; a whole frame that is not ended by 16; one whose sum is wrong. */
  readonly code: 'badLength' | 'badTail' | 'badChecksum';
  /** The rejected bytes in hexadecimal, separated by spaces. */
  readonly bytes: string;
}

export interface Ff68Decoded {
  readonly frames: readonly Ff68Frame[];
  readonly faults: readonly Ff68Fault[];
}

export interface Ff68Decoder {
  /** Takes the next bytes off the line, cut anywhere. @returns what they completed, in order. */
  push(bytes: Uint8Array): Ff68Decoded;
  /** Bytes held for a frame that is not complete; never more than 16. */
  readonly held: number;
}

/** A false head can neither swallow nor delay the good frame that starts inside it (→ ./window.ts). */
export function createFf68Decoder(): Ff68Decoder {
  const window = createWindow<Ff68Frame, Ff68Fault>({ longest: KEPT, endingAt });
  return {
    push(bytes) {
      const { messages, faults } = window.push(bytes);
      return { frames: messages, faults };
    },
    get held() {
      return window.held;
    },
  };
}

function endingAt(line: Uint8Array, from: number, end: number): Ending<Ff68Frame, Ff68Fault> | undefined {
  let fault: Ff68Fault | undefined;
  for (let len = MAX_LEN; len >= MIN_LEN; len--) {
    const head = end + 1 - len - ENVELOPE;
    if (head < from || !isHead(line, head, len)) continue;
    const lead = head > from && line[head - 1] === LEAD;
    const start = lead ? head - 1 : head;
    const body = line.subarray(head + 4, head + 4 + len);
    if (line[end] !== TAIL) {
      fault ??= { code: 'badTail', bytes: hex(line.subarray(start, end + 1)) };
    } else if (line[end - 1] !== checksum(body)) {
      fault ??= { code: 'badChecksum', bytes: hex(line.subarray(start, end + 1)) };
    } else {
      const [address = 0, func = 0, ...data] = body;
      return { kind: 'message', message: { address, func, data, lead } };
    }
  }
  fault ??= falseHead(line, from, end);
  return fault && { kind: 'fault', fault };
}

function isHead(line: Uint8Array, head: number, len: number): boolean {
  return line[head] === HEAD && line[head + 1] === len && line[head + 2] === len && line[head + 3] === HEAD;
}

/** Only with the leading FF: without it, two 68 three bytes apart are too common in noise to be called a frame. */
function falseHead(line: Uint8Array, from: number, end: number): Ff68Fault | undefined {
  const lead = end - 4;
  if (lead < from || line[lead] !== LEAD || line[lead + 1] !== HEAD || line[end] !== HEAD) return undefined;
  const first = line[lead + 2] ?? 0;
  const second = line[lead + 3] ?? 0;
  if (first === second && first >= MIN_LEN && first <= MAX_LEN) return undefined;
  return { code: 'badLength', bytes: hex(line.subarray(lead, end + 1)) };
}

function checksum(body: Uint8Array): number {
  let sum = 0;
  for (const byte of body) sum += byte;
  return sum & 0xff;
}

/** @throws when a byte is out of range or the frame is longer than the bus allows: that is our own mistake. */
export function encodeFf68(frame: Ff68Frame): Uint8Array {
  const body = [frame.address, frame.func, ...frame.data];
  if (body.length > MAX_LEN || body.some((byte) => !Number.isInteger(byte) || byte < 0 || byte > 0xff)) {
    throw new RangeError(`not an FF-68 frame: ${JSON.stringify(frame)}; at most 8 data bytes of 0…255`);
  }
  const counted = Uint8Array.from(body);
  const lead = frame.lead ? [LEAD] : [];
  const { length } = counted;
  return Uint8Array.from([...lead, HEAD, length, length, HEAD, ...counted, checksum(counted), TAIL]);
}

/** "Please rate": the evaluator lights up and speaks. */
export function startRating(address: number): Uint8Array {
  return encodeFf68({ address, func: FF68_FUNC.command, data: [START_RATING], lead: true });
}

/**
 * Tells the evaluator that its press was taken. Variant A returns the grade; variant B has no data and no
 * leading FF. Which one a box understands is a setting of the site.
 */
export function acknowledge(address: number, grade: number, variant: 'A' | 'B'): Uint8Array {
  return variant === 'A'
    ? encodeFf68({ address, func: FF68_FUNC.command, data: [grade], lead: true })
    : encodeFf68({ address, func: FF68_FUNC.command, data: [], lead: false });
}

/** Shows the clerk's own grade, 0…5 stars. */
export function starLevel(address: number, stars: number): Uint8Array {
  return encodeFf68({ address, func: FF68_FUNC.show, data: [stars], lead: true });
}

/** Sounds a caller, the clerk's keypad; its address is its evaluator's without the highest bit. */
export function beepCaller(address: number): Uint8Array {
  return encodeFf68({ address, func: FF68_FUNC.beep, data: [], lead: true });
}

/** Shows up to six digits on a caller, at its right end. @param digits whatever is no digit stays blank. */
export function callerDisplay(address: number, digits: string): Uint8Array {
  const shown = [...digits].slice(-DISPLAY_LENGTH).map((one) => (/^\d$/.test(one) ? Number(one) : BLANK));
  const data = [...Array.from({ length: DISPLAY_LENGTH - shown.length }, () => BLANK), ...shown];
  return encodeFf68({ address, func: FF68_FUNC.show, data, lead: true });
}

/** What an evaluator itself sends: a key, by its grade byte 0…3. The button simulator speaks with it. */
export function keyPressed(address: number, grade: number): Uint8Array {
  return encodeFf68({ address, func: FF68_FUNC.press, data: [grade], lead: true });
}

/** What a host said, as the box at the other end understands it. */
export type Ff68HostCommand =
  | { readonly kind: 'startRating' }
  | { readonly kind: 'acknowledge'; readonly variant: 'A'; readonly grade: number }
  | { readonly kind: 'acknowledge'; readonly variant: 'B' }
  | { readonly kind: 'stars'; readonly stars: number }
  | { readonly kind: 'beep' }
  | { readonly kind: 'display'; readonly digits: string };

/** @returns undefined for a frame that is no command of a host to an evaluator or its caller. */
export function hostCommand(frame: Ff68Frame): Ff68HostCommand | undefined {
  const [first, ...more] = frame.data;
  if (frame.func === FF68_FUNC.show && frame.data.length === DISPLAY_LENGTH)
    return { kind: 'display', digits: frame.data.map((one) => (one === BLANK ? ' ' : one)).join('') };
  if (more.length > 0) return undefined;
  if (frame.func === FF68_FUNC.beep && first === undefined) return { kind: 'beep' };
  if (frame.func === FF68_FUNC.show && first !== undefined) return { kind: 'stars', stars: first };
  if (frame.func !== FF68_FUNC.command) return undefined;
  if (first === undefined) return { kind: 'acknowledge', variant: 'B' };
  if (first === START_RATING) return { kind: 'startRating' };
  return { kind: 'acknowledge', variant: 'A', grade: first };
}
