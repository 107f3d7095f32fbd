import { existsSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join } from 'node:path';

export type FoundHidbench =
  | { readonly ok: true; readonly program: string }
  | { readonly ok: false; readonly why: string };

/** The program that boots the emulated machine: named by `HIDBENCH`, or beside the checkout. */
export function findHidbench(parts: {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly isRoot: boolean;
  readonly exists?: (path: string) => boolean;
  readonly system?: string;
}): FoundHidbench {
  const { root, env, isRoot, exists = existsSync, system = `${platform()}-${arch()}` } = parts;
  const folder = env['HIDBENCH'] || join(root, '../shared/hidbench');
  const program = join(folder, 'run.sh');
  if (!exists(program))
    return { ok: false, why: `there is no ${program}; set HIDBENCH to the folder of hidbench` };
  if (system !== 'linux-x64')
    return { ok: false, why: `hidbench needs Linux on x64, this is ${system}; run it on such a machine` };
  if (!isRoot) return { ok: false, why: 'hidbench needs root; run npm run test:hw as root' };
  return { ok: true, program };
}
