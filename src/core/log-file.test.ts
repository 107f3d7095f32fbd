import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { newFolder } from '../../test/support/store-parts.ts';
import { until } from '../../test/support/until.ts';
import { createLogFile } from './log-file.ts';

let data: string;
let remove: () => void;
const logs = () => join(data, 'logs');
const text = (name = 'kiosk.log') => readFileSync(join(logs(), name), 'utf8');

beforeEach(() => {
  ({ folder: data, remove } = newFolder());
});
afterEach(() => remove());

it('is five numbered files and the one being written, however much is written', async () => {
  const log = createLogFile(logs(), createFakeClock());
  const line = `${'x'.repeat(300 * 1024)}\n`;
  for (let n = 0; n < 50; n++) {
    log.write(line);
    log.write(`line ${n} is out\n`);
    // A line may be the last before the next file.
    const newest = () =>
      ['kiosk.log.1', 'kiosk.log'].map((name) => (existsSync(join(logs(), name)) ? text(name) : ''));
    await until(() => expect(newest().join('').includes(`line ${n} is out`)).toBe(true));
  }
  const names = readdirSync(logs()).sort();
  expect(names).toEqual(['kiosk.log', ...[1, 2, 3, 4, 5].map((n) => `kiosk.log.${n}`)]);
  const bytes = names.reduce((sum, name) => sum + statSync(join(logs(), name)).size, 0);
  expect(bytes).toBeLessThan(6 * (2 * 1024 * 1024 + line.length));
  expect(statSync(join(logs(), 'kiosk.log')).mode & 0o777).toBe(0o600);
});

it('is written again after it could not be: tried again at the next line, once in ten seconds', async () => {
  const clock = createFakeClock();
  mkdirSync(join(logs(), 'kiosk.log'), { recursive: true });
  const log = createLogFile(logs(), clock);
  log.write('nowhere to go\n');
  // Whatever waits on the file system has its turn meanwhile.
  await until(() => {
    clock.advance(10_000);
    log.write('nowhere to go either\n');
    expect(clock.monoMs()).toBeGreaterThan(100_000);
  });
  rmdirSync(join(logs(), 'kiosk.log'));
  let n = 0;
  await until(() => {
    clock.advance(10_000);
    log.write(`back ${++n}\n`);
    expect(text()).toMatch(/back/);
  });
  log.write('and on\n');
  await until(() => expect(text()).toMatch(/^and on$/m));
});

it('is made where its folder could not be made at the start', async () => {
  const clock = createFakeClock();
  writeFileSync(join(data, 'in the way'), '');
  const folder = join(data, 'in the way', 'logs');
  const log = createLogFile(folder, clock);
  log.write('nowhere to go\n');
  remove();
  mkdirSync(join(data, 'in the way'), { recursive: true });
  log.write('too early\n');
  clock.advance(10_000);
  log.write('here\n');
  await until(() => expect(readFileSync(join(folder, 'kiosk.log'), 'utf8').trim()).toBe('here'));
});
