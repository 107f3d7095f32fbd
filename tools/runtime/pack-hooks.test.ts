import { expect, test } from 'vitest';
import { swapModules } from './pack-hooks.ts';

const OWN = [
  { from: '/c/better-sqlite3', to: 'node_modules/better-sqlite3' },
  { from: '/c/bindings', to: 'node_modules/bindings' },
  { from: '/c/file-uri-to-path', to: 'node_modules/file-uri-to-path' },
];
const NOT_THEIRS = [
  '!node_modules/better-sqlite3/**',
  '!node_modules/bindings/**',
  '!node_modules/file-uri-to-path/**',
];

test('the app’s better-sqlite3 is left out and the runtime’s put in its place', () => {
  expect(swapModules(['out/**', 'package.json'], '/c')).toEqual([
    'out/**',
    'package.json',
    ...NOT_THEIRS,
    ...OWN,
  ]);
});

test('a configuration without a list, or with a single pattern, is understood too', () => {
  expect(swapModules(undefined, '/c')[0]).toBe('**/*');
  expect(swapModules('out/**', '/c')[0]).toBe('out/**');
});

test('patterns that electron-builder has gathered in a set keep their meaning', () => {
  const gathered = { filter: ['package.json', 'out/**'] };
  const elsewhere = { from: 'licences', to: 'licences' };
  expect(swapModules([gathered, elsewhere], '/c')).toEqual([
    { filter: ['package.json', 'out/**', ...NOT_THEIRS] },
    elsewhere,
    ...OWN,
  ]);
});
