/** Linux processes as `/proc` shows them: who came from whom, and which part of the kiosk each one is. */
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessSeen {
  readonly pid: number;
  readonly parent: number;
  /** Ticks since the boot; with `pid` it names one process for ever, although numbers are given again. */
  readonly startTicks: string;
  /** Words of the command line, or the bare name of a process that has none. */
  readonly command: string;
}

/** What the bench calls a process of the kiosk. */
export type ProcessRole = 'shell' | 'core' | 'page' | 'other';

/** @param stat text of `/proc/PID/stat`; the name in brackets may itself hold brackets and blanks. */
export function parseStat(stat: string): { readonly parent: number; readonly startTicks: string } | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent] = fields;
  const startTicks = fields[19];
  // A zombie has ended; only its number is not collected yet.
  if (state === undefined || state === 'Z' || parent === undefined || startTicks === undefined) return null;
  return { parent: Number(parent), startTicks };
}

export function seeProcess(pid: number): ProcessSeen | null {
  try {
    const stat = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    if (!stat) return null;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { pid, ...stat, command };
  } catch {
    // Gone between two looks.
    return null;
  }
}

function seeAll(): readonly ProcessSeen[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map((name) => seeProcess(Number(name))).filter((seen) => seen !== null);
}

/** A process and all that came from it, parents before children. Empty when it is gone. */
export function processTree(pid: number): readonly ProcessSeen[] {
  const all = seeAll();
  const tree = all.filter((seen) => seen.pid === pid);
  for (const one of tree) tree.push(...all.filter((seen) => seen.parent === one.pid));
  return tree;
}

export function isStillThere(seen: ProcessSeen): boolean {
  return seeProcess(seen.pid)?.startTicks === seen.startTicks;
}

/** SIGKILL to exactly that process, and not to one that was given its number since. */
export function killSeen(seen: ProcessSeen): void {
  if (!isStillThere(seen)) return;
  try {
    process.kill(seen.pid, 'SIGKILL');
  } catch {
    // It ended in between, which is all that was wanted.
  }
}

/** The role by Chromium's own switches; the first of a tree is the shell. */
export function roleOf(seen: ProcessSeen, shell: number): ProcessRole {
  if (seen.pid === shell) return 'shell';
  if (/--type=renderer\b/.test(seen.command)) return 'page';
  if (/--utility-sub-type=node\.mojom\.NodeService\b/.test(seen.command)) return 'core';
  return 'other';
}
