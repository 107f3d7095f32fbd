import type { Press } from '../../shared/press.ts';
import type { BoxParts, Driver } from '../driver-words.ts';
import type { CallerKey } from '../framing/framing.ts';

/** What the core tells a driver's process. */
export type Order =
  | { readonly type: 'start'; readonly boxes: readonly [BoxParts, ...BoxParts[]] }
  | { readonly type: 'say'; readonly output: Parameters<Driver['say']>[0] }
  | { readonly type: 'acknowledge'; readonly press: Press }
  | { readonly type: 'stars'; readonly stars: number }
  | { readonly type: 'acknowledge-caller'; readonly key: CallerKey }
  | { readonly type: 'beep'; readonly caller?: number }
  | { readonly type: 'display'; readonly text: string; readonly caller?: number }
  | { readonly type: 'stop' };

/** Models of several boxes and what the site says of them, with room to spare. */
export const ORDER_LIMIT = 262_144;

/** Six of them are shown. */
const DISPLAY_TEXT_LIMIT = 64;
/** The bus has no frame for more. */
const CALLER_DIGITS = 7;

const OUTPUTS: Readonly<Record<Parameters<Driver['say']>[0], true>> = {
  prompt: true,
  dark: true,
  thanks: true,
};

/**
 * Read by hand: a schema library would be a fifth of what this process weighs. Models and settings have been
 * checked against their schemas by the core, which alone speaks here; their shape is looked at, not their rules.
 * @returns undefined for whatever is no order.
 */
export function readOrder(data: unknown): Order | undefined {
  if (typeof data !== 'string' || data.length > ORDER_LIMIT) return undefined;
  const order = parsed(data);
  if (!isRecord(order)) return undefined;
  switch (order['type']) {
    case 'start':
      return areBoxes(order['boxes']) ? { type: 'start', boxes: order['boxes'] } : undefined;
    case 'say':
      return isOutput(order['output']) ? { type: 'say', output: order['output'] } : undefined;
    case 'acknowledge':
      return isPress(order['press']) ? { type: 'acknowledge', press: order['press'] } : undefined;
    case 'stars':
      return isStars(order['stars']) ? { type: 'stars', stars: order['stars'] } : undefined;
    case 'acknowledge-caller':
      return isCallerKey(order['key']) ? { type: 'acknowledge-caller', key: order['key'] } : undefined;
    case 'beep': {
      const caller = callerIn(order);
      return caller && { type: 'beep', ...caller };
    }
    case 'display': {
      const caller = callerIn(order);
      const { text } = order;
      return caller && isDisplayText(text) ? { type: 'display', text, ...caller } : undefined;
    }
    case 'stop':
      return { type: 'stop' };
    default:
      return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOutput(value: unknown): value is keyof typeof OUTPUTS {
  return typeof value === 'string' && Object.hasOwn(OUTPUTS, value);
}

function isStars(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 5;
}

function isPress(value: unknown): value is Press {
  return isRecord(value) && typeof value['deviceId'] === 'string' && value['control'] !== undefined;
}

function isByte(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 0xff;
}

/** @returns undefined for an address that is none; nothing is an address too: every evaluator's own. */
function callerIn({ caller }: Readonly<Record<string, unknown>>): { readonly caller?: number } | undefined {
  if (caller === undefined) return {};
  return isByte(caller) ? { caller } : undefined;
}

function isDisplayText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= DISPLAY_TEXT_LIMIT;
}

function isCallerKey(value: unknown): value is CallerKey {
  if (!isRecord(value)) return false;
  const { address, func, key, digits } = value;
  return (
    isByte(address) &&
    isByte(func) &&
    isByte(key) &&
    Array.isArray(digits) &&
    digits.length <= CALLER_DIGITS &&
    digits.every(isByte)
  );
}

function areBoxes(value: unknown): value is readonly [BoxParts, ...BoxParts[]] {
  return Array.isArray(value) && value.length > 0 && value.every(isBox);
}

function isBox(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { model, settings } = value;
  return (
    isRecord(model) &&
    isRecord(model['transport']) &&
    isRecord(model['framing']) &&
    isRecord(model['timing']) &&
    Array.isArray(model['outputs']) &&
    isRecord(settings) &&
    isRecord(settings['levels'])
  );
}
