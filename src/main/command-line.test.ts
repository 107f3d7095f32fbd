import { expect, it } from 'vitest';
import { wordsAfter } from './command-line.ts';

it.each<[string, readonly string[], boolean, readonly string[] | undefined]>([
  ['a kiosk', ['yiping'], true, undefined],
  ['a kiosk with settings', ['yiping', '--yiping-data=verify'], true, undefined],
  ['verify', ['yiping', 'verify', '/a', '--json'], true, ['/a', '--json']],
  ['after a switch of Chromium', ['yiping', '--ozone-platform=headless', 'verify', '/a'], true, ['/a']],
  ['not packed, after the app folder', ['electron', '.', 'verify', '/a'], false, ['/a']],
  ['an app folder of that name', ['electron', 'verify'], false, undefined],
])('%s', (_name, argv, packed, words) => {
  expect(wordsAfter('verify', argv, packed)).toEqual(words);
});

it('tells its verbs apart', () => {
  const argv = ['yiping', 'staff-pin', '--yiping-data=/a'];
  expect(wordsAfter('staff-pin', argv, true)).toEqual(['--yiping-data=/a']);
  expect(wordsAfter('verify', argv, true)).toBeUndefined();
});
