import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { newFolder } from '../../test/support/store-parts.ts';
import { until } from '../../test/support/until.ts';
import { startCore } from './start-core.ts';

/** A start that meets an unread page where nothing stands guard. */
const starts = vi.hoisted(() => ({ count: 0 }));
vi.mock('./running-kiosk.ts', () => ({
  runKiosk() {
    starts.count++;
    throw new Database.SqliteError('database disk image is malformed', 'SQLITE_CORRUPT');
  },
}));

let folder: string;
let remove: () => void;
beforeEach(() => {
  ({ folder, remove } = newFolder());
});
afterEach(() => {
  vi.restoreAllMocks();
  remove();
});

it('that cannot mark the damage says so and tries again every ten seconds, and does not end', async () => {
  const configPath = join(folder, 'kiosk.json');
  writeFileSync(
    configPath,
    JSON.stringify({
      device: 'start-1',
      hall: { id: 'h', name: { 'zh-CN': '厅' } },
      counter: { number: '3' },
      queue: [{ kind: 'rate-service', url: 'ws://127.0.0.1:9', userCode: '1001' }],
    }),
  );
  const ended = vi.spyOn(process, 'exit').mockImplementation(() => {
    throw new Error('the process was ended');
  });
  const dataFolder = join(folder, 'data');
  const mark = join(dataFolder, 'restoring.json');
  const inTheWay = `${mark}.new`;
  mkdirSync(inTheWay, { recursive: true });
  const clock = createFakeClock();
  const core = startCore({
    configPath,
    dataFolder,
    assetsFolder: join(import.meta.dirname, '../../assets'),
    version: '0.0.0',
    clock,
    spawnDriver: () => {
      throw new Error('there is no box');
    },
  });
  const tried = async (times: number) =>
    await until(() => {
      expect(starts.count).toBe(times);
      expect(core.status()).toMatchObject({
        fault: 'store',
        lines: [expect.stringMatching(/malformed/)],
      });
    });

  await tried(1);
  clock.advance(9_000);
  expect(starts.count).toBe(1);
  clock.advance(1_000);
  await tried(2);
  expect(existsSync(mark)).toBe(false);
  rmdirSync(inTheWay);
  clock.advance(10_000);
  await until(() => expect(existsSync(mark)).toBe(true));
  expect(ended).not.toHaveBeenCalled();
  await core.stop();
});
