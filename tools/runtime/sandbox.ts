/**
 * Chromium's sandbox needs either user namespaces that an ordinary user may make, or its set-uid helper beside
 * the executable. Where the system forbids the first, root arms the second; nobody ever turns the sandbox off.
 */
import { chmod, chown, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type OrdinaryUser, succeedsAs } from './ordinary-user.ts';
import { Trouble } from './trouble.ts';

const SET_UID = 0o4755;

/** Makes sure that the sandbox can start for this user; throws `Trouble` with what to do where it cannot. */
export async function ensureSandbox(dist: string, user: OrdinaryUser | undefined): Promise<void> {
  if (process.platform !== 'linux') return;
  // The same kinds of namespace that Chromium asks for.
  if (await succeedsAs(user, 'unshare', ['--user', '--map-root-user', '--net', '--', 'true'])) return;
  const helper = join(dist, 'chrome-sandbox');
  const info = await stat(helper).catch(() => undefined);
  if (info?.uid === 0 && (info.mode & 0o7777) === SET_UID) return;
  if (user !== undefined && info?.uid === 0) {
    await chown(helper, 0, 0);
    await chmod(helper, SET_UID);
    return;
  }
  throw new Trouble(
    `This system does not let ordinary users make namespaces, so Chromium's sandbox cannot start. Run once:\n  sudo chown root:root ${helper} && sudo chmod 4755 ${helper}`,
  );
}
