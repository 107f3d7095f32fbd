import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly gypfile?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
const root = join(fileURLToPath(import.meta.url), '../../..');
const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'));
const locked: Readonly<Record<string, LockedPackage>> = read('package-lock.json').packages;

it('every platform’s part of a package is locked, or npm ci refuses on all of them', () => {
  // npm leaves out what the registry at hand does not offer; such an entry is added by hand, with its version.
  const missing = Object.entries(locked).flatMap(([at, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !locked[`${at}/node_modules/${name}`] && !locked[`node_modules/${name}`],
    ),
  );
  expect(missing.filter((name) => name.startsWith('@biomejs/'))).toEqual([]);
});

it('nothing is compiled at install: the database brings its Node-API binaries', () => {
  // npm ci reads from the lock alone, which does not hold gypfile by itself, and would run node-gyp.
  expect(locked['node_modules/better-sqlite3']).toMatchObject({ gypfile: false });
  expect(read('package.json').allowScripts).toMatchObject({ 'better-sqlite3': false });
});

it('names no registry', () => {
  expect(Object.values(locked).flatMap(({ resolved }) => resolved ?? [])).toEqual([]);
});

it('every version in package.json is exact', () => {
  const { dependencies, devDependencies } = read('package.json');
  const ranges = Object.entries({ ...dependencies, ...devDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+$/.test(String(version)),
  );
  expect(ranges).toEqual([]);
});
