import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { OfficialPackage } from './official.ts';
import { silentProgress } from './progress.ts';
import { type ResolveParts, resolveRuntime } from './resolve-runtime.ts';

let folder: string;
let official: OfficialPackage;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yiping-resolve-'));
  official = { folder: join(folder, 'electron'), version: '45.4.1' };
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** A folder that looks like an unpacked Electron. */
async function makeDist(dist: string, version: string): Promise<void> {
  await mkdir(dist, { recursive: true });
  await writeFile(join(dist, 'version'), version);
  await writeFile(join(dist, 'electron'), '#!/bin/sh\n');
  await chmod(join(dist, 'electron'), 0o755);
}

async function installOfficial(): Promise<boolean> {
  await makeDist(join(official.folder, 'dist'), official.version);
  await writeFile(join(official.folder, 'path.txt'), 'electron');
  return true;
}

interface World {
  readonly parts: ResolveParts;
  readonly did: string[];
  nowMs: number;
}

function world(env: NodeJS.ProcessEnv, change: Partial<ResolveParts> = {}): World {
  const did: string[] = [];
  const result: World = {
    did,
    nowMs: 1_700_000_000_000,
    parts: {
      who: { env: { YIPING_CACHE: join(folder, 'cache'), ...env }, isRoot: false, home: folder },
      progress: silentProgress,
      nowMs: () => result.nowMs,
      official: async () => official,
      probe: async () => {
        did.push('probe');
        return false;
      },
      install: async () => {
        did.push('install');
        return installOfficial();
      },
      ensureNpmBorne: async () => {
        did.push('npm');
        return '/cache/npm-borne';
      },
      canBeNpmBorne: true,
      ...change,
    },
  };
  return result;
}

test('a named folder wins over everything and is not touched', async () => {
  await makeDist(join(folder, 'own'), 'v40.1.2\n');
  const { parts, did } = world({ ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'own'), YIPING_RUNTIME: 'npm' });
  expect(await resolveRuntime(parts)).toEqual({
    executable: join(folder, 'own', 'electron'),
    dist: join(folder, 'own'),
    electronVersion: '40.1.2',
    kind: 'override',
  });
  expect(did).toEqual([]);
});

test('a named folder without an Electron is an error that names the folder and the setting', async () => {
  const { parts } = world({ ELECTRON_OVERRIDE_DIST_PATH: folder });
  await expect(resolveRuntime(parts)).rejects.toThrow(
    /ELECTRON_OVERRIDE_DIST_PATH names .*no working Electron/,
  );
});

test('an installed official binary is used without asking the network', async () => {
  await installOfficial();
  const { parts, did } = world({});
  expect((await resolveRuntime(parts)).kind).toBe('official');
  expect(did).toEqual([]);
});

test('a binary of another version, left by an update of the package, is not used', async () => {
  await installOfficial();
  await writeFile(join(official.folder, 'dist', 'version'), '44.0.0');
  const { parts, did } = world({});
  expect((await resolveRuntime(parts)).kind).toBe('npm-borne');
  expect(did).toEqual(['probe', 'npm']);
});

test('where the official download answers, it is installed', async () => {
  const { parts, did } = world({}, { probe: async () => true });
  const runtime = await resolveRuntime(parts);
  expect(runtime).toMatchObject({ kind: 'official', electronVersion: '45.4.1' });
  expect(did).toEqual(['install']);
});

test('a mirror set by the user is tried without asking first', async () => {
  const { parts, did } = world({ ELECTRON_MIRROR: 'http://127.0.0.1:1/' });
  expect((await resolveRuntime(parts)).kind).toBe('official');
  expect(did).toEqual(['install']);
});

test('a refused download is remembered for a day, then asked again', async () => {
  const here = world({});
  expect((await resolveRuntime(here.parts)).kind).toBe('npm-borne');
  await resolveRuntime(here.parts);
  expect(here.did).toEqual(['probe', 'npm', 'npm']);
  here.nowMs += 25 * 60 * 60 * 1000;
  await resolveRuntime(here.parts);
  expect(here.did).toEqual(['probe', 'npm', 'npm', 'probe', 'npm']);
});

test('a download that answers and then fails falls back, and is not tried again at the next start', async () => {
  const failing = world({}, { probe: async () => true, install: async () => false });
  expect((await resolveRuntime(failing.parts)).kind).toBe('npm-borne');
  const next = world({});
  await resolveRuntime(next.parts);
  expect(next.did).toEqual(['npm']);
});

test('YIPING_RUNTIME settles it', async () => {
  await installOfficial();
  expect((await resolveRuntime(world({ YIPING_RUNTIME: 'npm' }).parts)).kind).toBe('npm-borne');
  await rm(official.folder, { recursive: true });
  const forced = world({ YIPING_RUNTIME: 'official' });
  expect((await resolveRuntime(forced.parts)).kind).toBe('official');
  expect(forced.did).toEqual(['install']);
  await expect(resolveRuntime(world({ YIPING_RUNTIME: 'both' }).parts)).rejects.toThrow(
    /"official" or "npm"/,
  );
});

test('where only the official one can run and does not come, the message says what can be set', async () => {
  const { parts } = world({}, { canBeNpmBorne: false, install: async () => false });
  await expect(resolveRuntime(parts)).rejects.toThrow(/ELECTRON_MIRROR.*ELECTRON_OVERRIDE_DIST_PATH/);
});
