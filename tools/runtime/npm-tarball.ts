/**
 * Fetches one package file through npm itself, so that the user's registry, proxy, CA and login settings are
 * the ones that count. npm streams it into a content-addressed cache whose file name is the hash we pinned.
 */
import { spawn } from 'node:child_process';
import { access, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Report } from './progress.ts';
import { Trouble } from './trouble.ts';

export interface PinnedPackage {
  readonly spec: string;
  /** Subresource integrity of the package file: `sha512-…` in base64. */
  readonly integrity: string;
  readonly bytes: number;
}

/** How to start npm: the one that runs us, else the one on PATH. */
export function npmCommand(env: NodeJS.ProcessEnv): {
  readonly command: string;
  readonly args: readonly string[];
} {
  const script = env['npm_execpath'];
  // yarn and pnpm set the same variable to themselves.
  if (script !== undefined && /^npm(-cli)?\.[cm]?js$/.test(basename(script))) {
    return { command: process.execPath, args: [script] };
  }
  return { command: 'npm', args: [] };
}

/** Where npm's cache keeps a file of this integrity, below its cache folder. */
export function contentPath(cache: string, integrity: string): string {
  const [algorithm = '', base64 = ''] = integrity.split('-', 2);
  const hex = Buffer.from(base64, 'base64').toString('hex');
  return join(cache, '_cacache', 'content-v2', algorithm, hex.slice(0, 2), hex.slice(2, 4), hex.slice(4));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly complaint: string;
}

async function runNpm(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  const npm = npmCommand(env);
  const words = [npm.command, ...npm.args, ...args, '--loglevel=error'];
  // Killed in the middle, we must not leave an npm behind that goes on downloading for nobody.
  const [command = '', ...rest] =
    process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL', '--', ...words] : words;
  const child = spawn(command, rest, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let complaint = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString('utf8');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('utf8')).slice(0, 4000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(new Trouble(`Cannot start npm: ${error.message}.`)));
    child.once('close', resolve);
  });
  return { code, output, complaint };
}

/** The telling lines of npm's complaint: no stack, no log file that is about to be removed. */
export function essence(complaint: string): string {
  const lines = complaint
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^npm error\s+at |complete log/.test(line));
  return lines.slice(0, 4).join('\n');
}

/** The file from the user's own npm cache, when npm has fetched it before. */
export async function findInNpmCache(
  pinned: PinnedPackage,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const asked = await runNpm(['config', 'get', 'cache'], env);
  const cache = asked.output.trim();
  if (asked.code !== 0 || cache === '') return undefined;
  const file = contentPath(cache, pinned.integrity);
  return (await exists(file)) ? file : undefined;
}

/** Bytes of the largest file below a folder: the download under way. */
async function largestFile(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => (await stat(join(entry.parentPath, entry.name)).catch(() => undefined))?.size ?? 0);
  return Math.max(0, ...(await Promise.all(sizes)));
}

const LOOK_EVERY_MS = 500;

/**
 * Downloads the package into `folder` (which npm uses as a private cache, so nothing is left behind in the
 * user's) and returns the path of the package file.
 */
export async function download(
  pinned: PinnedPackage,
  folder: string,
  parts: { readonly env: NodeJS.ProcessEnv; readonly report: Report },
): Promise<string> {
  const look = setInterval(() => {
    void largestFile(folder).then((bytes) => parts.report(bytes, pinned.bytes));
  }, LOOK_EVERY_MS);
  const { code, complaint } = await runNpm(
    ['cache', 'add', pinned.spec, `--cache=${folder}`],
    parts.env,
  ).finally(() => clearInterval(look));
  if (code !== 0) {
    throw new Trouble(
      `npm could not fetch ${pinned.spec} (exit ${code}):\n${essence(complaint)}\nCheck that npm reaches its registry (npm ping), then start again.`,
    );
  }
  const file = contentPath(folder, pinned.integrity);
  if (await exists(file)) return file;
  throw new Trouble(
    `npm fetched ${pinned.spec}, but not the file that was expected (${pinned.integrity}). The registry serves something else under this name; it was not used.`,
  );
}
