/**
 * Hooks for electron-builder (named in electron-builder.yml). With the official Electron they do nothing. With the
 * npm-borne one, or one named by the user, they make a packed *development* build for this machine possible:
 * the distribution is taken from there, and better-sqlite3 is the copy that was built for it.
 */
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isNpmBorne, runtimeModules } from './npm-borne.ts';
import { resolveRuntime } from './resolve-runtime.ts';

/** The part of electron-builder's hook context that is used here. */
interface PackContext {
  readonly appOutDir: string;
  readonly outDir: string;
  readonly electronPlatformName: string;
  readonly arch: number;
  readonly packager: { readonly config: PackConfig };
}

interface FileSet {
  readonly from: string;
  readonly to: string;
}

interface PackConfig {
  electronDist?: unknown;
  electronVersion?: string | null;
  files?: unknown;
}

/** electron-builder's numbers for processor architectures. */
const ARCHES: Readonly<Record<string, number>> = { ia32: 0, x64: 1, armv7l: 2, arm64: 3 };

const SWAPPED = ['better-sqlite3', 'bindings', 'file-uri-to-path'];

function isForThisMachine(context: PackContext): boolean {
  return context.electronPlatformName === process.platform && context.arch === ARCHES[process.arch];
}

/** electron-builder hands a hook the `files` list with all plain patterns gathered in one set without `from`. */
interface PatternSet {
  readonly from?: string | null;
  readonly filter?: string | readonly string[];
}

function isAppsOwn(entry: unknown): entry is PatternSet {
  if (typeof entry !== 'object' || entry === null) return false;
  const { from } = entry as PatternSet;
  return from === undefined || from === null || from === '.';
}

/** The `files` of the configuration with the runtime's own modules in the place of the app's. */
export function swapModules(files: unknown, modules: string): readonly unknown[] {
  const given: readonly unknown[] = Array.isArray(files) ? files : files == null ? ['**/*'] : [files];
  const theirs = SWAPPED.map((name) => `!node_modules/${name}/**`);
  const own = SWAPPED.map((name): FileSet => ({ from: join(modules, name), to: `node_modules/${name}` }));
  // A list of nothing but exclusions would mean "everything else", so they go where the app's patterns are.
  if (!given.some(isAppsOwn)) return [...given, ...theirs, ...own];
  const rest = given.map((entry) =>
    isAppsOwn(entry) ? { ...entry, filter: [...[entry.filter ?? '**/*'].flat(), ...theirs] } : entry,
  );
  return [...rest, ...own];
}

/** Runs before the distribution is copied and the app's files are collected. */
export async function beforePack(context: PackContext): Promise<void> {
  if (!isForThisMachine(context)) return;
  const runtime = await resolveRuntime();
  if (runtime.kind === 'official') return;
  const { config } = context.packager;
  config.electronDist = runtime.dist;
  config.electronVersion = runtime.electronVersion;
  if (!(await isNpmBorne(runtime.dist))) return;
  // electron-builder refuses files from system folders, where root's cache is.
  const modules = join(context.outDir, 'runtime-modules');
  await rm(modules, { recursive: true, force: true });
  await cp(runtimeModules(runtime.dist), modules, { recursive: true });
  config.files = swapModules(config.files, modules);
}

/** Takes out what only serves running an unpacked app. */
export async function afterExtract(context: PackContext): Promise<void> {
  const resources = join(context.appOutDir, 'resources');
  for (const name of ['default_app.asar', 'runtime-modules']) {
    await rm(join(resources, name), { recursive: true, force: true });
  }
}
