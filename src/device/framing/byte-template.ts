import { z } from 'zod';
import { byteOf, hexByte } from './bytes.ts';
import { type Check, checkBytes, checkLength } from './check-sum.ts';

/**
 * A frame as it is drawn: `AA 55 {address} 11 {key} {check} 0D`. Pairs are bytes that never change; `{address}`,
 * `{key}`, `{stars}` and `{any}` are one byte each, `{check}` as many as the check has.
 */
export const ByteTemplateSchema = z
  .string()
  .regex(
    /^(?:[0-9A-F]{2}|\{(?:address|key|stars|any|check)\})(?: (?:[0-9A-F]{2}|\{(?:address|key|stars|any|check)\})){1,63}$/,
    'must be 2–64 pairs or {address}, {key}, {stars}, {any}, {check}, with a space between, such as "AA 55 {key} {check}"',
  );

type Slot = 'address' | 'key' | 'stars' | 'any';
type Place =
  | { readonly kind: 'byte'; readonly value: number }
  | { readonly kind: 'slot'; readonly name: Slot }
  | { readonly kind: 'check' };

/** What stood in, or goes into, the open places; each a byte. */
export type Values = Partial<Record<Slot, number>>;

export type Match =
  | { readonly kind: 'message'; readonly values: Values }
  /** Everything but the check, or but what follows it, is right. */
  | { readonly kind: 'badChecksum' }
  | { readonly kind: 'badTail' };

export interface ByteTemplate {
  readonly length: number;
  /** Bytes that never change. */
  readonly fixed: number;
  has(name: Slot | 'check'): boolean;
  /** @param frame exactly `length` bytes. */
  match(frame: Uint8Array): Match | undefined;
  write(values: Values): Uint8Array;
}

/** @param parts.kind of the check. @param parts.from the first byte that the check covers, counted from 0; it covers all up to the one before `{check}`. */
export function compileBytes(
  text: string,
  parts: { readonly kind: Check; readonly from: number },
): ByteTemplate {
  const { kind: check, from } = parts;
  const places = text.split(' ').flatMap((word): readonly Place[] => {
    if (word === '{check}') return Array.from({ length: checkLength(check) }, () => ({ kind: 'check' }));
    if (word.startsWith('{')) return [{ kind: 'slot', name: word.slice(1, -1) as Slot }];
    return [{ kind: 'byte', value: byteOf(word) }];
  });
  const checkAt = places.findIndex(({ kind }) => kind === 'check');
  const tailAt = checkAt < 0 ? places.length : checkAt + checkLength(check);
  const sum = (frame: Uint8Array) => checkBytes(check, frame.subarray(from, checkAt));
  const same = (frame: Uint8Array, start: number, end: number) => {
    for (let at = start; at < end; at++) {
      const place = places[at];
      if (place?.kind === 'byte' && place.value !== frame[at]) return false;
    }
    return true;
  };

  return {
    length: places.length,
    fixed: places.filter(({ kind }) => kind === 'byte').length,
    has: (name) =>
      name === 'check' ? checkAt >= 0 : places.some((p) => p.kind === 'slot' && p.name === name),
    match(frame) {
      if (!same(frame, 0, tailAt)) return undefined;
      if (!same(frame, tailAt, places.length)) return { kind: 'badTail' };
      if (checkAt >= 0 && sum(frame).some((byte, at) => frame[checkAt + at] !== byte))
        return { kind: 'badChecksum' };
      const values: Values = {};
      places.forEach((place, at) => {
        if (place.kind === 'slot') values[place.name] = frame[at] ?? 0;
      });
      return { kind: 'message', values };
    },
    write(values) {
      const frame = Uint8Array.from(places, (place) =>
        place.kind === 'byte' ? place.value : place.kind === 'slot' ? (values[place.name] ?? 0) : 0,
      );
      if (checkAt >= 0) frame.set(sum(frame), checkAt);
      return frame;
    },
  };
}

/** A byte that no key of the model has: shown as it came, so that a technician can name it. */
export function unknownKey(byte: number): string {
  return `0x${hexByte(byte)}`;
}
