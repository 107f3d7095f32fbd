import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDataFolder } from './data-folder.ts';
import { seeProcess } from './process-tree.ts';

let place: string;
let path: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'yiping-hall-folder-'));
  path = join(place, 'hall');
});
afterEach(() => rm(place, { recursive: true, force: true }));

const open = (fresh = false) => openDataFolder({ path, fresh, user: undefined });

test('a new folder gets a device id of its own and keeps it', async () => {
  const first = await open();
  await first.release();
  const second = await open();
  expect(first).toMatchObject({ isNew: true });
  expect(second).toMatchObject({ isNew: false, deviceId: first.deviceId });
});

test('--fresh removes all that was kept, and makes another device', async () => {
  const first = await open();
  await writeFile(join(first.kiosk, 'journal.sqlite'), 'old');
  await first.release();
  const second = await open(true);
  expect(await readdir(second.kiosk)).toEqual([]);
  expect(second.deviceId).not.toBe(first.deviceId);
});

test.each([false, true])('a folder with somebody else’s files is left alone (fresh: %s)', async (fresh) => {
  const thesis = join(place, 'thesis.txt');
  await writeFile(thesis, 'three years');
  await expect(openDataFolder({ path: place, fresh, user: undefined })).rejects.toThrow(
    `${place} holds files that are not from a hall bench`,
  );
  expect(await readFile(thesis, 'utf8')).toBe('three years');
});

test('a folder that a running hall uses is refused, also with --fresh', async () => {
  const folder = await open();
  // Whoever started these tests certainly still runs.
  await writeFile(join(path, 'hall.pid'), JSON.stringify(seeProcess(process.ppid)));
  await expect(open(true)).rejects.toThrow(`Another hall bench (process ${process.ppid}) uses ${path}`);
  expect(await readdir(path)).toContain('kiosk');
  await folder.release();
});

test('the mark of a hall that was killed stops nobody, even when its number was given to another process', async () => {
  await open();
  await writeFile(join(path, 'hall.pid'), JSON.stringify({ ...seeProcess(process.ppid), startTicks: '1' }));
  await expect(open()).resolves.toMatchObject({ isNew: false });
});
