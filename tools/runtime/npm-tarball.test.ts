import { expect, test } from 'vitest';
import { contentPath, npmCommand } from './npm-tarball.ts';

test('the npm that runs us is used; another package manager is not taken for it', () => {
  const npm = npmCommand({ npm_execpath: '/usr/lib/node_modules/npm/bin/npm-cli.js' });
  expect(npm).toEqual({ command: process.execPath, args: ['/usr/lib/node_modules/npm/bin/npm-cli.js'] });
  expect(npmCommand({ npm_execpath: '/usr/lib/pnpm/bin/pnpm.cjs' })).toEqual({ command: 'npm', args: [] });
  expect(npmCommand({})).toEqual({ command: 'npm', args: [] });
});

test('npm keeps a file under the hash that the integrity names', () => {
  const integrity = `sha512-${Buffer.from('abcdef0123', 'hex').toString('base64')}`;
  expect(contentPath('/c', integrity)).toBe('/c/_cacache/content-v2/sha512/ab/cd/ef0123');
});
