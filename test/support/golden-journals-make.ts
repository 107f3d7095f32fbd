/**
 * Makes the golden databases of the present schema: one a suite, as this version of the store writes it, with
 * ratings that no province has seen. Run once, when a schema ships and before the next migration is written:
 *
 *     node test/support/golden-journals-make.ts
 *
 * The key is thrown away: what was signed can be checked for ever and never be added to. A golden database of a
 * shipped schema is not made again.
 */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { SUITE_NAMES } from '../../src/shared/journal/suite.ts';
import { loadSigner, makePrivateKey } from '../../src/shared/journal/suites.ts';
import { JOURNAL_FILE } from '../../src/store/store.ts';
import { createFakeClock } from './fake-clock.ts';
import { drafts, mustOpen, newFolder, newService, rateOnce, storeParts } from './store-parts.ts';

const FOLDER = join(import.meta.dirname, '../fixtures/journals');

for (const suite of SUITE_NAMES) {
  const signer = await loadSigner(suite, await makePrivateKey(suite));
  const { folder, remove } = newFolder();
  const clock = createFakeClock();
  const store = mustOpen(storeParts(folder, { signer, clock, boot: 'boot-1' }));
  const must = (act: Parameters<typeof store.append>[0]) => {
    clock.advance(4_321);
    const result = store.append(act);
    if (!result.ok) throw new Error(result.message);
  };
  must([{ kind: 'boot.started', body: { version: '0.1.0', counter: '12' } }]);
  for (const level of [5, 4, 3] as const) rateOnce(store, `delivered/${level}`, level);
  const observedMs = clock.nowMs() + 1_200;
  must([
    {
      kind: 'clock.observed',
      body: { link: 'province', mono: 4_321, theirMs: observedMs, errorMs: 35, offsetMs: 1_200 },
    },
  ]);
  store.advanceCursor('province', store.head().seq);
  for (let n = 1; n <= 20; n++) {
    clock.advance(61_000);
    rateOnce(store, `unsent/${n}`, ([1, 2, 3, 4, 5] as const)[n % 5] ?? 5);
  }
  must([{ kind: 'link.changed', body: { link: 'queue', name: 'rate-service', state: 'ready' } }]);
  must([drafts.paused(true), drafts.paused(false)]);
  const declined = newService('declined');
  must([drafts.opened(declined)]);
  must([drafts.closed(declined, 'declined')]);
  const changed = newService('changed');
  must([drafts.opened(changed)]);
  must([drafts.chosen(changed, 4)]);
  must([drafts.chosen(changed, 2, 1)]);
  must([drafts.settled(changed, 2), drafts.detailed(changed, ['207']), drafts.closed(changed)]);
  // What a power cut leaves: one chosen, one only asked.
  const [chosen, asked] = [newService('open/chosen'), newService('open/asked')];
  must([drafts.opened(chosen)]);
  must([drafts.chosen(chosen, 1)]);
  must([drafts.opened(asked)]);
  store.close();

  const file = join(folder, JOURNAL_FILE);
  const db = new Database(file);
  db.pragma('wal_checkpoint(TRUNCATE)');
  const version = String(db.pragma('user_version', { simple: true }));
  db.close();
  mkdirSync(FOLDER, { recursive: true });
  const golden = join(FOLDER, `schema-${version}-${suite}.sqlite`);
  if (existsSync(golden)) console.error(`${golden} is there already and is left as it is.`);
  else copyFileSync(file, golden);
  remove();
}
