/** Looks at the machine, changes nothing. Everything here must be quick: it runs at every start. */
import { execFile } from 'node:child_process';
import { access, constants, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Detect } from './machine-table.ts';

const run = promisify(execFile);

const SYSTEM_PROGRAM_FOLDERS = ['/usr/sbin', '/sbin', '/usr/local/sbin', '/usr/bin', '/bin'];
const LIBRARY_FOLDERS = ['/usr/local/lib', '/usr/lib', '/lib', '/usr/lib64', '/lib64'];
const TRIPLETS: Readonly<Record<string, string>> = {
  x64: 'x86_64-linux-gnu',
  arm64: 'aarch64-linux-gnu',
  arm: 'arm-linux-gnueabihf',
};

async function exists(path: string, mode = constants.F_OK): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}

async function anyExists(paths: readonly string[], mode?: number): Promise<boolean> {
  return (await Promise.all(paths.map((path) => exists(path, mode)))).includes(true);
}

/** Folders of PATH plus the system ones, which an ordinary user's PATH often lacks. */
function programFolders(path: string | undefined): readonly string[] {
  const own = (path ?? '').split(':').filter((folder) => folder !== '');
  return [...new Set([...own, ...SYSTEM_PROGRAM_FOLDERS])];
}

async function hasPythonModule(module: string, path: string | undefined): Promise<boolean> {
  const debianFolder = '/usr/lib/python3/dist-packages';
  if (await anyExists([join(debianFolder, module), join(debianFolder, `${module}.py`)])) return true;
  if (!(await anyExists(programFolders(path).map((folder) => join(folder, 'python3'))))) return false;
  return run('python3', ['-c', `import ${module}`], { timeout: 10_000 }).then(
    () => true,
    () => false,
  );
}

export async function isPresent(detect: Detect, path: string | undefined): Promise<boolean> {
  switch (detect.kind) {
    case 'library': {
      const triplet = TRIPLETS[process.arch];
      const folders = triplet === undefined ? [] : [`/usr/lib/${triplet}`, `/lib/${triplet}`];
      return anyExists([...folders, ...LIBRARY_FOLDERS].map((folder) => join(folder, detect.soname)));
    }
    case 'program':
      return anyExists(
        programFolders(path).map((folder) => join(folder, detect.program)),
        constants.X_OK,
      );
    case 'python-module':
      return hasPythonModule(detect.module, path);
  }
}

/** Sonames that `ldd` prints as not found, in its order, each once. */
export function missingSonames(lddOutput: string): readonly string[] {
  const found = [...lddOutput.matchAll(/^\s*(\S+) => not found$/gm)].map((match) => match[1] ?? '');
  return [...new Set(found)];
}

/** Asks `ldd` about the real executable. `undefined` when there is no `ldd` to ask. */
export async function librariesMissingFor(executable: string): Promise<readonly string[] | undefined> {
  try {
    const { stdout } = await run('ldd', [executable], { maxBuffer: 1 << 20, timeout: 20_000 });
    return missingSonames(stdout);
  } catch {
    return undefined;
  }
}

/** True where apt-get decides what is installed: Debian, Ubuntu and their kin. */
export async function isAptMachine(): Promise<boolean> {
  return (await exists('/usr/bin/apt-get')) && (await readdir('/var/lib/dpkg').catch(() => [])).length > 0;
}
