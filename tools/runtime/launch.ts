/** Starting Electron as the right user, for programs (`launchElectron`) and for Playwright (`playwrightElectron`). */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { cacheFolder, type Who, whoAmI } from './cache-folder.ts';
import {
  asUser,
  environmentFor,
  fullPath,
  type OrdinaryUser,
  ordinaryUser,
  succeedsAs,
} from './ordinary-user.ts';
import { type Runtime, resolveRuntime } from './resolve-runtime.ts';
import { ensureSandbox } from './sandbox.ts';
import { writeWhole } from './settle.ts';
import { stageApp, stageDistribution } from './staging.ts';
import { Trouble } from './trouble.ts';

export interface ElectronCall {
  /** Folder with the app's package.json. */
  readonly appDir: string;
  /** What follows the app folder on the command line. */
  readonly args?: readonly string[];
  /** The whole environment; default `process.env`. */
  readonly env?: NodeJS.ProcessEnv;
  /** Default: `resolveRuntime()`. */
  readonly runtime?: Runtime;
}

export interface ElectronCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** The app folder that is really used: the given one, or a readable copy. */
  readonly appDir: string;
  /** Whom Electron runs as; `undefined` = ourselves. */
  readonly user: OrdinaryUser | undefined;
  readonly runtime: Runtime;
}

interface Prepared extends Omit<ElectronCommand, 'command' | 'args'> {
  readonly executable: string;
  readonly appArgs: readonly string[];
}

/** Settings of the shell around us that would make Electron something else than a browser. */
const UNWANTED = new Set(['ELECTRON_RUN_AS_NODE', 'ELECTRON_DISABLE_SANDBOX', 'NODE_OPTIONS']);

function cleaned(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([key]) => !UNWANTED.has(key)));
}

async function canRead(user: OrdinaryUser, ...paths: readonly string[]): Promise<boolean> {
  const script =
    'for path; do test -r "$path" || exit 1; test ! -d "$path" || test -x "$path" || exit 1; done';
  return succeedsAs(user, 'sh', ['-c', script, 'sh', ...paths]);
}

async function readableApp(user: OrdinaryUser, appDir: string, who: Who): Promise<string> {
  const parts = ['package.json', 'out', 'node_modules'].map((name) => join(appDir, name));
  const present = await Promise.all(parts.map((path) => realpath(path).catch(() => undefined)));
  const paths = parts.filter((_, index) => present[index] !== undefined);
  return (await canRead(user, ...paths)) ? appDir : stageApp(appDir, who);
}

async function readableRuntime(user: OrdinaryUser, runtime: Runtime, who: Who): Promise<Runtime> {
  if (await succeedsAs(user, 'test', ['-x', runtime.executable])) return runtime;
  const dist = await stageDistribution(runtime.dist, who);
  return { ...runtime, dist, executable: join(dist, relative(runtime.dist, runtime.executable)) };
}

function checkReadable(isReadable: boolean, user: OrdinaryUser, path: string): void {
  if (isReadable) return;
  throw new Trouble(
    `The user ${user.name}, as whom Electron runs when root starts it, cannot read ${path}. Name a folder for the cache that everybody can read (YIPING_CACHE), or start as an ordinary user.`,
  );
}

async function prepare(call: ElectronCall): Promise<Prepared> {
  const env = cleaned(call.env ?? process.env);
  const appDir = await realpath(call.appDir);
  const appArgs = call.args ?? [];
  const [user, runtime] = await Promise.all([ordinaryUser(), call.runtime ?? resolveRuntime()]);
  if (user === undefined) {
    await ensureSandbox(runtime.dist, user);
    return { executable: runtime.executable, appArgs, env, cwd: appDir, appDir, user, runtime };
  }
  const who = whoAmI();
  const [app, usable, userEnv] = await Promise.all([
    readableApp(user, appDir, who),
    readableRuntime(user, runtime, who),
    environmentFor(user, env),
  ]);
  checkReadable(await canRead(user, join(app, 'package.json')), user, app);
  checkReadable(await canRead(user, usable.executable), user, usable.dist);
  await ensureSandbox(usable.dist, user);
  return {
    executable: usable.executable,
    appArgs,
    env: userEnv,
    cwd: app,
    appDir: app,
    user,
    runtime: usable,
  };
}

/**
 * The command that runs the app in Electron, ready for `spawn`. Started by root it runs as an ordinary user, with
 * Chromium's sandbox on; the process id is Electron's own. Throws `Trouble` with what to do.
 */
export async function electronCommand(call: ElectronCall): Promise<ElectronCommand> {
  const { executable, appArgs, ...rest } = await prepare(call);
  const args = [rest.appDir, ...appArgs];
  if (rest.user === undefined) return { ...rest, command: executable, args };
  const [command = '', ...all] = asUser(rest.user, executable, args);
  return { ...rest, command, args: all };
}

/** Starts the app in Electron. The caller owns the process: its output, its end. */
export async function launchElectron(
  call: ElectronCall & { readonly stdio?: StdioOptions },
): Promise<ChildProcess> {
  const { command, args, env, cwd } = await electronCommand(call);
  return spawn(command, args, { env, cwd, stdio: call.stdio ?? 'inherit' });
}

/** A program that brings its own Electron: a packed build. */
export interface PackedCall {
  readonly executable: string;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts a packed build the way `launchElectron` starts an unpacked app. Throws `Trouble` with what to do. */
export async function launchPacked(
  call: PackedCall & { readonly stdio?: StdioOptions },
): Promise<ChildProcess> {
  const executable = await realpath(call.executable);
  const cwd = dirname(executable);
  const user = await ordinaryUser();
  await ensureSandbox(cwd, user);
  const args = call.args ?? [];
  const stdio = call.stdio ?? 'inherit';
  const env = cleaned(call.env ?? process.env);
  if (user === undefined) return spawn(executable, args, { env, cwd, stdio });
  checkReadable(await succeedsAs(user, 'test', ['-x', executable]), user, executable);
  const [command = '', ...all] = asUser(user, executable, args);
  return spawn(command, all, { env: await environmentFor(user, env), cwd, stdio });
}

/** For `_electron.launch(…)` of Playwright, as it is. */
export interface PlaywrightLaunch {
  readonly executablePath: string;
  readonly args: string[];
  readonly env: Record<string, string>;
  readonly cwd: string;
  /** Playwright turns the sandbox off unless told not to. */
  readonly chromiumSandbox: true;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** Playwright starts one program by its path, so becoming the ordinary user has to be a program. */
async function wrapper(user: OrdinaryUser, executable: string): Promise<string> {
  const [program = '', ...args] = asUser(user, executable, []);
  const script = `#!/bin/sh\nexec ${[fullPath(program), ...args].map(quoted).join(' ')} "$@"\n`;
  const folder = join(cacheFolder(whoAmI()), 'wrappers');
  await mkdir(folder, { recursive: true });
  const name = createHash('sha256').update(script).digest('hex').slice(0, 12);
  const file = join(folder, `${basename(executable)}-as-${user.name}-${name}`);
  await writeWhole(file, script, 0o755);
  return file;
}

/** What `_electron.launch` needs to run the app as the right user, with the sandbox on. */
export async function playwrightElectron(call: ElectronCall): Promise<PlaywrightLaunch> {
  const { executable, appArgs, appDir, env, cwd, user } = await prepare(call);
  const executablePath = user === undefined ? executable : await wrapper(user, executable);
  const set = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    executablePath,
    args: [appDir, ...appArgs],
    env: Object.fromEntries(set),
    cwd,
    chromiumSandbox: true,
  };
}
