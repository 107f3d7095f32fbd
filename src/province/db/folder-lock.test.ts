import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFakeClock } from '../../../test/support/fake-clock.ts';
import { until } from '../../../test/support/until.ts';
import { lockFolder } from './folder-lock.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yiping-lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('a folder belongs to one process at a time: a name that stays held is refused with the remedy', async () => {
  const clock = createFakeClock();
  const unlock = await lockFolder(folder, clock);
  let said: unknown;
  const second = lockFolder(folder, clock).catch((error: unknown) => {
    said = error;
  });
  await until(() => {
    if (clock.pending === 1) clock.advance(100);
    expect(said).toBeDefined();
  });
  await second;
  expect(String(said)).toMatch(
    /is in use by another province process\. Stop that one, or name another folder/,
  );
  expect(clock.monoMs()).toBe(2_000);
  await unlock();
  await (await lockFolder(folder, clock))();
});

it('a name that becomes free while its process ends is taken', async () => {
  const clock = createFakeClock();
  const unlock = await lockFolder(folder, clock);
  const second = lockFolder(folder, clock);
  await until(() => expect(clock.pending).toBe(1));
  await unlock();
  clock.advance(100);
  await (await second)();
  expect(clock.monoMs()).toBe(100);
});
