import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { isStillThere, killSeen, parseStat, processTree, roleOf, seeProcess } from './process-tree.ts';

const STAT = (state: string) =>
  `42 (a) b (c)) ${state} 7 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 98765 1 1`;

test('a name with brackets and blanks does not move the fields behind it', () => {
  expect(parseStat(STAT('S'))).toEqual({ parent: 7, startTicks: '98765' });
});

test('a process that has ended is not there, though its number is not collected yet', () => {
  expect(parseStat(STAT('Z'))).toBeNull();
});

test('a tree holds what came from a process, parents first, and killing it leaves nothing', async () => {
  const child = spawn('sh', ['-c', 'sleep 600 & echo ready; wait'], { stdio: ['pipe', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  const tree = processTree(child.pid ?? 0);
  expect(tree.map(({ command }) => command.split(' ')[0])).toEqual(['sh', 'sleep']);
  const ended = once(child, 'exit');
  tree.forEach(killSeen);
  await ended;
  await expect.poll(() => tree.filter(isStillThere)).toEqual([]);
});

test('another process that was given the number is not killed', () => {
  const self = seeProcess(process.pid);
  if (!self) throw new Error('we do not see ourselves');
  killSeen({ ...self, startTicks: '1' });
  expect(isStillThere(self)).toBe(true);
});

test.each([
  [5, 'electron /app --yiping-data=x', 'shell'],
  [6, 'electron --type=renderer --lang=zh', 'page'],
  [6, 'electron --type=utility --utility-sub-type=node.mojom.NodeService', 'core'],
  [6, 'electron --type=utility --utility-sub-type=network.mojom.NetworkService', 'other'],
  [6, 'electron --type=zygote', 'other'],
])('process %i of shell 5, %s, is %s', (pid, command, role) => {
  expect(roleOf({ pid, parent: 1, startTicks: '1', command }, 5)).toBe(role);
});
