import { expect, test } from 'vitest';

interface Options {
  readonly preload: readonly string[];
  readonly app: string | undefined;
  readonly version: boolean;
}

// Plain JavaScript, because it runs inside Electron as it lies here.
const file = new URL('./default-app/arguments.mjs', import.meta.url).href;
const { readArguments } = (await import(file)) as { readArguments(args: readonly string[]): Options };

test('the first word that is no option is the app; what follows is the app’s own', () => {
  const options = readArguments(['--inspect=0', '--remote-debugging-port=0', '/srv/app', '--kiosk', 'more']);
  expect(options).toEqual({ preload: [], app: '/srv/app', version: false });
});

test('modules to preload are taken with their option', () => {
  expect(readArguments(['-r', '/a/loader.js', '--require', 'b', '.'])).toEqual({
    preload: ['/a/loader.js', 'b'],
    app: '.',
    version: false,
  });
});

test('--app= and --version are understood', () => {
  expect(readArguments(['--app=/srv/app', 'other']).app).toBe('/srv/app');
  expect(readArguments(['--version']).version).toBe(true);
  expect(readArguments(['--enable-logging'])).toEqual({ preload: [], app: undefined, version: false });
});
