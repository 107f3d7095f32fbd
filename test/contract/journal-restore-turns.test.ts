import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { ed25519Signer } from '../../src/shared/journal/suite.ts';
import {
  backUp,
  bend,
  cleanUp,
  expectWhole,
  farEnd,
  names,
  open,
  rateAll,
  restore,
  site,
} from '../support/bent-journal.ts';
import { newKeyPem } from '../support/store-parts.ts';

/**
 * Whoever watches the core ends one that is silent for seconds, and the next one begins the restore again: it must let
 * others go on after little work, whatever a flush costs.
 */
const CHILD = join(import.meta.dirname, 'journal-restore-child.ts');
const SERVICES = 125;
const ENTRIES = SERVICES * 4 + 1;
afterEach(cleanUp);

it('lets others go on after at most 200 entries of the long answer of a province', {
  timeout: 60_000,
}, async () => {
  const here = site();
  const store = open(here.parts);
  rateAll(store, names(1, 2));
  await backUp(here, store);
  rateAll(store, names(3, SERVICES));
  const before = [...store.entries()];
  store.close();
  bend(here.journal, 0, readFileSync(here.journal).length);

  const { suite } = here.parts.signer;
  let commits = 0;
  let most = 0;
  let over = false;
  const counted = (...args: Parameters<typeof suite.verify>) => {
    commits++;
    return suite.verify(...args);
  };
  const others = (async () => {
    while (!over) {
      most = Math.max(most, commits);
      commits = 0;
      await turn();
    }
  })();
  const signer = { ...here.parts.signer, suite: { ...suite, verify: counted } };
  const restored = await restore({ ...here, parts: { ...here.parts, signer } }, farEnd(before));
  over = true;
  await others;
  expect(restored).toMatchObject({ fetchedTo: ENTRIES, lostAfterSeq: ENTRIES });
  expectWhole(open(here.parts), here, names(1, SERVICES));
  // Each commit has an entry at least.
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(200);
});

it('does not flush each commit again, and has flushed everything before it says that it is done', {
  timeout: 60_000,
}, () => {
  const here = site();
  const key = newKeyPem();
  const parts = { ...here.parts, signer: ed25519Signer(key) };
  const store = open(parts);
  rateAll(store, names(1, SERVICES));
  store.close();
  bend(here.journal, 0, 16);

  const trace = join(here.folder, 'trace');
  const calls = ['-f', '-y', '-e', 'trace=fdatasync,fsync,pwrite64,write,rename', '-e', 'signal=none'];
  const child = [process.execPath, CHILD, here.folder, Buffer.from(key).toString('base64'), '0'];
  const ran = spawnSync('strace', [...calls, '-o', trace, ...child], { encoding: 'utf8' });
  expect(ran).toMatchObject({ status: 0, stderr: '' });

  const lines = readFileSync(trace, 'utf8').split('\n');
  const flushes = lines.filter((line) => /\bf(data)?sync\(\d+<[^>]*\/restoring\/journal\.sqlite/.test(line));
  expect(flushes.length).toBeGreaterThan(2);
  expect(flushes.length).toBeLessThan(ENTRIES / 10);

  const last = (pattern: RegExp) => lines.findLastIndex((line) => pattern.test(line));
  const written = last(/\bp?write(64)?\(\d+<[^>]*\/restoring\/journal\.sqlite>/);
  const flushed = last(/\bf(data)?sync\(\d+<[^>]*\/restoring\/journal\.sqlite>/);
  const done = last(/\bwrite\(\d+<[^>]*restoring\.json\.new>.*done/);
  expect(written).toBeGreaterThan(0);
  expect(flushed).toBeGreaterThan(written);
  expect(done).toBeGreaterThan(flushed);
  expectWhole(open(parts), { ...here, parts }, names(1, SERVICES));
});
