import { readdirSync, readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/** A process and all below it, from /proc. */
export function treeOf(root: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const parent = Number(/^PPid:\s+(\d+)/m.exec(readOr(`/proc/${pid}/status`))?.[1] ?? 0);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/** Gives all of a tree, every thread, the lowest priority; what they start later inherits it. */
export function standBack(root: number): void {
  for (const pid of treeOf(root))
    for (const task of readdirSync(`/proc/${pid}/task`))
      setPriority(Number(task), constants.priority.PRIORITY_LOW);
}

/** Proportional set size of a tree, MB: shared pages counted once over all who share them. */
export function pssOf(root: number): number {
  const kilobytes = treeOf(root).map((pid) =>
    Number(/^Pss:\s+(\d+)/m.exec(readOr(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0),
  );
  return kilobytes.reduce((sum, value) => sum + value, 0) / 1024;
}

/** Processor time of a tree so far, ms (at 100 ticks a second). */
export function cpuOf(root: number): number {
  const ticks = treeOf(root).map((pid) => {
    const fields = readOr(`/proc/${pid}/stat`)
      .replace(/^.*\) /, '')
      .split(' ');
    return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  });
  return ticks.reduce((sum, value) => sum + value, 0) * 10;
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
