import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { bend, cleanUp, names, open, rateAll, rootOf, site } from '../../test/support/bent-journal.ts';
import { serviceKey } from '../../test/support/store-parts.ts';
import { openStore } from '../store/store.ts';
import { keepBackups } from './backups.ts';

afterEach(cleanUp);

function bentRatings() {
  const here = site();
  const store = open(here.parts);
  rateAll(store, names(1, 20));
  store.close();
  bend(here.journal, rootOf(here.journal, 'rating'), 4096);
  const bent = open(here.parts);
  const noted: string[] = [];
  let damaged = 0;
  const backups = keepBackups({
    ground: { dataFolder: here.folder, store: bent, signer: here.parts.signer },
    clock: here.clock,
    note: (_level, event) => noted.push(event),
    onDamaged: () => {
      damaged++;
    },
  });
  backups.start();
  return { ...here, store: bent, backups, noted, damaged: () => damaged };
}

it('tells of an unread page at once, behind the read that met it, and marks it for the next start', async () => {
  const run = bentRatings();
  expect(run.store.ratingOf(serviceKey('s1'))).toBe('unreadable');
  expect(run.damaged()).toBe(0);
  await Promise.resolve();
  expect(run.damaged()).toBe(1);
  expect(run.noted).toEqual(['journalDamaged']);
  expect(run.store.ratingOf(serviceKey('s2'))).toBe('unreadable');
  await run.backups.stop();
  expect(run.damaged()).toBe(1);
  run.store.close();
  expect(openStore(run.parts)).toMatchObject({ ok: false, damage: 'badMiddle' });
});

it('begins nothing anew while the damage cannot be marked, and tries again', async () => {
  const run = bentRatings();
  const inTheWay = join(run.folder, 'restoring.json.new');
  mkdirSync(inTheWay);
  expect(run.store.ratingOf(serviceKey('s1'))).toBe('unreadable');
  await Promise.resolve();
  expect(run.noted).toEqual(['journalDamaged', 'journalNotMarked']);
  expect(run.damaged()).toBe(0);
  rmdirSync(inTheWay);
  run.clock.advance(10_000);
  expect(run.damaged()).toBe(1);
  expect(existsSync(join(run.folder, 'restoring.json'))).toBe(true);
  await run.backups.stop();
});
