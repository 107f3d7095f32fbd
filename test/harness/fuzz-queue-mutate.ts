import type { Chance } from './crash-chance.ts';

/** Must be in no log line, whatever a message does with it. */
export const SECRET = 'SECRET-51f0';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const deep = (depth: number): Json => (depth === 0 ? 1 : [deep(depth - 1)]);
const HOSTILE: readonly Json[] = [
  null,
  true,
  '',
  ' ',
  '0',
  '-1',
  '\u0000',
  '\u202e\ufeff',
  '\ud800',
  '../../etc/passwd',
  "'; DROP TABLE handling; --",
  '<img src=x onerror=alert(1)>',
  `Bearer ${SECRET}`,
  SECRET,
  '请'.repeat(5_000),
  '%2F'.repeat(200),
  '9'.repeat(400),
  '2026-02-30',
  '9999-99-99T99:99',
  0,
  -1,
  1e308,
  -0,
  0.1,
  2 ** 53,
  Number.MAX_SAFE_INTEGER,
  [],
  {},
  [[]],
  deep(60),
  { toString: 'x', constructor: { prototype: {} } },
];
const KEYS = ['__proto__', 'constructor', 'password', 'token', 'v', 'kind', 'TICKETNO', 'ticketNo', 'at', ''];

/** A valid message, bent in up to four places. What is no object any more is a message too. */
export function bent(valid: Json, chance: Chance): Json {
  let value = valid;
  for (let times = chance.below(5); times > 0; times--) value = bendOnce(value, chance);
  return value;
}

function bendOnce(value: Json, chance: Chance): Json {
  if (Array.isArray(value)) {
    const at = chance.below(value.length + 1);
    const items: Json[] = [...value];
    if (chance.below(4) === 0) items.splice(at, 0, hostile(chance));
    else if (chance.below(6) === 0) items.splice(at, 1);
    else if (items[at] !== undefined) items[at] = bendOnce(items[at] ?? null, chance);
    return items;
  }
  if (typeof value !== 'object' || value === null)
    return chance.below(3) === 0 ? nearly(value, chance) : hostile(chance);
  const entries = Object.entries(value);
  const at = chance.below(entries.length);
  const [key, inner] = entries[at] ?? ['', null];
  switch (chance.below(8)) {
    case 0:
      return hostile(chance);
    case 1:
      entries.splice(at, 1);
      break;
    case 2:
      entries.push([KEYS[chance.below(KEYS.length)] ?? '', hostile(chance)]);
      break;
    case 3:
      entries.splice(at, 1, [key.toUpperCase(), inner]);
      break;
    default:
      entries.splice(at, 1, [key, bendOnce(inner, chance)]);
  }
  return Object.fromEntries(entries);
}

/** The same kind of value, a little off. */
function nearly(value: Json, chance: Chance): Json {
  if (typeof value === 'string') {
    const at = chance.below(value.length + 1);
    const odd = ['\u0007', '/', '~', '\udc00', '号', '0'][chance.below(6)] ?? '';
    return value.slice(0, at) + odd + value.slice(at + chance.below(2));
  }
  if (typeof value === 'number') return value + chance.pick([1, -1, 0.5, 1e15, Number.NaN]);
  return !value;
}

function hostile(chance: Chance): Json {
  return HOSTILE[chance.below(HOSTILE.length)] ?? null;
}

/** As text on the wire: whole, or cut, doubled, with bytes that are no text. */
export function asText(value: Json, chance: Chance): string {
  const text = JSON.stringify(value) ?? '';
  switch (chance.below(12)) {
    case 0:
      return text.slice(0, chance.below(text.length + 1));
    case 1:
      return text + text;
    case 2:
      return text.replace(':', '::');
    case 3:
      return `${text.slice(0, 20)}\u0000${text.slice(20)}`;
    case 4: {
      const at = chance.below(text.length + 1);
      return text.slice(0, at) + String.fromCharCode(chance.below(65_536)) + text.slice(at + 1);
    }
    default:
      return text;
  }
}

/** A right frame with a byte wrong, cut off, or noise. */
export function bentBytes(valid: Uint8Array, chance: Chance): Uint8Array {
  const bytes = Uint8Array.from(valid);
  switch (chance.below(4)) {
    case 0:
      return bytes;
    case 1:
      bytes[chance.below(bytes.length)] = chance.below(256);
      return bytes;
    case 2:
      return bytes.subarray(0, chance.below(bytes.length));
    default:
      return Uint8Array.from({ length: chance.below(40) }, () => chance.below(256));
  }
}
