import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  asUser,
  environmentFor,
  type OrdinaryUser,
  ordinaryUser,
  parsePasswd,
  type UserParts,
} from './ordinary-user.ts';

const LI: OrdinaryUser = { name: 'li', uid: 1000, gid: 1000, home: '/home/li' };
const OWN: OrdinaryUser = { name: 'yiping', uid: 998, gid: 998, home: '/var/lib/yiping' };
const NOBODY: OrdinaryUser = { name: 'nobody', uid: 65534, gid: 65534, home: '/nonexistent' };
const ROOT: OrdinaryUser = { name: 'root', uid: 0, gid: 0, home: '/root' };

function parts(
  known: readonly OrdinaryUser[],
  change: Partial<UserParts> = {},
): UserParts & { made: string[] } {
  const users = new Map(known.map((user) => [user.name, user]));
  const made: string[] = [];
  return {
    isRoot: true,
    env: {},
    lookUp: async (name) => users.get(name),
    create: async (name) => {
      made.push(name);
      users.set(name, OWN);
    },
    made,
    ...change,
  };
}

test('who is no root runs Electron as himself', async () => {
  expect(await ordinaryUser(parts([LI], { isRoot: false, env: { SUDO_USER: 'li' } }))).toBeUndefined();
});

test('behind sudo it is the one who called', async () => {
  expect(await ordinaryUser(parts([LI, OWN], { env: { SUDO_USER: 'li' } }))).toEqual(LI);
});

test('root behind sudo, or somebody unknown, is nobody to run as', async () => {
  expect(await ordinaryUser(parts([ROOT, OWN], { env: { SUDO_USER: 'root' } }))).toEqual(OWN);
  expect(await ordinaryUser(parts([OWN], { env: { SUDO_USER: 'gone' } }))).toEqual(OWN);
});

test('the system user is made once, on first use', async () => {
  const machine = parts([NOBODY]);
  expect(await ordinaryUser(machine)).toEqual(OWN);
  expect(await ordinaryUser(machine)).toEqual(OWN);
  expect(machine.made).toEqual(['yiping']);
});

test('made by somebody else in the same moment is as good as made', async () => {
  const race = parts([], { create: () => Promise.reject(new Error('exists already')) });
  let asked = 0;
  const lookUp = async (name: string): Promise<OrdinaryUser | undefined> => {
    asked += 1;
    return name === 'yiping' && asked > 1 ? OWN : undefined;
  };
  expect(await ordinaryUser({ ...race, lookUp })).toEqual(OWN);
});

test('where none can be made, nobody is the last resort; where there is not even that, it says what to do', async () => {
  const create = (): Promise<void> => Promise.reject(new Error('read-only file system'));
  expect(await ordinaryUser(parts([NOBODY], { create }))).toEqual(NOBODY);
  await expect(ordinaryUser(parts([], { create }))).rejects.toThrow(/read-only file system.*useradd/);
});

test('a passwd line is read, a broken one is not', () => {
  expect(parsePasswd('li:x:1000:1000:Li,,,:/home/li:/bin/bash\n')).toEqual(LI);
  expect(parsePasswd('')).toBeUndefined();
});

test('the command keeps the user’s groups, which own the serial ports', () => {
  const as = (user: OrdinaryUser): string => asUser(user, '/opt/electron', ['.', '--kiosk']).join(' ');
  expect(as(LI)).toBe('setpriv --reuid=1000 --regid=1000 --init-groups -- /opt/electron . --kiosk');
  expect(as(NOBODY)).toContain('--clear-groups');
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yiping-user-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Ourselves, so that the test needs no rights; with no home, as system users often have none. */
function ourselves(): OrdinaryUser {
  const { username, uid, gid } = userInfo();
  return { name: username, uid, gid, home: join(folder, 'no-such-home') };
}

test('a user without a home and a session gets both, private', async () => {
  const env = await environmentFor(ourselves(), { PATH: '/bin', HOME: '/srv/admin' }, folder);
  const { HOME = '', XDG_RUNTIME_DIR = '', PATH, USER } = env;
  expect(PATH).toBe('/bin');
  expect(USER).toBe(ourselves().name);
  expect((await stat(HOME)).mode & 0o777).toBe(0o700);
  expect((await stat(XDG_RUNTIME_DIR)).isDirectory()).toBe(true);
});

test('what belongs to root’s own session does not follow', async () => {
  const roots = {
    XDG_CONFIG_HOME: '/srv/admin/.config',
    DBUS_SESSION_BUS_ADDRESS: 'unix:path=/x',
    SUDO_USER: 'li',
  };
  const env = await environmentFor(ourselves(), { ...roots, LANG: 'zh_CN.UTF-8' }, folder);
  for (const name of Object.keys(roots)) expect(env[name]).toBeUndefined();
  expect(env['LANG']).toBe('zh_CN.UTF-8');
});

test('the key to the screen is readable for the user afterwards', async () => {
  const key = join(folder, 'Xauthority');
  await writeFile(key, 'cookie', { mode: 0o600 });
  const env = await environmentFor(ourselves(), { DISPLAY: ':7', XAUTHORITY: key }, folder);
  expect(await readFile(env['XAUTHORITY'] ?? '', 'utf8')).toBe('cookie');
  const none = await environmentFor(ourselves(), { DISPLAY: ':7', XAUTHORITY: join(folder, 'gone') }, folder);
  expect(none['XAUTHORITY']).toBeUndefined();
});
