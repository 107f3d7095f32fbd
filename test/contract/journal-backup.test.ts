import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { verifyPath } from '../../src/core/verify/verify-path.ts';
import { ed25519Sha256 } from '../../src/shared/journal/suite.ts';
import { type BackupOutcome, createBackups } from '../../src/store/store.ts';
import {
  backUp,
  bend,
  bendPageOf,
  cleanUp,
  names,
  open,
  rateAll,
  rootOf,
  site,
} from '../support/bent-journal.ts';
import { ALL_OLD, fillForDays } from '../support/old-journal.ts';
import { drafts, rateOnce } from '../support/store-parts.ts';

afterEach(cleanUp);

describe('a backup', () => {
  it('is one whole file that verifies, of the user alone, and says how far it goes', async () => {
    const here = site();
    const store = open(here.parts);
    rateAll(store, names(1, 50));
    const backups = createBackups({
      folder: here.folder,
      store,
      suite: ed25519Sha256,
      clock: here.clock,
      onOutcome: () => {},
    });
    expect(backups.newestHeadSeq()).toBe(0);
    const making = backups.make();
    rateOnce(store, 'while it is made');
    expect(await making).toMatchObject({ kind: 'made' });
    const [file = '', ...others] = readdirSync(join(here.folder, 'backup'));
    expect(others).toEqual([]);
    expect(statSync(join(here.folder, 'backup')).mode & 0o777).toBe(0o700);
    expect(statSync(join(here.folder, 'backup', file)).mode & 0o777).toBe(0o600);
    expect(file).toMatch(/^journal-\d{12}-\d{8}T\d{9}Z\.sqlite$/);
    expect(backups.newestHeadSeq()).toBeGreaterThanOrEqual(201);
    expect(verifyPath({ path: join(here.folder, 'backup', file) })).toMatchObject({
      verdict: 'good',
      entries: backups.newestHeadSeq(),
    });
  });

  it('comes by itself when nobody is being asked, after many entries and after a day, and three are kept', async () => {
    const here = site();
    const store = open(here.parts);
    const made: BackupOutcome[] = [];
    let told = () => {};
    const backups = createBackups({
      folder: here.folder,
      store,
      suite: ed25519Sha256,
      clock: here.clock,
      onOutcome(outcome) {
        made.push(outcome);
        told();
      },
    });
    const next = async () => {
      const came = new Promise<void>((done) => {
        told = done;
      });
      for (let looks = 0; looks < 3; looks++) here.clock.advance(10_000);
      await came;
    };
    backups.start();
    await next();
    expect(made).toMatchObject([{ kind: 'made', headSeq: 1 }]);
    here.clock.advance(3_600_000);
    expect(made).toHaveLength(1);
    for (let i = 0; i < 2_000; i++) store.append([drafts.paused(i % 2 === 0)]);
    await next();
    expect(made.at(-1)).toMatchObject({ kind: 'made', headSeq: 2001 });
    for (let day = 1; day <= 3; day++) {
      store.append([drafts.paused(true)]);
      here.clock.jumpWall(24 * 3_600_000);
      await next();
      expect(made.at(-1)).toMatchObject({ kind: 'made', headSeq: 2001 + day });
    }
    expect(readdirSync(join(here.folder, 'backup'))).toHaveLength(3);
    await backups.stop();
  });

  it.each(['rating', 'invitation', 'invitation_open'])(
    'of a journal whose %s cannot be read is not kept',
    async (table) => {
      const here = site();
      const store = open(here.parts);
      rateAll(store, names(1, 50));
      expect(await backUp(here, store)).toMatchObject({ kind: 'made', headSeq: 201 });
      rateOnce(store, 's51');
      store.close();
      bend(here.journal, rootOf(here.journal, table), 4096);
      const again = open(here.parts);
      expect(await backUp(here, again)).toMatchObject({ kind: 'damaged' });
      expect(readdirSync(join(here.folder, 'backup'))).toEqual([
        expect.stringMatching(/^journal-000000000201-/),
      ]);
    },
  );

  it('finds no damage where entries that it is about to read are compacted meanwhile', async () => {
    const here = site();
    const store = open(here.parts);
    fillForDays(store, here.clock, { days: 40 });
    store.advanceCursor('province', store.head().seq);
    const walking = store.walk();
    expect(store.compact({ ...ALL_OLD, maxEntries: 300 })).toMatchObject({ kind: 'compacted' });
    expect(store.compact({ ...ALL_OLD, maxEntries: 300 })).toMatchObject({ kind: 'compacted' });
    expect(await walking).toEqual({ ok: true, head: store.head() });
  });

  it('that shows damage in the middle of the journal says so, and is not kept', async () => {
    const here = site();
    const store = open(here.parts);
    rateAll(store, names(1, 200));
    bendPageOf(here, store, 400);
    const again = open(here.parts);
    expect(await backUp(here, again)).toMatchObject({ kind: 'damaged' });
    expect(readdirSync(join(here.folder, 'backup'))).toEqual([]);
  });
});
