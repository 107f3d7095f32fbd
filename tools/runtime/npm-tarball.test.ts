import { expect, test } from 'vitest';
import { contentPath, essence, npmCommand } from './npm-tarball.ts';

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

test('of what npm complains, people see what happened, not where in npm', () => {
  const complaint =
    'npm error code ECONNREFUSED\nnpm error syscall connect\nnpm error errno ECONNREFUSED\n' +
    'npm error     at ClientRequest.<anonymous> (index.js:130:14)\nnpm error A complete log of this run: /x\n';
  expect(essence(complaint)).toBe(
    'npm error code ECONNREFUSED\nnpm error syscall connect\nnpm error errno ECONNREFUSED',
  );
});
