import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isPresent, missingSonames } from './detect.ts';
import { ELECTRON_LIBRARIES, THINGS } from './machine-table.ts';

const LDD = `	linux-vdso.so.1 (0x00007ffd)
	libgtk-3.so.0 => not found
	libnss3.so => /lib/x86_64-linux-gnu/libnss3.so (0x00007f)
	libasound.so.2 => not found
	libgtk-3.so.0 => not found
`;

test('what ldd does not find is read once each, in order', () => {
  expect(missingSonames(LDD)).toEqual(['libgtk-3.so.0', 'libasound.so.2']);
});

test('a program is found in PATH only when it can be run', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'yiping-detect-'));
  const file = join(folder, 'yiping-made-up');
  await writeFile(file, '#!/bin/sh\n');
  await chmod(file, 0o644);
  const detect = { kind: 'program', program: 'yiping-made-up' } as const;
  expect(await isPresent(detect, folder)).toBe(false);
  await chmod(file, 0o755);
  expect(await isPresent(detect, folder)).toBe(true);
  await rm(folder, { recursive: true });
});

test('a library nobody has is missing', async () => {
  expect(await isPresent({ kind: 'library', soname: 'libyiping-made-up.so.0' }, '')).toBe(false);
});

test('every thing in the table is needed by something and brought by some package', () => {
  for (const thing of THINGS) {
    expect(thing.purposes.length, thing.name).toBeGreaterThan(0);
    expect(thing.packages.length, thing.name).toBeGreaterThan(0);
  }
});

test('no package name in the tables could be taken for an option', () => {
  const names = [...THINGS.map((thing) => thing.packages), ...Object.values(ELECTRON_LIBRARIES)].flat();
  for (const name of names) expect(name).toMatch(/^[a-z0-9][a-z0-9.+-]+$/);
});
