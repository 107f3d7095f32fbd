import { readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type VerifyReport, verifyPath } from '../../src/core/verify/verify-path.ts';
import { recoveryDrafts } from '../../src/session/recovery.ts';
import { receiptCode } from '../../src/shared/journal/receipt.ts';
import { openEvidence, type Restored, type Store, type StoredEntry } from '../../src/store/store.ts';
import { asOwner } from '../harness/tamper-store.ts';
import { backUp, bend, cleanUp, farEnd, open, restore, type Site, site } from '../support/bent-journal.ts';
import { ALL_OLD, fillForDays, observe } from '../support/old-journal.ts';
import { rateOnce, unfinishedIn } from '../support/store-parts.ts';

/** What is put together of a journal whose old entries had been compacted to signed totals. */
afterEach(cleanUp);

const DAYS = 3;
const A_DAY = 4;

/** What was written, entry by entry, before any of it went; `later` is rated after the last word of the time. */
interface Past {
  readonly store: Store;
  readonly entries: StoredEntry[];
  readonly services: string[];
  days(name: string): void;
  later(name: string): void;
  /** All that is old, delivered and held by the backup; as the kiosk has it. */
  compact(upToSeq: number): number;
}

function past(here: Site): Past {
  const store = open(here.parts);
  const entries: StoredEntry[] = [];
  const services: string[] = [];
  const note = () => entries.push(...[...store.entries()].filter(({ seq }) => seq > entries.length));
  note();
  return {
    store,
    entries,
    services,
    days(name) {
      fillForDays(store, here.clock, { days: DAYS, services: A_DAY, name });
      for (let day = 0; day < DAYS; day++)
        for (let n = 0; n < A_DAY; n++) services.push(`${name}-${day}/${n}`);
      note();
    },
    later(name) {
      rateOnce(store, name, 2);
      services.push(name);
      note();
    },
    compact(upToSeq) {
      store.advanceCursor('province', store.head().seq);
      let segments = 0;
      for (;;) {
        const done = store.compact({ ...ALL_OLD, upToSeq, maxEntries: 30 });
        if (done.kind === 'failed') throw new Error(done.message);
        if (done.kind === 'compacted') segments++;
        if (done.kind !== 'nothing') continue;
        note();
        return segments;
      }
    },
  };
}

/** Of what was ever frozen, that of which the journal still has a hash: entries, and the ends of its segments. */
function comparable({ journal }: Site, entries: readonly StoredEntry[]): readonly StoredEntry[] {
  const opened = openEvidence(journal);
  if (!opened.ok) throw new Error(opened.detail);
  const { evidence } = opened;
  const here = new Set([...evidence.entries()].map(({ seq }) => seq));
  for (const { toSeq } of evidence.compacted()?.segments ?? []) here.add(toSeq);
  evidence.close();
  const last = Math.max(...here);
  // What is behind its end has to be missed.
  return entries.filter(({ seq }) => here.has(seq) || seq > last);
}

const judge = (here: Site, entries: readonly StoredEntry[], receipts: readonly string[] = []) =>
  verifyPath({
    path: here.folder,
    publicKey: here.parts.signer.publicKey,
    seen: {
      hashes: new Map(comparable(here, entries).map(({ seq, hash }) => [seq, hash])),
      receipts,
    },
  });

const compactedIn = (report: VerifyReport) => (report.verdict === 'good' ? report.compacted : undefined);

const ratingsIn = (report: VerifyReport) => (report.verdict === 'good' ? report.ratings : 0);

const receiptsOf = (entries: readonly StoredEntry[]) =>
  entries.filter(({ kind }) => kind === 'rating.settled').map(({ hash }) => receiptCode(hash));

/** Verifies against all that was ever frozen up to `kept`, receipts too, and says what is lost. */
function expectRestored(here: Site, before: Past, kept: number, restored: Restored): Store {
  const frozen = before.entries.slice(0, kept);
  const report = judge(here, frozen, receiptsOf(frozen));
  const settled = receiptsOf(frozen).length;
  expect(report).toMatchObject({ verdict: 'good', entries: kept + 1, ratings: settled });
  expect(restored).toMatchObject({ lostAfterSeq: kept, headSeq: kept + 1 });
  const again = open(here.parts);
  const [told] = again.readBatch({ afterSeq: kept, maxEntries: 1, maxBytes: 1 });
  expect(told).toMatchObject({ kind: 'journal.restored', prev: before.entries[kept - 1]?.hash });
  return again;
}

/** It lives on: delivered, backed up and compacted, it verifies; and no service takes a second rating. */
async function expectToGoOn(here: Site, before: Past, store: Store): Promise<void> {
  const left = unfinishedIn(store);
  const rated = ratingsIn(judge(here, [])) + left.ratings.length;
  // As the kiosk does at its start.
  const settled = recoveryDrafts(left);
  if (settled.length > 0) store.append(settled);
  rateOnce(store, 'after the restore', 5);
  observe(store, here.clock);
  const { seq } = store.head();
  expect(await backUp(here, store)).toMatchObject({ kind: 'made', headSeq: seq });
  store.advanceCursor('province', seq);
  while (store.compact({ ...ALL_OLD, upToSeq: seq }).kind === 'compacted');
  const report = judge(here, []);
  expect(report).toMatchObject({ verdict: 'good', entries: store.head().seq });
  expect(compactedIn(report)).toBe(seq - 1);
  expect(ratingsIn(report)).toBe(rated + 1);
  // Rated in this order, so those that are lost are the last ones.
  for (const name of [...before.services.slice(0, rated), 'after the restore'])
    expect(() => rateOnce(store, name), name).toThrow(/has its rating/);
}

const damages: readonly (readonly [string, (here: Site) => void])[] = [
  ['a bent first page', ({ journal }) => bend(journal, 0, 4096)],
  ['half of it', ({ journal }) => truncateSync(journal, statSync(journal).size >> 1)],
  ['nothing at all', ({ journal }) => rmSync(journal)],
];

it.each(damages)('compacted since its backup, of %s: what went is in the backup', async (_what, damage) => {
  const here = site();
  const before = past(here);
  before.days('old');
  expect(await backUp(here, before.store)).toMatchObject({ kind: 'made' });
  const backedUp = before.entries.length;
  before.later('young');
  expect(before.compact(backedUp)).toBeGreaterThan(1);
  before.later('last');
  before.store.close();
  damage(here);

  const held = before.entries.length - 3;
  const restored = await restore(here, farEnd(before.entries.slice(0, held), before.entries.length));
  expect(restored).toMatchObject({
    backupHead: { seq: backedUp },
    knownHeadSeq: before.entries.length,
  });
  const kept = restored.lostAfterSeq;
  expect(kept).toBeGreaterThanOrEqual(held);
  await expectToGoOn(here, before, expectRestored(here, before, kept, restored));
});

it.each(damages)(
  'in its backup too, of %s: the totals stay, and more is compacted',
  async (_what, damage) => {
    const here = site();
    const before = past(here);
    before.days('oldest');
    expect(await backUp(here, before.store)).toMatchObject({ kind: 'made' });
    before.compact(before.entries.length);
    before.days('old');
    expect(await backUp(here, before.store)).toMatchObject({ kind: 'made' });
    const backedUp = before.entries.length;
    expect(before.compact(backedUp)).toBeGreaterThan(0);
    before.later('last');
    before.store.close();
    damage(here);

    const held = before.entries.length - 2;
    const restored = await restore(here, farEnd(before.entries.slice(0, held), before.entries.length));
    expect(restored).toMatchObject({ backupHead: { seq: backedUp }, knownHeadSeq: before.entries.length });
    const again = expectRestored(here, before, restored.lostAfterSeq, restored);
    expect(compactedIn(judge(here, []))).toBeGreaterThan(0);
    await expectToGoOn(here, before, again);
  },
);

it('whose newest backup is bent is put together of the older one, the province and the file', async () => {
  const here = site();
  const before = past(here);
  before.days('oldest');
  expect(await backUp(here, before.store)).toMatchObject({ kind: 'made' });
  const older = before.entries.length;
  before.days('old');
  expect(await backUp(here, before.store)).toMatchObject({ kind: 'made' });
  before.compact(before.entries.length);
  const held = before.entries.length;
  before.later('not delivered');
  before.store.close();
  const newest = readdirSync(join(here.folder, 'backup')).sort().at(-1) ?? '';
  bend(join(here.folder, 'backup', newest), 4096 * 3, 4096);
  bend(here.journal, 0, 4096);

  const restored = await restore(here, farEnd(before.entries.slice(0, held)));
  expect(restored).toMatchObject({ backupHead: { seq: older }, knownHeadSeq: before.entries.length });
  await expectToGoOn(here, before, expectRestored(here, before, before.entries.length, restored));
});

it.each([
  ['a rating that stayed', "UPDATE rating SET level = 6 - level WHERE service_key = 'oldest-0/0'"],
  ['a rating taken out', "DELETE FROM rating WHERE service_key = 'oldest-0/0'"],
  ['the totals', "UPDATE segment SET counts = replace(counts, ':1', ':2')"],
])('passes over a backup with a sound chain in which was bent: %s', async (_what, sql) => {
  const here = site();
  const before = past(here);
  before.days('oldest');
  expect(await backUp(here, before.store)).toMatchObject({ kind: 'made' });
  const older = before.entries.length;
  before.compact(older);
  before.later('last');
  expect(await backUp(here, before.store)).toMatchObject({ kind: 'made' });
  before.store.close();
  const newest = readdirSync(join(here.folder, 'backup')).sort().at(-1) ?? '';
  asOwner(join(here.folder, 'backup', newest), (db) => db.exec(sql));
  rmSync(here.journal);

  const restored = await restore(here, farEnd(before.entries));
  expect(restored).toMatchObject({ backupHead: { seq: older }, fetchedTo: before.entries.length });
  await expectToGoOn(here, before, expectRestored(here, before, before.entries.length, restored));
});

it('without any backup is put together of the province and the file', async () => {
  const here = site();
  const before = past(here);
  before.days('old');
  before.compact(before.entries.length);
  const held = before.entries.length;
  before.later('not delivered');
  before.store.close();
  bend(here.journal, 0, 16);

  const restored = await restore(here, farEnd(before.entries.slice(0, held)));
  expect(restored).toMatchObject({ backupHead: null, fetchedTo: held, knownHeadSeq: before.entries.length });
  await expectToGoOn(here, before, expectRestored(here, before, before.entries.length, restored));
});
