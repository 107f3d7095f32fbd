import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { ALL_OLD, fillForDays, observe } from '../../test/support/old-journal.ts';
import {
  drafts,
  mustOpen,
  newFolder,
  newService,
  rateOnce,
  serviceKey,
  storeParts,
  unfinishedIn,
} from '../../test/support/store-parts.ts';
import { connect, connectReadOnly, JOURNAL_FILE } from './connection.ts';
import { rebuildProjections } from './projections.ts';
import type { Store, StoreParts } from './store.ts';

let parts: StoreParts;
let store: Store;
let remove: () => void;
const clock = createFakeClock();
const DAY_MS = 24 * 3_600_000;

beforeEach(() => {
  const made = newFolder();
  remove = made.remove;
  parts = storeParts(made.folder, { clock });
  store = mustOpen(parts);
});
afterEach(() => {
  store.close();
  remove();
});

const deliver = (seq = store.head().seq) => store.advanceCursor('province', seq);
const seqs = () => [...store.entries()].map(({ seq }) => seq);

function compactAll(limits = ALL_OLD): number {
  for (let segments = 0; ; segments++) {
    const done = store.compact(limits);
    if (done.kind === 'failed') throw new Error(done.message);
    if (done.kind === 'nothing') return segments;
  }
}

describe('compacting', () => {
  it('takes old, delivered, finished entries, keeps entry 1, and signs what they added up to', () => {
    fillForDays(store, clock, { days: 2 });
    const { seq } = store.head();
    deliver();
    expect(store.compact(ALL_OLD)).toEqual({ kind: 'compacted', fromSeq: 2, toSeq: seq });
    expect(seqs()).toEqual([1, seq + 1]);
    const [, totals] = [...store.entries()];
    expect(totals?.sig).not.toBeNull();
    expect(JSON.parse(totals?.body ?? '')).toMatchObject({
      fromSeq: 2,
      toSeq: seq,
      counts: {
        kinds: { 'invitation.opened': 10, 'rating.settled': 8, 'clock.observed': 2 },
        ratings: { '1': 1, '2': 2, '3': 2, '4': 2, '5': 1 },
      },
    });
  });

  it('goes on, also after a restart, and reads the journal behind the gap', () => {
    fillForDays(store, clock, { days: 4 });
    deliver();
    expect(compactAll({ ...ALL_OLD, maxEntries: 16 })).toBeGreaterThan(2);
    const { seq, hash } = store.head();
    store.close();
    store = mustOpen(parts);
    expect(store.head()).toEqual({ seq, hash });
    rateOnce(store, 'after');
    expect(store.head().seq).toBe(seq + 4);
    const limits = { maxEntries: 500, maxBytes: 1e6 };
    expect(store.readBatch({ afterSeq: 0, ...limits }).map((entry) => entry.seq)).toEqual([1]);
    expect(store.readBatch({ afterSeq: 1, ...limits })[0]?.seq).toBeGreaterThan(2);
    expect(store.readBatch({ afterSeq: seq, ...limits })).toHaveLength(4);
  });

  it('lets nobody rate again what was compacted, and goes on answering for it', () => {
    fillForDays(store, clock, { days: 1 });
    deliver();
    const before = store.ratingOf(serviceKey('day-0/1'));
    compactAll();
    expect(store.ratingOf(serviceKey('day-0/1'))).toEqual(before);
    const again = newService('day-0/1');
    store.append([drafts.opened(again)]);
    expect(store.append([drafts.chosen(again, 1)])).toMatchObject({ ok: false, reason: 'alreadyRated' });
  });

  it('leaves projections that can be built anew', () => {
    fillForDays(store, clock, { days: 2 });
    deliver();
    compactAll({ ...ALL_OLD, maxEntries: 20 });
    rateOnce(store, 'later', 2);
    store.close();
    const db = connect(join(parts.folder, JOURNAL_FILE), { mustExist: true });
    const all = () =>
      ['rating', 'invitation'].map((table) => db.prepare(`SELECT * FROM ${table} ORDER BY invitation`).all());
    const before = all();
    rebuildProjections(db);
    expect(all()).toEqual(before);
    expect(db.pragma('foreign_key_check')).toEqual([]);
    db.close();
  });

  it('leaves no body in the file', () => {
    rateOnce(store, 'a-key-that-is-kept');
    store.append([{ kind: 'pause.changed', body: { paused: true, by: 'needle-in-a-body' } }]);
    observe(store, clock);
    deliver();
    compactAll();
    store.close();
    const db = connect(join(parts.folder, JOURNAL_FILE), { mustExist: true });
    db.pragma('wal_checkpoint(TRUNCATE)');
    expect(db.serialize().includes('needle-in-a-body')).toBe(false);
    db.close();
  });
});

describe('what holds it back', () => {
  const nothing = { kind: 'nothing' };

  it.each([
    ['no link at all', { links: [] }],
    ['a link that has delivered nothing', { links: ['province', 'other'] }],
    ['a backup that ends earlier', { upToSeq: 1 }],
    ['a time before all entries', { beforeMs: 0 }],
  ])('%s', (_name, limits) => {
    fillForDays(store, clock, { days: 2 });
    deliver();
    expect(store.compact({ ...ALL_OLD, ...limits })).toEqual(nothing);
  });

  it('what is not delivered, and what is not finished', () => {
    rateOnce(store, 'one');
    const open = newService('open');
    store.append([drafts.opened(open)]);
    observe(store, clock);
    rateOnce(store, 'two');
    observe(store, clock);
    expect(store.compact(ALL_OLD)).toEqual(nothing);
    deliver(3);
    expect(store.compact(ALL_OLD)).toEqual(nothing);
    deliver();
    expect(store.compact(ALL_OLD)).toMatchObject({ fromSeq: 2, toSeq: 5 });
    expect(store.compact(ALL_OLD)).toEqual(nothing);
    expect(unfinishedIn(store).invitations).toEqual([
      { invitation: open.invitation, serviceKey: open.serviceKey },
    ]);
  });

  it('the province’s time, whatever the kiosk’s own clock says', () => {
    const start = clock.nowMs();
    fillForDays(store, clock, { days: 2 });
    const old = store.head().seq;
    // The battery of the clock died: entries that say 1970, though nobody can know it from them.
    clock.jumpWall(-start);
    rateOnce(store, 'in 1970');
    observe(store, clock, start + 30 * DAY_MS);
    clock.jumpWall(start);
    deliver();
    expect(store.compact({ ...ALL_OLD, beforeMs: start + 10 * DAY_MS })).toMatchObject({ toSeq: old });
    expect(store.compact({ ...ALL_OLD, beforeMs: start + 10 * DAY_MS })).toEqual(nothing);
    expect(store.compact({ ...ALL_OLD, beforeMs: start + 31 * DAY_MS })).toMatchObject({ fromSeq: old + 1 });
  });

  it('a long time without any word of the province’s time: looks on, a stretch a call', () => {
    store.append(
      Array.from({ length: 11_000 }, (_, n) => ({
        kind: 'pause.changed' as const,
        body: { paused: n % 2 === 0, by: 'test' },
      })),
    );
    observe(store, clock);
    deliver();
    expect(store.compact({ ...ALL_OLD, maxEntries: 500 })).toEqual({ kind: 'searching' });
    expect(store.compact({ ...ALL_OLD, maxEntries: 500 })).toEqual({ kind: 'searching' });
    expect(store.compact({ ...ALL_OLD, maxEntries: 500 })).toMatchObject({ kind: 'compacted', fromSeq: 2 });
  });
});

it('takes an invitation that is longer than what is asked for in one piece, and says so where there is no end to it', () => {
  const long = newService('a key that hangs');
  const presses = (count: number) =>
    store.append(
      Array.from({ length: count }, (_, n) => ({
        kind: 'pause.changed' as const,
        body: { paused: n % 2 === 0, by: 'test' },
      })),
    );
  store.append([drafts.opened(long)]);
  presses(9_000);
  observe(store, clock);
  deliver();
  const compact = (maxEntries: number) => {
    for (;;) {
      const done = store.compact({ ...ALL_OLD, maxEntries });
      if (done.kind !== 'searching') return done;
    }
  };
  expect(compact(64)).toEqual({ kind: 'nothing' });
  presses(9_000);
  observe(store, clock);
  deliver();
  expect(compact(64)).toMatchObject({ kind: 'failed', message: expect.stringMatching(/entry 2 on/) });
  store.append([drafts.closed(long, 'timedOut')]);
  observe(store, clock);
  deliver();
  expect(compact(80)).toMatchObject({ kind: 'compacted', fromSeq: 2 });
});

it('is seen by a reader beside the kiosk', () => {
  fillForDays(store, clock, { days: 1 });
  deliver();
  compactAll();
  const db = connectReadOnly(join(parts.folder, JOURNAL_FILE));
  expect(db.prepare('SELECT count(*) FROM segment').pluck().get()).toBe(1);
  db.close();
});
