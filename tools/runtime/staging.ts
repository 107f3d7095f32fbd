/**
 * A readable copy of what Electron needs, for a checkout the ordinary user cannot look into (below root's home, or
 * in a private temporary folder). Copies are kept by content and time in the cache folder and made only once.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { cacheFolder, makeOpenFolder, type Who } from './cache-folder.ts';
import { withLock } from './file-lock.ts';
import { settle } from './settle.ts';

/** What of an app folder is copied, besides the packages it needs in production. */
export const APP_ENTRIES: readonly string[] = [
  'package.json',
  'out/main',
  'out/preload',
  'out/renderer',
  'assets',
];

const MARKER = '.staged';
const KEEP_OTHERS_MS = 24 * 60 * 60 * 1000;

async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

async function dependenciesOf(folder: string): Promise<readonly string[]> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
  return Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
}

/** Looks for a package the way Node does: in each `node_modules` upwards, but not above the app folder. */
async function findPackage(name: string, from: string, appDir: string): Promise<string | undefined> {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (await exists(join(candidate, 'package.json'))) return candidate;
    if (folder === appDir || folder === dirname(folder)) return undefined;
  }
}

/** Folders, relative to the app, of every package it needs in production; absent optional ones are left out. */
export async function productionPackages(appDir: string): Promise<readonly string[]> {
  const found = new Set<string>();
  const visit = async (folder: string): Promise<void> => {
    for (const name of await dependenciesOf(folder)) {
      const place = await findPackage(name, folder, appDir);
      if (place === undefined || found.has(place)) continue;
      found.add(place);
      await visit(place);
    }
  };
  await visit(appDir);
  return [...found].map((place) => relative(appDir, place)).sort();
}

async function fingerprint(
  folder: string,
  entries: readonly string[],
  packages: readonly string[],
): Promise<string> {
  const hash = createHash('sha256');
  const add = async (path: string): Promise<void> => {
    const info = await stat(path);
    if (info.isDirectory()) {
      for (const name of (await readdir(path)).sort()) await add(join(path, name));
    } else {
      hash.update(`${relative(folder, path)}\0${info.size}\0${info.mtimeMs}\n`);
    }
  };
  for (const entry of entries) await add(join(folder, entry));
  // Packages change as a whole: their own manifest tells.
  for (const place of packages) await add(join(folder, place, 'package.json'));
  return hash.digest('hex').slice(0, 12);
}

async function copyInto(source: string, target: string, isPackage: boolean): Promise<void> {
  // Packages inside packages are in the list by themselves when they are needed.
  const inner = `${source}${sep}node_modules`;
  await cp(source, target, {
    recursive: true,
    dereference: true,
    mode: constants.COPYFILE_FICLONE,
    filter: (path) => !isPackage || path !== inner,
  });
}

async function removeOldStages(folder: string, prefix: string, nowMs: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const info = await stat(path).catch(() => undefined);
    const isOld = info !== undefined && nowMs - info.mtimeMs > KEEP_OTHERS_MS;
    if (name.startsWith('unfinished-') || (name.startsWith(prefix) && isOld)) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

async function stage(
  source: string,
  entries: readonly string[],
  packages: readonly string[],
  who: Who,
): Promise<string> {
  const folder = join(cacheFolder(who), 'staged');
  await makeOpenFolder(folder);
  const prefix = `${createHash('sha256').update(source).digest('hex').slice(0, 8)}-`;
  const target = join(folder, prefix + (await fingerprint(source, entries, packages)));
  if (await exists(join(target, MARKER))) return target;
  return withLock(join(folder, 'staged.lock'), async () => {
    if (await exists(join(target, MARKER))) return target;
    await removeOldStages(folder, prefix, Date.now());
    const passing = join(folder, `unfinished-${process.pid}`);
    await mkdir(passing);
    for (const entry of entries) await copyInto(join(source, entry), join(passing, entry), false);
    for (const place of packages) await copyInto(join(source, place), join(passing, place), true);
    await writeFile(join(passing, MARKER), `${source}\n`);
    await settle(passing);
    await rename(passing, target);
    return target;
  });
}

/** A readable copy of an app folder: its manifest, build, assets, and the packages it needs in production. */
export async function stageApp(appDir: string, who: Who): Promise<string> {
  const present = await Promise.all(APP_ENTRIES.map((entry) => exists(join(appDir, entry))));
  const entries = APP_ENTRIES.filter((_, index) => present[index]);
  return stage(appDir, entries, await productionPackages(appDir), who);
}

/** A readable copy of a whole Electron distribution. */
export async function stageDistribution(dist: string, who: Who): Promise<string> {
  return stage(dist, (await readdir(dist)).sort(), [], who);
}
