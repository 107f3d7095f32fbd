import { expect, test } from 'vitest';
import { readOptions } from './options.ts';

const ordinary = { env: { XDG_STATE_HOME: '/srv/homes/li/state' }, isRoot: false };

test('root keeps its data where the kiosk’s ordinary user can get to, everybody else in their own state folder', () => {
  expect(readOptions([], { env: {}, isRoot: true }).dataFolder).toBe('/var/lib/yiping-hall');
  expect(readOptions([], ordinary).dataFolder).toBe('/srv/homes/li/state/yiping-hall');
  expect(readOptions([], { env: { XDG_STATE_HOME: 'here' }, isRoot: false }).dataFolder).toMatch(
    /\/\.local\/state\/yiping-hall$/,
  );
});

test('a folder is made absolute, whatever was given', () => {
  expect(readOptions(['--data', '/srv/../srv/hall'], ordinary).dataFolder).toBe('/srv/hall');
});

test('without --port the bench looks for a free one by itself', () => {
  expect(readOptions([], ordinary).port).toBeUndefined();
  expect(readOptions(['--port', '0'], ordinary).port).toBe(0);
});

test.each(['-1', '65536', 'x', '1.5'])('--port %s is refused by name', (port) => {
  expect(() => readOptions([`--port=${port}`], ordinary)).toThrow(`--port ${port} is no port`);
});

test('an unknown word is answered with all that there are', () => {
  expect(() => readOptions(['--frsh'], ordinary)).toThrow(/--frsh[\s\S]*--fresh/);
});

test('--link takes every wire of the simulator, its short names too, and names them all for a wrong one', () => {
  expect(readOptions([], ordinary).link).toBe('rate-service');
  expect(readOptions(['--link', 'mqtt'], ordinary).link).toBe('mqtt');
  expect(readOptions(['--link', 'http'], ordinary).link).toBe('http-push');
  expect(() => readOptions(['--link', 'carrier-pigeon'], ordinary)).toThrow(
    /--link carrier-pigeon is no link\. There are: rate-service, mqtt, .*ff68-caller/,
  );
  expect(() => readOptions(['--link', 'manual'], ordinary)).toThrow('npm run queue-sim -- --link manual');
  expect(() => readOptions(['--link', 'toString'], ordinary)).toThrow('--link toString is no link');
});
