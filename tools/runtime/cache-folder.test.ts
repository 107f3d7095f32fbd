import { expect, test } from 'vitest';
import { cacheFolder, readableCaches, SHARED_CACHE } from './cache-folder.ts';

const HOME = '/srv/homes/li';

test('YIPING_CACHE wins, then root shares, then XDG, then ~/.cache', () => {
  expect(cacheFolder({ env: { YIPING_CACHE: '/srv/c' }, isRoot: true, home: HOME })).toBe('/srv/c');
  expect(cacheFolder({ env: { XDG_CACHE_HOME: '/x' }, isRoot: true, home: '/root' })).toBe(SHARED_CACHE);
  expect(cacheFolder({ env: { XDG_CACHE_HOME: '/x' }, isRoot: false, home: HOME })).toBe('/x/yiping');
  expect(cacheFolder({ env: {}, isRoot: false, home: HOME })).toBe('/srv/homes/li/.cache/yiping');
});

test('a relative folder would depend on where one stands, so it is ignored', () => {
  const env = { YIPING_CACHE: 'cache', XDG_CACHE_HOME: 'x' };
  expect(cacheFolder({ env, isRoot: false, home: HOME })).toBe('/srv/homes/li/.cache/yiping');
});

test('a named cache is the only one looked at; an ordinary user looks in his own first', async () => {
  expect(await readableCaches({ env: { YIPING_CACHE: '/srv/c' }, isRoot: false, home: HOME })).toEqual([
    '/srv/c',
  ]);
  expect((await readableCaches({ env: {}, isRoot: false, home: HOME }))[0]).toBe(
    '/srv/homes/li/.cache/yiping',
  );
});
