import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { newFolder } from '../../test/support/store-parts.ts';
import { createReserve, RESERVE_BYTES } from './reserve.ts';

let folder: string;
let remove: () => void;
beforeEach(() => {
  ({ folder, remove } = newFolder());
});
afterEach(() => remove());
const file = () => join(folder, 'journal.reserve');

it('holds its room with bytes, gives it back once, and takes it again', () => {
  const reserve = createReserve(folder);
  expect(existsSync(file())).toBe(false);
  expect(reserve.inPlace()).toBe(true);
  expect(readFileSync(file())).toHaveLength(RESERVE_BYTES);
  expect(reserve.release()).toBe(true);
  expect(existsSync(file())).toBe(false);
  expect(reserve.release()).toBe(false);
  expect(reserve.inPlace()).toBe(true);
});

it('is found again by the next start, and a part of one is none', () => {
  createReserve(folder).inPlace();
  expect(createReserve(folder).release()).toBe(true);
  writeFileSync(file(), 'cut short');
  expect(createReserve(folder).release()).toBe(false);
});

it('is not in place where it cannot be made', () => {
  expect(createReserve(join(folder, 'nowhere')).inPlace()).toBe(false);
});
