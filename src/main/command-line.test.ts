import { expect, it } from 'vitest';
import { wordsAfter, wordsWithoutDisplay } from './command-line.ts';

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

const pinWords = ['/opt/Yiping/yiping', 'staff-pin', '--yiping-data=/a'];

it.each<[string, Parameters<typeof wordsWithoutDisplay>[0], readonly string[] | undefined]>([
  [
    'over SSH: again, without one',
    { platform: 'linux', argv: pinWords, env: {} },
    ['--ozone-platform=headless', 'staff-pin', '--yiping-data=/a'],
  ],
  ['with a display', { platform: 'linux', argv: pinWords, env: { DISPLAY: ':0' } }, undefined],
  ['under Wayland', { platform: 'linux', argv: pinWords, env: { WAYLAND_DISPLAY: 'wayland-0' } }, undefined],
  ['on Windows', { platform: 'win32', argv: pinWords, env: {} }, undefined],
  [
    'started again already',
    { platform: 'linux', argv: ['yiping', '--ozone-platform=headless', 'verify'], env: {} },
    undefined,
  ],
])('a verb %s', (_what, parts, words) => {
  expect(wordsWithoutDisplay(parts)).toEqual(words);
});
