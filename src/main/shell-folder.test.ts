import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findShellFolder, removeScratch } from './shell-folder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yiping-shell-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('is the one in the data folder, also at the first start, and holds nothing of the question', () => {
  const data = join(folder, 'kiosk');
  const found = findShellFolder(data);
  expect(found).toEqual({ kind: 'own', path: join(data, 'shell') });
  expect(readdirSync(found.path)).toEqual([]);
  removeScratch(found);
  expect(existsSync(found.path)).toBe(true);
});

it.each<[string, (data: string) => void]>([
  ['no folder', (data) => writeFileSync(data, '')],
  ['on a disk that is gone', (data) => symlinkSync('/proc/yiping-not-there', data)],
])('is one for this start alone where the data folder is %s', (_what, spoil) => {
  const data = join(folder, 'kiosk');
  spoil(data);
  const found = findShellFolder(data);
  expect(found).toMatchObject({ kind: 'scratch', reason: expect.stringMatching(/\w/) });
  expect(existsSync(found.path)).toBe(true);
  removeScratch(found);
  expect(existsSync(found.path)).toBe(false);
});
