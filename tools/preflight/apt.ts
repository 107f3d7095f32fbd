/** The apt side of the preflight: which package name this machine knows, and installing packages as root. */
import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Names that have an installation candidate, read from the answer of `apt-cache policy`. */
export function offeredPackages(policyOutput: string): ReadonlySet<string> {
  const offered = new Set<string>();
  let current = '';
  for (const line of policyOutput.split('\n')) {
    const header = /^(\S+):$/.exec(line);
    if (header?.[1] !== undefined) current = header[1];
    const candidate = /^\s+Candidate: (.+)$/.exec(line)?.[1];
    if (candidate !== undefined && candidate !== '(none)') offered.add(current);
  }
  return offered;
}

/**
 * One name for each list of alternatives: the first that the package lists offer. Where the lists are empty
 * (no `apt-get update` yet) that is the last name, the one Debian 12 uses.
 */
export function choosePackages(
  alternatives: readonly (readonly string[])[],
  offered: ReadonlySet<string>,
): readonly string[] {
  const chosen = alternatives.map((names) => names.find((name) => offered.has(name)) ?? names.at(-1) ?? '');
  return [...new Set(chosen)].filter((name) => name !== '');
}

export async function askOffered(names: readonly string[]): Promise<ReadonlySet<string>> {
  try {
    const { stdout } = await run('apt-cache', ['policy', ...names], { maxBuffer: 1 << 22 });
    return offeredPackages(stdout);
  } catch {
    return new Set();
  }
}

export type AptResult = { readonly ok: true } | { readonly ok: false; readonly problem: string };

const WAIT_FOR_OTHER_APT = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];

/** Runs apt-get without questions; its words are kept and only shown when it fails. */
export async function aptGet(args: readonly string[]): Promise<AptResult> {
  const child = spawn('apt-get', [...WAIT_FOR_OTHER_APT, ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let tail = '';
  const keep = (chunk: Buffer): void => {
    tail = (tail + chunk.toString('utf8')).slice(-4000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const code = await new Promise<number | string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (exitCode, signal) => resolve(exitCode ?? signal ?? 'unknown'));
  });
  if (code === 0) return { ok: true };
  return { ok: false, problem: `apt-get ${args[0] ?? ''} ended with ${code}:\n${tail.trim()}` };
}
