import { expect, test } from 'vitest';
import { readCoreMessage, readShellMessage } from './shell.ts';

test.each([
  { type: 'heartbeat' },
  { type: 'staff-wanted' },
  { type: 'staff-unwanted' },
  { type: 'camera-wanted' },
  { type: 'camera-unwanted' },
  { type: 'driver-wanted', id: 1 },
  { type: 'driver-unwanted', id: 7 },
])('the shell understands %j of the core', (message) => {
  expect(readCoreMessage(message)).toEqual(message);
});

test.each([
  { type: 'citizen-port' },
  { type: 'staff-port' },
  { type: 'stop' },
  { type: 'driver-port', id: 1 },
  { type: 'driver-gone', id: 2, reason: 'code 139' },
])('the core understands %j of the shell', (message) => {
  expect(readShellMessage(message)).toEqual(message);
});

test.each([
  undefined,
  null,
  'stop',
  {},
  { type: 'quit' },
  { type: 'driver-wanted' },
  { type: 'driver-wanted', id: '1' },
  { type: 'driver-wanted', id: 0.5 },
  { type: 'driver-port', id: -1 },
  { type: 'driver-gone', id: 1 },
])('%j is nothing that either says', (message) => {
  expect(readCoreMessage(message)).toBeUndefined();
  expect(readShellMessage(message)).toBeUndefined();
});
