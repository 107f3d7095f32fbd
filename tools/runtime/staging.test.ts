import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Who } from './cache-folder.ts';
import { productionPackages, stageApp } from './staging.ts';

let folder: string;
let app: string;
let who: Who;

async function put(path: string, content: string, mode = 0o600): Promise<void> {
  await mkdir(dirname(join(app, path)), { recursive: true, mode: 0o700 });
  await writeFile(join(app, path), content, { mode });
}

async function putPackage(place: string, dependencies: Readonly<Record<string, string>> = {}): Promise<void> {
  await put(`${place}/package.json`, JSON.stringify({ version: '1.0.0', dependencies }));
  await put(`${place}/index.js`, `// ${place}`);
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yiping-staging-'));
  app = join(folder, 'app');
  who = { env: { YIPING_CACHE: join(folder, 'cache') }, isRoot: false, home: folder };
  const dependencies = { native: '1', absent: '1' };
  await put('package.json', JSON.stringify({ dependencies, devDependencies: { tool: '1' } }));
  await put('out/main/main.js', 'one');
  await put('src/secret.ts', 'not needed');
  await put('assets/run.sh', '#!/bin/sh', 0o700);
  await putPackage('node_modules/native', { shared: '1', own: '1' });
  await putPackage('node_modules/shared');
  await putPackage('node_modules/native/node_modules/own', { shared: '1' });
  await putPackage('node_modules/native/node_modules/leftover');
  await putPackage('node_modules/tool');
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test('what the app needs in production is found the way Node finds it', async () => {
  expect(await productionPackages(app)).toEqual([
    'node_modules/native',
    'node_modules/native/node_modules/own',
    'node_modules/shared',
  ]);
});

test('the copy holds the build and those packages only, readable for all', async () => {
  const stage = await stageApp(app, who);
  expect((await readdir(stage)).sort()).toEqual(['.staged', 'assets', 'node_modules', 'out', 'package.json']);
  expect((await readdir(join(stage, 'node_modules'))).sort()).toEqual(['native', 'shared']);
  expect(await readdir(join(stage, 'node_modules/native/node_modules'))).toEqual(['own']);
  expect(await readFile(join(stage, 'out/main/main.js'), 'utf8')).toBe('one');
  expect((await stat(join(stage, 'out/main'))).mode & 0o777).toBe(0o755);
  expect((await stat(join(stage, 'out/main/main.js'))).mode & 0o777).toBe(0o644);
  expect((await stat(join(stage, 'assets/run.sh'))).mode & 0o777).toBe(0o755);
});

test('nothing changed: the same copy; a new build: a new copy', async () => {
  const first = await stageApp(app, who);
  expect(await stageApp(app, who)).toBe(first);
  await put('out/main/main.js', 'two, longer');
  const second = await stageApp(app, who);
  expect(second).not.toBe(first);
  expect(await readFile(join(second, 'out/main/main.js'), 'utf8')).toBe('two, longer');
});

test('two at once make one copy, and nothing unfinished is left', async () => {
  const stages = await Promise.all([stageApp(app, who), stageApp(app, who)]);
  expect(new Set(stages).size).toBe(1);
  const left = await readdir(join(folder, 'cache', 'staged'));
  expect(left.filter((name) => name.startsWith('unfinished-'))).toEqual([]);
});

test('a copy of an earlier build goes away when it is older than a day', async () => {
  const first = await stageApp(app, who);
  const longAgo = new Date(Date.now() - 48 * 60 * 60 * 1000);
  await utimes(first, longAgo, longAgo);
  await put('out/main/main.js', 'three');
  const second = await stageApp(app, who);
  const left = await readdir(join(folder, 'cache', 'staged'));
  expect(left.map((name) => join(folder, 'cache', 'staged', name)).filter((path) => path === first)).toEqual(
    [],
  );
  expect(left.length).toBe(2);
  expect(second).not.toBe(first);
});
