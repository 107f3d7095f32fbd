/** The official Electron binary that belongs to the npm package `electron`, and whether it can be downloaded. */
import { spawn } from 'node:child_process';
import { access, mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeWhole } from './settle.ts';

export interface OfficialPackage {
  readonly folder: string;
  readonly version: string;
}

/** The `electron` package of this project. */
export async function officialPackage(): Promise<OfficialPackage> {
  const file = createRequire(import.meta.url).resolve('electron/package.json');
  const { version } = JSON.parse(await readFile(file, 'utf8')) as { readonly version: string };
  return { folder: dirname(file), version };
}

export interface OfficialBinary {
  readonly executable: string;
  readonly dist: string;
}

/** The unpacked binary, when it is there, complete, and of the package's own version. */
export async function installedOfficial(from: OfficialPackage): Promise<OfficialBinary | undefined> {
  const dist = join(from.folder, 'dist');
  try {
    const version = (await readFile(join(dist, 'version'), 'utf8')).trim().replace(/^v/, '');
    if (version !== from.version) return undefined;
    // Written by the installer after everything else.
    const executable = join(dist, await readFile(join(from.folder, 'path.txt'), 'utf8'));
    await access(executable);
    return { executable, dist };
  } catch {
    return undefined;
  }
}

/** Runs the package's own installer, which downloads, verifies and unpacks. True when it succeeded. */
export async function installOfficial(from: OfficialPackage, env: NodeJS.ProcessEnv): Promise<boolean> {
  const child = spawn(process.execPath, [join(from.folder, 'install.js')], { env, stdio: ['ignore', 2, 2] });
  return new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });
}

/** A place for the binary was named by the user, so downloading is worth a try without asking first. */
export function isMirrorSet(env: NodeJS.ProcessEnv): boolean {
  return Object.entries(env).some(
    ([key, value]) =>
      /^(npm_config_|npm_package_config_)?electron_mirror$/i.test(key) && value !== undefined && value !== '',
  );
}

interface ElectronGet {
  downloadArtifact(request: {
    readonly version: string;
    readonly artifactName: string;
    readonly platform: string;
    readonly arch: string;
    readonly tempDirectory?: string;
    readonly downloader: { download(url: string): Promise<void> };
  }): Promise<string>;
}

/** Carries the probe's answer out of the downloader, which has no other way out. */
class Probed extends Error {
  readonly isReachable: boolean;
  constructor(isReachable: boolean) {
    super('probed');
    this.isReachable = isReachable;
  }
}

async function answers(url: string, limitMs: number): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(limitMs) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/**
 * Asks whether the installer would get its file: from its own cache, or because the download begins to answer
 * within the limit. The address is the installer's own business; it is learned from its library.
 */
export async function probeOfficial(from: OfficialPackage, limitMs: number): Promise<boolean> {
  const library = createRequire(join(from.folder, 'install.js')).resolve('@electron/get');
  const get = (await import(pathToFileURL(library).href)) as ElectronGet;
  try {
    await get.downloadArtifact({
      version: from.version,
      artifactName: 'electron',
      platform: process.platform,
      arch: process.arch,
      downloader: {
        download: async (url) => {
          throw new Probed(await answers(url, limitMs));
        },
      },
    });
    return true;
  } catch (error) {
    return error instanceof Probed && error.isReachable;
  }
}

interface Refusal {
  readonly electronVersion: string;
  readonly refusedAtMs: number;
}

const REMEMBER_FOR_MS = 24 * 60 * 60 * 1000;

function rememberedFile(cache: string): string {
  return join(cache, 'official-download-refused.json');
}

/** True when the download of this version was refused not long ago. */
export async function isRefusalRemembered(cache: string, version: string, nowMs: number): Promise<boolean> {
  try {
    const refusal = JSON.parse(await readFile(rememberedFile(cache), 'utf8')) as Partial<Refusal>;
    // A file of another shape gives NaN, which is no age at all.
    const ageMs = nowMs - Number(refusal.refusedAtMs);
    return refusal.electronVersion === version && ageMs >= 0 && ageMs < REMEMBER_FOR_MS;
  } catch {
    return false;
  }
}

/** Saves the next starts from asking again for a day. Best effort: a cache that cannot be written costs seconds only. */
export async function rememberRefusal(cache: string, version: string, nowMs: number): Promise<void> {
  const file = rememberedFile(cache);
  try {
    await mkdir(cache, { recursive: true });
    const refusal: Refusal = { electronVersion: version, refusedAtMs: nowMs };
    await writeWhole(file, `${JSON.stringify(refusal)}\n`);
  } catch {
    // see above
  }
}
