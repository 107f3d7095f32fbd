import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { ed25519Signer } from '../../src/shared/journal/suite.ts';
import { createRestorer, JOURNAL_FILE, openStore } from '../../src/store/store.ts';
import { backUp, bend, cleanUp, expectWhole, names, open, rateAll, site } from '../support/bent-journal.ts';
import { newKeyPem, storeParts } from '../support/store-parts.ts';

const CHILD = join(import.meta.dirname, 'journal-restore-child.ts');
afterEach(cleanUp);

it('is taken up again after a kill before any of its steps, and ends as if there had been none', {
  timeout: 120_000,
}, async () => {
  const key = newKeyPem();
  const signer = ed25519Signer(key);
  const damaged = site();
  const parts = { ...damaged.parts, signer };
  const store = open(parts);
  rateAll(store, names(1, 10));
  await backUp(damaged, store);
  rateAll(store, names(11, 20));
  store.close();
  bend(damaged.journal, 0);
  const bytes = readFileSync(damaged.journal);

  let step = 0;
  for (let killed = true; killed; ) {
    step++;
    const here = site();
    cpSync(damaged.folder, here.folder, { recursive: true });
    const child = spawnSync(
      process.execPath,
      [CHILD, here.folder, Buffer.from(key).toString('base64'), String(step)],
      { encoding: 'utf8' },
    );
    killed = child.signal === 'SIGKILL';
    if (!killed) expect(child.stderr).toBe('');

    const again = storeParts(here.folder, { signer });
    const opened = openStore(again);
    if (opened.ok) opened.store.close();
    else {
      expect(opened.damage, `after a kill at step ${step}`).toBeDefined();
      const restorer = createRestorer({ ...again, link: 'province' });
      expect(await restorer.attempt('unreadable')).toMatchObject({ ok: true });
    }
    const entries = expectWhole(open(again), { ...here, parts: again }, names(1, 20));
    const restored = entries.filter(({ kind }) => kind === 'journal.restored');
    expect(restored, `after a kill at step ${step}`).toHaveLength(1);
    expect(JSON.parse(restored[0]?.body ?? '')).toMatchObject({ lostAfterSeq: 81, knownHeadSeq: 81 });
    const asides = readdirSync(join(here.folder, 'set-aside'));
    expect(asides).toHaveLength(1);
    const aside = join(here.folder, 'set-aside', asides[0] ?? '', JOURNAL_FILE);
    expect(readFileSync(aside).equals(bytes)).toBe(true);
    expect(existsSync(join(here.folder, 'restoring.json'))).toBe(false);
  }
  expect(step).toBeGreaterThan(12);
});
