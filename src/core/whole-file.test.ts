import type * as Fs from 'node:fs';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { readSmallFile, writeWhole } from './whole-file.ts';

/** As on Windows, where nobody may open a folder to flush it. */
const windows = vi.hoisted(() => ({ now: false }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof Fs>();
  const openSync: typeof Fs.openSync = (path, ...rest) => {
    if (windows.now && fs.statSync(path, { throwIfNoEntry: false })?.isDirectory())
      throw Object.assign(new Error(`EPERM: operation not permitted, open '${path}'`), { code: 'EPERM' });
    return fs.openSync(path, ...rest);
  };
  return { ...fs, openSync };
});

let folder: string;
const platform = Object.getOwnPropertyDescriptor(process, 'platform') ?? {};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yiping-whole-'));
});
afterEach(() => {
  windows.now = false;
  Object.defineProperty(process, 'platform', platform);
  rmSync(folder, { recursive: true, force: true });
});

it('is there whole, for its own user alone, with nothing beside it', () => {
  const file = join(folder, 'pin.json');
  expect(writeWhole(file, 'first')).toEqual({ ok: true });
  expect(writeWhole(file, 'second')).toEqual({ ok: true });
  expect(readSmallFile(file)).toEqual({ kind: 'text', text: 'second' });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['pin.json']);
});

it('is written on Windows too, which opens no folder', () => {
  windows.now = true;
  expect(writeWhole(join(folder, 'a'), 'text')).toMatchObject({
    ok: false,
    detail: expect.stringMatching(/EPERM/),
  });
  Object.defineProperty(process, 'platform', { value: 'win32' });
  expect(writeWhole(join(folder, 'b'), 'text')).toEqual({ ok: true });
});

it('says why where it cannot be written', () => {
  expect(writeWhole(join(folder, 'nowhere', 'a'), 'text')).toMatchObject({ ok: false });
});
