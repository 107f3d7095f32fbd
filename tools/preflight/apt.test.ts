import { expect, test } from 'vitest';
import { choosePackages, offeredPackages } from './apt.ts';

const POLICY = `libgtk-3-0:
  Installed: (none)
  Candidate: 3.24.38-2~deb12u3
  Version table:
     3.24.38-2~deb12u3 500
libgtk-3-0t64:
  Installed: (none)
  Candidate: (none)
  Version table:
xvfb:
  Installed: 2:21.1.7-3
  Candidate: 2:21.1.7-3
`;

test('only names with an installation candidate count as offered', () => {
  expect(offeredPackages(POLICY)).toEqual(new Set(['libgtk-3-0', 'xvfb']));
});

test('of several names for one library the first offered one is taken', () => {
  const names = [['libgtk-3-0t64', 'libgtk-3-0']];
  expect(choosePackages(names, new Set(['libgtk-3-0']))).toEqual(['libgtk-3-0']);
  expect(choosePackages(names, new Set(['libgtk-3-0t64', 'libgtk-3-0']))).toEqual(['libgtk-3-0t64']);
});

test('with empty package lists the Debian 12 name is taken', () => {
  expect(choosePackages([['libgtk-3-0t64', 'libgtk-3-0']], new Set())).toEqual(['libgtk-3-0']);
});

test('a package that brings several things is named once', () => {
  expect(choosePackages([['libnss3'], ['libnss3'], []], new Set(['libnss3']))).toEqual(['libnss3']);
});
