import { expect, it } from 'vitest';
import type { CoreMessage } from '../shared/screen/shell.ts';
import { createShellDrivers, type ShellPort } from './shell-drivers.ts';

function shell() {
  const told: CoreMessage[] = [];
  const drivers = createShellDrivers({ tell: (message) => told.push(message) });
  const started: string[] = [];
  const port = (name: string): ShellPort => ({
    on: () => {},
    postMessage: () => {},
    start: () => started.push(name),
  });
  return { drivers, told, started, port };
}

it('asks for a process by number, and tells of its end once', () => {
  const { drivers, told, started, port } = shell();
  const channel = drivers.spawn();
  const ends: string[] = [];
  channel.onExit((reason) => ends.push(reason));
  drivers.hear({ type: 'driver-port', id: 1 }, port('1'));
  drivers.hear({ type: 'driver-gone', id: 1, reason: 'code 1' }, undefined);
  drivers.hear({ type: 'driver-gone', id: 1, reason: 'code 1' }, undefined);
  expect(told).toEqual([{ type: 'driver-wanted', id: 1 }]);
  expect(started).toEqual(['1']);
  expect(ends).toEqual(['code 1']);
});

it('forgets a process that it has ended: the shell says no more of it', () => {
  const { drivers, told, started, port } = shell();
  const channel = drivers.spawn();
  channel.kill();
  expect(told.at(-1)).toEqual({ type: 'driver-unwanted', id: 1 });
  // Were it still known, what crosses the order on its way would find it.
  drivers.hear({ type: 'driver-port', id: 1 }, port('1'));
  expect(started).toEqual([]);
});
