import { parse, validate, version } from 'uuid';
import { expect, it } from 'vitest';
import { newUuidV7 } from './uuid-v7.ts';

it('is a UUIDv7 of its time, as another implementation reads it', () => {
  const atMs = Date.UTC(2026, 10, 22, 8, 30, 15, 123);
  const id = newUuidV7(atMs);
  expect(validate(id)).toBe(true);
  expect(version(id)).toBe(7);
  expect(Buffer.from(parse(id)).readUIntBE(0, 6)).toBe(atMs);
});

it('differs each time, also within a millisecond', () => {
  expect(new Set(Array.from({ length: 1000 }, () => newUuidV7(5))).size).toBe(1000);
});

it.each([
  ['before 1970', -1, '00000000-0000-7'],
  ['between two milliseconds', 15.9, '00000000-000f-7'],
  ['in the year 9999', Date.UTC(9999, 11, 31, 23, 59, 59, 999), 'e677d21f-dbff-7'],
])('takes a clock %s', (_what, atMs, start) => {
  const id = newUuidV7(atMs);
  expect(version(id)).toBe(7);
  expect(id.startsWith(start)).toBe(true);
});
