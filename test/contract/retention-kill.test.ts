import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { verifyPath } from '../../src/core/verify/verify-path.ts';
import { ed25519Signer } from '../../src/shared/journal/suite.ts';
import { JOURNAL_FILE } from '../../src/store/store.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { fillForDays } from '../support/old-journal.ts';
import { mustOpen, newFolder, newKeyPem, serviceKey, storeParts } from '../support/store-parts.ts';

const CHILD = join(import.meta.dirname, 'retention-kill-child.ts');

it('a kill before each write of a compaction leaves the journal from before or after it', {
  timeout: 120_000,
}, () => {
  const { folder, remove } = newFolder();
  const key = newKeyPem();
  const signer = ed25519Signer(key);
  try {
    const clock = createFakeClock();
    const store = mustOpen(storeParts(join(folder, '0'), { signer, clock }));
    fillForDays(store, clock, { days: 3 });
    store.advanceCursor('province', store.head().seq);
    const { seq } = store.head();
    store.close();
    const heads = new Set<number>();
    for (let n = 1; ; n++) {
      const copy = join(folder, String(n));
      cpSync(join(folder, '0'), copy, { recursive: true });
      const child = spawnSync(
        process.execPath,
        [CHILD, copy, String(n), Buffer.from(key).toString('base64')],
        {
          encoding: 'utf8',
        },
      );
      if (child.signal !== 'SIGKILL' && child.stdout === '') throw new Error(child.stderr);
      const said = `write ${n}`;
      const report = verifyPath({ path: join(copy, JOURNAL_FILE), publicKey: signer.publicKey });
      expect(report, said).toMatchObject({ verdict: 'good', ratings: 12 });
      const again = mustOpen(storeParts(copy, { signer }));
      heads.add(again.head().seq);
      expect([...again.entries()].length === seq, said).toBe(again.head().seq === seq);
      expect(again.ratingOf(serviceKey('day-0/1')), said).toMatchObject({ level: 2, settled: true });
      again.close();
      if (child.signal !== 'SIGKILL') {
        expect(n).toBeGreaterThan(5);
        break;
      }
    }
    expect(heads).toEqual(new Set([seq, seq + 1]));
  } finally {
    remove();
  }
});
