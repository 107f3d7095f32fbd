import { asUser, type OrdinaryUser, succeedsAs } from '../runtime/ordinary-user.ts';
import { Trouble } from '../runtime/runtime.ts';

/** Throws `Trouble` where the kiosk's user could not get into the data folder, which it would only show as a fault. */
export async function checkReach(user: OrdinaryUser | undefined, folder: string): Promise<void> {
  if (!user || (await succeedsAs(user, 'test', ['-x', folder]))) return;
  const [program, ...words] = asUser(user, 'ls', [folder]);
  throw new Trouble(
    `The kiosk runs as the user ${user.name}, who cannot get to ${folder}. Name a folder with --data that everybody may pass into, such as /var/lib/yiping-hall.\n  (to see it: ${[program, ...words].join(' ')})`,
  );
}
