/** Builds the app for Electron when what is in `out/` is older than what it is made of. */
import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Trouble } from '../runtime/runtime.ts';

const MADE = [
  'out/main/main.js',
  'out/main/core.js',
  'out/preload/citizen.cjs',
  'out/renderer/citizen/index.html',
];
/** What electron-vite reads; the province and the tools are no part of the app. */
const SOURCES = [
  'src',
  'assets/faces',
  'assets/icons',
  'electron.vite.config.ts',
  'renderer.vite.config.ts',
  'package-lock.json',
];
const NOT_BUILT = /(^|\/)(province|preview)(\/|$)|\.test\.tsx?$/;

export type BuildNeed = 'none' | 'missing' | 'older';

/** @param app folder with package.json. */
export async function buildNeed(app: string): Promise<BuildNeed> {
  const made = await Promise.all(MADE.map((name) => changedMs(join(app, name))));
  const oldest = Math.min(...made.map((ms) => ms ?? 0));
  if (oldest === 0) return 'missing';
  const newest = Math.max(...(await Promise.all(SOURCES.map((name) => newestIn(app, name)))));
  return newest > oldest ? 'older' : 'none';
}

async function newestIn(app: string, name: string): Promise<number> {
  if (NOT_BUILT.test(name)) return 0;
  const path = join(app, name);
  const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined);
  if (!entries) return (await changedMs(path)) ?? 0;
  const inner = await Promise.all(entries.map((entry) => newestIn(app, `${name}/${entry.name}`)));
  return Math.max(0, ...inner);
}

async function changedMs(path: string): Promise<number | undefined> {
  return stat(path).then(
    (info) => info.mtimeMs,
    () => undefined,
  );
}

/** Throws `Trouble` with what electron-vite said when it fails. */
export async function buildApp(app: string): Promise<void> {
  const program = join(app, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const child = spawn(process.execPath, [program, 'build'], { cwd: app, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const keep = (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-6_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const code = await new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (exit, signal) => resolve(exit ?? signal ?? 'unknown'));
  });
  if (code !== 0) throw new Trouble(`The app could not be built (electron-vite: ${code}):\n${said.trim()}`);
}
