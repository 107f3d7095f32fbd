/**
 * The ordinary user as whom Electron runs when root starts it. As root, Chromium would have to give up its
 * sandbox; the kiosk never does. Also everything such a user needs around it: home, runtime folder, screen.
 */
import { execFile, execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { chmod, chown, copyFile, lchown, mkdir, rename, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeOpenFolder } from './cache-folder.ts';
import { reasonOf, Trouble } from './trouble.ts';

const run = promisify(execFile);

export interface OrdinaryUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

export const OWN_USER = 'yiping';
const OWN_HOME = '/var/lib/yiping';
const LAST_RESORT = 'nobody';
/** Groups that own serial ports and USB devices on Debian, where they exist. */
const DEVICE_GROUPS = ['dialout', 'plugdev'];

/** One line of the passwd database. */
export function parsePasswd(line: string): OrdinaryUser | undefined {
  const [name, , uid, gid, , home] = line.trim().split(':');
  if (name === undefined || name === '' || home === undefined) return undefined;
  return { name, uid: Number(uid), gid: Number(gid), home };
}

/** The parts through which the choice touches the machine. */
export interface UserParts {
  readonly isRoot: boolean;
  readonly env: NodeJS.ProcessEnv;
  readonly lookUp: (name: string) => Promise<OrdinaryUser | undefined>;
  readonly create: (name: string) => Promise<void>;
}

async function lookUp(name: string): Promise<OrdinaryUser | undefined> {
  try {
    return parsePasswd((await run('getent', ['passwd', name])).stdout);
  } catch {
    return undefined;
  }
}

async function hasGroup(name: string): Promise<boolean> {
  return run('getent', ['group', name]).then(
    () => true,
    () => false,
  );
}

async function create(name: string): Promise<void> {
  const present = await Promise.all(DEVICE_GROUPS.map(hasGroup));
  const groups = DEVICE_GROUPS.filter((_, index) => present[index]);
  const membership = groups.length === 0 ? [] : ['--groups', groups.join(',')];
  const base = ['--system', '--user-group', '--create-home', '--home-dir', OWN_HOME];
  await run('/usr/sbin/useradd', [...base, '--shell', '/usr/sbin/nologin', ...membership, name]);
}

export function defaultUserParts(): UserParts {
  const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
  return { isRoot, env: process.env, lookUp, create };
}

/**
 * Who runs Electron: `undefined` when we are no root and simply run it ourselves; else the user behind `sudo`,
 * else the system user `yiping` (made on first use), else `nobody`. Throws `Trouble` when there is none at all.
 */
export async function ordinaryUser(parts: UserParts = defaultUserParts()): Promise<OrdinaryUser | undefined> {
  if (!parts.isRoot) return undefined;
  const behindSudo = parts.env['SUDO_USER'] ?? '';
  const sudoer = behindSudo === '' ? undefined : await parts.lookUp(behindSudo);
  if (sudoer !== undefined && sudoer.uid !== 0) return sudoer;

  const own = await parts.lookUp(OWN_USER);
  if (own !== undefined && own.uid !== 0) return own;
  // It may be made by somebody else at this moment, so what counts is whether it is there afterwards.
  const problem = await parts.create(OWN_USER).then(() => '', reasonOf);
  const made = (await parts.lookUp(OWN_USER)) ?? (await parts.lookUp(LAST_RESORT));
  if (made !== undefined && made.uid !== 0) return made;
  throw new Trouble(
    `Electron must not run as root, and there is no ordinary user to run it as: "${OWN_USER}" could not be made (${problem}) and there is no "${LAST_RESORT}". Make one (useradd --system --create-home ${OWN_USER}) or start as an ordinary user.`,
  );
}

/** The command line that turns root into this user and becomes `command`; the process id stays the same. */
export function asUser(user: OrdinaryUser, command: string, args: readonly string[]): readonly string[] {
  return ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, ...groupsOf(user), '--', command, ...args];
}

function groupsOf(user: OrdinaryUser): readonly string[] {
  return user.name === LAST_RESORT ? ['--clear-groups'] : ['--init-groups'];
}

/** Asks as that user: does this command succeed? */
export async function succeedsAs(
  user: OrdinaryUser | undefined,
  command: string,
  args: readonly string[],
): Promise<boolean> {
  const [program = '', ...rest] = user === undefined ? [command, ...args] : asUser(user, command, args);
  return run(program, rest, { cwd: '/', timeout: 10_000 }).then(
    () => true,
    () => false,
  );
}

async function ownFolder(user: OrdinaryUser, folder: string): Promise<string> {
  await makeOpenFolder(folder);
  await chown(folder, user.uid, user.gid);
  await chmod(folder, 0o700);
  return folder;
}

/**
 * Root makes and gives away files only here, where every folder above them is root's own: in a folder of the user's
 * a link could lead root's hand elsewhere. `/run` is emptied at boot.
 */
const OWN_PLACES = '/run/yiping';

async function ownPlace(user: OrdinaryUser, places: string, name: string): Promise<string> {
  return ownFolder(user, join(places, String(user.uid), name));
}

async function homeOf(user: OrdinaryUser, places: string): Promise<string> {
  const info = await stat(user.home).catch(() => undefined);
  if (info?.isDirectory() === true && info.uid === user.uid) return user.home;
  return ownPlace(user, places, 'home');
}

async function runtimeFolderOf(user: OrdinaryUser, places: string): Promise<string> {
  const session = `/run/user/${user.uid}`;
  const info = await stat(session).catch(() => undefined);
  if (info?.uid === user.uid) return session;
  return ownPlace(user, places, 'runtime');
}

/** A copy of root's key to the X screen that the user can read; the key itself stays where it is. */
async function screenKey(
  user: OrdinaryUser,
  env: NodeJS.ProcessEnv,
  places: string,
): Promise<string | undefined> {
  const source = env['XAUTHORITY'] ?? join(env['HOME'] ?? homedir(), '.Xauthority');
  if ((await stat(source).catch(() => undefined)) === undefined) return undefined;
  if (await succeedsAs(user, 'test', ['-r', source])) return source;
  const name = createHash('sha256').update(source).digest('hex').slice(0, 12);
  const folder = join(places, String(user.uid));
  await makeOpenFolder(folder);
  const target = join(folder, `xauthority-${name}`);
  const passing = `${target}.${randomUUID()}`;
  await copyFile(source, passing);
  await chown(passing, user.uid, user.gid);
  await chmod(passing, 0o600);
  await rename(passing, target);
  return target;
}

/** Names that describe root's own place in the system and would mislead another user's process. */
const ROOTS_OWN =
  /^(XDG_(CONFIG|CACHE|DATA|STATE)_HOME|XDG_SESSION_.*|DBUS_SESSION_BUS_ADDRESS|MAIL|SUDO_.*)$/;

/** The environment for a process of that user, made from root's. */
export async function environmentFor(
  user: OrdinaryUser,
  env: NodeJS.ProcessEnv,
  places = OWN_PLACES,
): Promise<NodeJS.ProcessEnv> {
  const kept = Object.fromEntries(Object.entries(env).filter(([key]) => !ROOTS_OWN.test(key)));
  const runtimeFolder = await runtimeFolderOf(user, places);
  const key = (env['DISPLAY'] ?? '') === '' ? undefined : await screenKey(user, env, places);
  const { XAUTHORITY: _roots, TMPDIR: temporary, ...rest } = kept;
  const canUseTemporary = temporary !== undefined && (await succeedsAs(user, 'test', ['-w', temporary]));
  return {
    ...rest,
    ...(canUseTemporary ? { TMPDIR: temporary } : {}),
    ...(key === undefined ? {} : { XAUTHORITY: key }),
    HOME: await homeOf(user, places),
    USER: user.name,
    LOGNAME: user.name,
    XDG_RUNTIME_DIR: runtimeFolder,
  };
}

/** Full path of a system program, found the way a shell would; for scripts that run with another PATH. */
export function fullPath(program: string): string {
  return execFileSync('sh', ['-c', 'command -v -- "$1"', 'sh', program], { encoding: 'utf8' }).trim();
}

/** Makes a folder that the process of `launchElectron` can write to; under root it is given to the ordinary user. */
export async function makeFolderForKiosk(folder: string, user: OrdinaryUser | undefined): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (user !== undefined) await lchown(folder, user.uid, user.gid);
}
