import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { fillForDays } from '../../test/support/old-journal.ts';
import {
  drafts,
  mustOpen,
  newFolder,
  newService,
  storeParts,
  unfinishedIn,
} from '../../test/support/store-parts.ts';
import type { CompactLimits, CompactResult, Store } from '../store/store.ts';
import { createRetention } from './retention.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const clock = createFakeClock();
let store: Store;
let remove: () => void;
let notes: string[];

beforeEach(() => {
  const made = newFolder();
  remove = made.remove;
  store = mustOpen(storeParts(made.folder, { clock }));
  notes = [];
});
afterEach(() => {
  store.close();
  remove();
});

function retention(
  overrides: Partial<Parameters<typeof createRetention>[0]> = {},
): ReturnType<typeof createRetention> {
  const made = createRetention({
    clock,
    days: 10,
    links: ['province'],
    compact: store.compact,
    isIdle: () => unfinishedIn(store).invitations.length === 0,
    offsetMs: () => 0,
    upToSeq: () => store.head().seq,
    note: (level, event) => notes.push(`${level} ${event}`),
    ...overrides,
  });
  made.start();
  return made;
}
const oldest = () => [...store.entries()][1]?.seq;

describe('retention', () => {
  it('takes what is older than the site keeps, and the rest when its time has come', () => {
    fillForDays(store, clock, { days: 20 });
    store.advanceCursor('province', store.head().seq);
    const running = retention();
    clock.advance(HOUR_MS);
    // Nineteen entries a day; the tenth day's word of time is of ten days ago, to the hour.
    expect(oldest()).toBeGreaterThan(9 * 19);
    expect(oldest()).toBeLessThanOrEqual(2 + 11 * 19);
    expect(notes).toEqual(['info compacted']);
    const before = oldest();
    clock.advance(2 * DAY_MS);
    expect(oldest()).toBeGreaterThan(before ?? 0);
    running.stop();
    const pending = clock.pending;
    clock.advance(10 * DAY_MS);
    expect(clock.pending).toBe(pending);
  });

  it('waits while somebody is being asked', () => {
    fillForDays(store, clock, { days: 20 });
    const service = newService('now');
    store.append([drafts.opened(service)]);
    store.advanceCursor('province', store.head().seq);
    const running = retention();
    clock.advance(HOUR_MS);
    expect(oldest()).toBe(2);
    store.append([drafts.closed(service, 'declined')]);
    clock.advance(HOUR_MS);
    expect(oldest()).toBeGreaterThan(2);
    running.stop();
  });

  it.each([
    ['everything is kept', { days: null }],
    ['there is no province', { links: [] }],
    ['nobody has told the time', { offsetMs: () => undefined }],
    ['the province says that it is earlier than this tablet believes', { offsetMs: () => -400 * DAY_MS }],
    ['the backup ends before', { upToSeq: () => 1 }],
  ])('takes nothing while %s', (_name, overrides) => {
    fillForDays(store, clock, { days: 20 });
    store.advanceCursor('province', store.head().seq);
    const running = retention(overrides);
    clock.advance(2 * HOUR_MS);
    expect(oldest()).toBe(2);
    running.stop();
  });

  it('goes in smaller steps where one takes long, and in larger ones where it does not', () => {
    const asked: number[] = [];
    const compactIn =
      (ms: number) =>
      (limits: CompactLimits): CompactResult => {
        asked.push(limits.maxEntries);
        if (asked.length === 8) return { kind: 'nothing' };
        clock.advance(ms);
        return { kind: 'compacted', fromSeq: 2, toSeq: 3 };
      };
    let tookMs = 1;
    const running = retention({ compact: (limits) => compactIn(tookMs)(limits) });
    clock.advance(HOUR_MS);
    expect(asked.at(-1)).toBeGreaterThan(250);
    tookMs = 40;
    asked.length = 0;
    clock.advance(DAY_MS);
    running.stop();
    expect(asked.slice(-4)).toEqual([64, 64, 64, 64]);
  });

  it('goes on beyond an invitation that is longer than the least it takes, however slow the disk is', () => {
    fillForDays(store, clock, { days: 2 });
    // A hand that leans on two keys: each press is a choice and takes back the one before.
    const leant = newService('leant on');
    store.append([drafts.opened(leant)]);
    for (let n = 0; n < 200; n++) {
      store.append([drafts.chosen(leant, 5)]);
      store.append([drafts.withdrawn(leant, 5)]);
    }
    store.append([drafts.closed(leant, 'timedOut')]);
    fillForDays(store, clock, { days: 20, name: 'after' });
    store.advanceCursor('province', store.head().seq);
    const asked: number[] = [];
    const running = retention({
      compact: (limits) => {
        asked.push(limits.maxEntries);
        const done = store.compact(limits);
        clock.advance(40);
        return done;
      },
    });
    clock.advance(DAY_MS);
    expect(oldest()).toBeGreaterThan(2 + 2 * 19 + 402 + 8 * 19);
    expect(new Set(asked)).toEqual(new Set([64]));
    running.stop();
  });

  it.each([
    ['says so', () => ({ kind: 'failed', message: 'the disk is full' }) as const],
    [
      'throws',
      () => {
        throw new Error('a bug');
      },
    ],
  ])('notes a failure and comes back the next day: %s', (_name, compact) => {
    let asked = 0;
    const running = retention({
      compact: () => {
        asked++;
        return compact();
      },
    });
    clock.advance(HOUR_MS);
    expect([asked, notes]).toEqual([1, ['warn notCompacted']]);
    clock.advance(DAY_MS);
    expect(asked).toBe(2);
    running.stop();
  });
});
