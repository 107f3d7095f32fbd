import { hexByte } from '../../src/device/framing/bytes.ts';
import type { DeviceModel } from '../../src/device/models.ts';
import { assertNever } from '../../src/shared/words.ts';

type FramingSpec = DeviceModel['framing'];

/** How a model's messages look, in a few lines. */
export function drawFraming(framing: FramingSpec): string {
  switch (framing.kind) {
    case 'ff68':
      return FF68;
    case 'line':
      return block(
        framing.press,
        `A line is at most ${framing.maxBytes} bytes and ends with ${framing.end}; a longer one is dropped up to its end.`,
      );
    case 'fixed':
      return block(framing.press.replaceAll('{any}', '·'), checkText(framing.check));
    case 'modbus-rtu': {
      const { read, pollMs, answerMs } = framing;
      const last = read.first + read.count - 1;
      const what = READS[read.function];
      return block(
        `ask     {address} ${pair(read.function)} ${word(read.first)} ${word(read.count)} {check}\nanswer  {address} ${pair(read.function)} N · … {check}`,
        `Asked every ${pollMs} ms for the ${what} ${read.first}–${last}; an answer is waited for ${answerMs} ms, and nothing else is said meanwhile. CRC-16/MODBUS, low byte first. Our own words, which a two-wire line gives back, and refusals (function + 80) press nothing.`,
      );
    }
    case 'hid-report': {
      const id = framing.reportId === undefined ? '' : `${pair(framing.reportId)} `;
      return block(
        `${id}${Array.from({ length: framing.length }, () => '·').join(' ')}`,
        `A report of another length is refused. Outputs begin with the report id, 00 where there is none, and are filled up with ${framing.fill}.`,
      );
    }
    case 'key-codes': {
      const ignored = framing.ignored?.length ? ` Usages ${framing.ignored.join(', ')} say nothing.` : '';
      return block(
        'MODIFIERS 00 USAGE USAGE USAGE USAGE USAGE USAGE',
        `Boot-keyboard reports: all keys that are down. 01 in all six places is more keys than the pad can tell and presses nothing.${ignored}`,
      );
    }
    default:
      return assertNever(framing);
  }
}

/** Where a key has its place, if the framing says so. */
export function placeOfKey(framing: FramingSpec, code: string): string {
  if ('down' in framing) {
    const { down } = framing;
    if (down.by === 'value') return `value ${down.keys[code]}`;
    const place = down.keys[code];
    return typeof place === 'object' ? `byte ${place.byte}, bit ${place.bit}` : `bit ${place}`;
  }
  if (framing.kind === 'key-codes') return `usage ${framing.keys[code]?.join(' or ')}`;
  if (framing.kind === 'line') return `text \`${framing.keys[code]}\``;
  return framing.kind === 'fixed' ? `byte ${framing.keys[code]}` : `grade ${hexByte(Number(code))}`;
}

const READS = { 1: 'coils', 2: 'discrete inputs', 3: 'holding registers', 4: 'input registers' } as const;

const FF68 = block(
  'FF 68 | LEN | LEN | 68 | ADDR | FUNC | DATA… | CS | 16',
  `LEN counts ADDR, FUNC and DATA and is sent twice; CS = (ADDR + FUNC + ΣDATA) mod 256. The leading FF may be absent
(variant B). Length, checksum and tail are verified; a frame with any of them wrong presses nothing. A press has function 11 and
one byte, the grade. The clerk's keypad (*caller*) shares the bus: its frames have another function and an address below 80, its
evaluator's without the highest bit; its key is the last byte, with the digits before it. It is what is beeped at, and what shows
six digits, 0A a blank. A key that was taken is answered with its own frame; what a two-wire line gives back of our own words is no key.`,
);

function checkText({ kind, from }: Extract<FramingSpec, { kind: 'fixed' }>['check']): string {
  if (kind === 'none') return 'No check.';
  const how = {
    sum8: 'the sum modulo 256',
    xor8: 'the exclusive or',
    'crc16-modbus': 'CRC-16/MODBUS, low byte first,',
  };
  return `The check is ${how[kind]} of the bytes from number ${from}, counted from 0, up to itself. A frame whose check or end is wrong presses nothing.`;
}

function block(drawing: string, text: string): string {
  return `\`\`\`\n${drawing}\n\`\`\`\n\n${text}`;
}

function word(value: number): string {
  return `${hexByte(value >> 8)} ${hexByte(value & 0xff)}`;
}

function pair(value: number): string {
  return hexByte(value);
}
