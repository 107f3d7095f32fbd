import { type Ff68CallerSettings, FUNCTIONS } from './settings.ts';

/** A key of a clerk's keypad, as the bus gave it (→ docs/device-protocols.md). */
export interface CallerKey {
  /** The keypad's own, below 0x80. */
  readonly address: number;
  readonly func: number;
  readonly key: number;
  readonly digits: readonly number[];
}

/** About a ticket. */
export type TicketAct =
  /** The next ticket, or the one of this number. */
  | { readonly act: 'call'; readonly number: number | undefined }
  | { readonly act: 'recall' }
  | { readonly act: 'evaluate' }
  | { readonly act: 'giveUp' }
  | { readonly act: 'suspend' }
  | { readonly act: 'callBack' }
  | { readonly act: 'transfer' };

/** What a clerk means by a key. */
export type KeyAct =
  | TicketAct
  | { readonly act: 'logIn'; readonly number: string }
  | { readonly act: 'logOut' }
  | { readonly act: 'pause' }
  | { readonly act: 'nothing' };

export type ReadKey =
  | { readonly type: 'act'; readonly act: KeyAct }
  /** A digit, or the digits taken back. */
  | { readonly type: 'typing' }
  | { readonly type: 'unknown' }
  | { readonly type: 'malformed' };

const KEYS = {
  start: 0x0a,
  evaluate: 0x0b,
  call: 0x0c,
  recall: 0x0d,
  cancel: 0x0e,
  functions: 0x0f,
  oneMetreLine: 0x11,
  pause: 0x12,
  transfer: 0x13,
} as const;
const MOST_DIGITS = 6;

/**
 * Reads one keypad: digits come in the frame of the key that follows them, or as keys of their own before it. Pure but for
 * the digits it holds; `atMs` is any clock that only goes on.
 */
export function createKeyReader(
  settings: Pick<Ff68CallerSettings, 'functions' | 'functionKeys' | 'startKey' | 'digitsWaitMs'>,
) {
  const functions = { ...FUNCTIONS[settings.functions], ...settings.functionKeys };
  let typed: readonly number[] = [];
  let typedAtMs = 0;

  const meaning = (key: number, digits: string): KeyAct | undefined => {
    switch (key) {
      case KEYS.call:
        return { act: 'call', number: digits === '' ? undefined : Number(digits) };
      case KEYS.recall:
        return { act: 'recall' };
      case KEYS.evaluate:
        return { act: 'evaluate' };
      case KEYS.start:
        return { act: settings.startKey === 'transfer' ? 'transfer' : 'nothing' };
      case KEYS.oneMetreLine:
        return { act: 'nothing' };
      case KEYS.pause:
        return { act: 'pause' };
      case KEYS.transfer:
        return { act: 'transfer' };
      case KEYS.functions:
        return functionOf(digits);
      default:
        return undefined;
    }
  };

  const functionOf = (digits: string): KeyAct | undefined => {
    const act = functions[digits];
    if (act === 'logIn' || (act === undefined && settings.functions === 'B' && digits.length > 1))
      return { act: 'logIn', number: digits };
    return act === undefined ? undefined : { act };
  };

  return (pressed: CallerKey, atMs: number): ReadKey => {
    if (atMs - typedAtMs > settings.digitsWaitMs) typed = [];
    if ([pressed.key, ...pressed.digits].some((byte) => !Number.isInteger(byte) || byte < 0 || byte > 255))
      return { type: 'malformed' };
    if (pressed.digits.some((digit) => digit > 9)) return { type: 'malformed' };
    if (pressed.key <= 9) {
      typed = [...typed, ...pressed.digits, pressed.key].slice(-MOST_DIGITS);
      typedAtMs = atMs;
      return { type: 'typing' };
    }
    const digits = [...typed, ...pressed.digits].slice(-MOST_DIGITS).join('');
    typed = [];
    if (pressed.key === KEYS.cancel) return { type: 'typing' };
    const act = meaning(pressed.key, digits);
    return act === undefined ? { type: 'unknown' } : { type: 'act', act };
  };
}
