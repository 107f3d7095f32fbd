import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type AskForEntries, createRestorer } from '../../src/store/store.ts';
import {
  backUp,
  bendPageOf,
  cleanUp,
  expectWhole,
  farEnd,
  names,
  open,
  rateAll,
  site,
} from '../support/bent-journal.ts';

afterEach(cleanUp);

it('copies the damaged file once, however often a province that is away is asked', async () => {
  const here = site();
  const store = open(here.parts);
  rateAll(store, names(1, 20));
  await backUp(here, store);
  rateAll(store, names(21, 100));
  const before = [...store.entries()];
  bendPageOf(here, store, 200);

  let far: AskForEntries = async () => ({ ok: false, message: 'no route' });
  const restorer = createRestorer({ ...here.parts, link: 'province', ask: (after) => far(after) });
  const copied = () => {
    const { ino, mtimeNs } = statSync(join(here.folder, 'restoring', 'wreck.sqlite'), { bigint: true });
    return [ino, mtimeNs];
  };
  expect(await restorer.attempt('badMiddle')).toMatchObject({ ok: false, problem: 'unasked' });
  const first = copied();
  for (let tries = 0; tries < 3; tries++) {
    expect(await restorer.attempt('badMiddle')).toMatchObject({ ok: false, problem: 'unasked' });
    expect(copied()).toEqual(first);
  }
  // What is behind the page that nobody here can read is still asked of the same copy.
  far = farEnd(before.slice(0, 301), 401);
  expect(await restorer.attempt('badMiddle')).toMatchObject({
    ok: true,
    restored: { fetchedTo: 301, salvagedTo: 401, lostAfterSeq: 401, knownHeadSeq: 401 },
  });
  expectWhole(open(here.parts), here, names(1, 100));
  expect(readdirSync(here.folder)).not.toContain('restoring');
});
