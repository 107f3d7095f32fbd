import { afterEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import {
  drafts,
  mustOpen,
  newFolder,
  newService,
  newSigner,
  rateOnce,
  serviceKey,
  storeParts,
} from '../../test/support/store-parts.ts';
import { ed25519Sha256 } from '../shared/journal/suite.ts';
import { verifyEntries } from '../shared/journal/verify.ts';
import { type AppendResult, openStore, type Store } from './store.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

function open(overrides: Parameters<typeof storeParts>[1] = {}) {
  const { folder, remove } = newFolder();
  const parts = storeParts(folder, overrides);
  const store = mustOpen(parts);
  cleanups.push(remove, () => store.close());
  return { store, parts };
}

function written(result: AppendResult) {
  if (!result.ok) throw new Error(result.message);
  return result.entries;
}

function reopened(store: Store, parts: ReturnType<typeof storeParts>): Store {
  store.close();
  const again = mustOpen(parts);
  cleanups.push(() => again.close());
  return again;
}

describe('appending', () => {
  it('begins a journal by saying whose it is', () => {
    const { store, parts } = open();
    const [first] = [...store.entries()];
    expect(first).toMatchObject({ seq: 1, kind: 'journal.begun', prev: '0'.repeat(64) });
    expect(JSON.parse(first?.body ?? '')).toEqual({
      format: 1,
      deviceId: parts.deviceId,
      suite: 'ed25519-sha256',
      publicKey: Buffer.from(parts.signer.publicKey).toString('base64'),
    });
  });

  it('signs the last entry of an act and no other, and the whole verifies', () => {
    const { store, parts } = open();
    const service = newService('s1');
    store.append([drafts.opened(service)]);
    store.append([drafts.chosen(service, 2)]);
    store.append([
      drafts.settled(service, 2),
      drafts.detailed(service, ['207', '214']),
      drafts.closed(service),
    ]);
    const entries = [...store.entries()];
    expect(entries.map((entry) => entry.sig !== null)).toEqual([true, true, true, false, false, true]);
    expect(verifyEntries(ed25519Sha256, parts.signer.publicKey, entries)).toEqual({
      ok: true,
      entries: 6,
      compacted: 0,
      head: store.head(),
      ratings: 1,
    });
  });

  it('signs a long act often enough to be delivered in batches', () => {
    const { store, parts } = open();
    written(store.append(Array.from({ length: 200 }, (_, index) => drafts.paused(index % 2 === 0))));
    const signed = [...store.entries()].filter((entry) => entry.sig !== null).map((entry) => entry.seq);
    expect(signed).toEqual([1, 65, 129, 193, 201]);
    expect(verifyEntries(ed25519Sha256, parts.signer.publicKey, store.entries()).ok).toBe(true);
  });

  it('takes wall time, monotonic time and boot from its parts', () => {
    const clock = createFakeClock(Date.UTC(1970, 0, 1));
    clock.advance(1234.9);
    const { store } = open({ clock, boot: 'b-7' });
    expect([...store.entries()][0]).toMatchObject({ at: 1235, mono: 1234, boot: 'b-7' });
  });

  it('tells what it wrote, and listeners the new head', () => {
    const { store } = open();
    const heard: number[] = [];
    const end = store.onAppended((seq) => heard.push(seq));
    const service = newService('s1');
    const [entry] = written(store.append([drafts.opened(service)]));
    expect(entry).toMatchObject({ seq: 2, kind: 'invitation.opened', hash: store.head().hash });
    end();
    store.append([drafts.chosen(service, 5)]);
    expect(heard).toEqual([2]);
  });

  it('refuses a body that is not of its kind, loudly, and goes on', () => {
    const { store } = open();
    const service = newService('s1');
    expect(() =>
      store.append([drafts.opened({ ...service, serviceKey: serviceKey('s\u0000').slice(0, 0) as never })]),
    ).toThrow(/serviceKey|control/);
    expect(store.head().seq).toBe(1);
    written(store.append([drafts.opened(service)]));
  });

  it('answers an act without entries with whether another could begin, and writes nothing', () => {
    const { store } = open();
    expect(store.append([])).toEqual({ ok: true, entries: [] });
    expect(store.head().seq).toBe(1);
  });

  it('continues after it was closed and opened', () => {
    const { store, parts } = open();
    rateOnce(store, 's1');
    const before = store.head();
    const again = reopened(store, parts);
    expect(again.head()).toEqual(before);
    rateOnce(again, 's2');
    expect(verifyEntries(ed25519Sha256, parts.signer.publicKey, again.entries()).ok).toBe(true);
  });
});

describe('one service, one rating', () => {
  it('refuses a second first choice, whoever asks', () => {
    const { store } = open();
    const service = newService('s1');
    const other = newService('s1');
    store.append([drafts.opened(service)]);
    store.append([drafts.opened(other)]);
    written(store.append([drafts.chosen(service, 4)]));
    const before = store.head();
    expect(store.append([drafts.chosen(service, 5)])).toMatchObject({ ok: false, reason: 'alreadyRated' });
    expect(store.append([drafts.chosen(other, 1)])).toMatchObject({ ok: false, reason: 'alreadyRated' });
    expect(store.append([drafts.chosen(other, 1, 1)])).toMatchObject({ ok: false, reason: 'alreadyRated' });
    expect(store.head()).toEqual(before);
  });

  it('lets the citizen change the choice until it is settled, and not after', () => {
    const { store } = open();
    const service = newService('s1');
    store.append([drafts.opened(service)]);
    store.append([drafts.chosen(service, 5)]);
    written(store.append([drafts.chosen(service, 1, 1)]));
    expect(store.ratingOf(service.serviceKey)).toEqual({
      level: 1,
      settled: false,
      invitation: service.invitation,
    });
    const [settled] = written(store.append([drafts.settled(service, 1)]));
    expect(store.ratingOf(service.serviceKey)).toEqual({
      level: 1,
      settled: true,
      invitation: service.invitation,
      receiptHash: settled?.hash,
    });
    expect(store.append([drafts.chosen(service, 5, 2)])).toMatchObject({ ok: false, reason: 'settled' });
    expect(store.append([drafts.settled(service, 1)])).toMatchObject({ ok: false, reason: 'settled' });
  });

  it('steps back when a choice is withdrawn, and takes a new first choice after the first', () => {
    const { store, parts } = open();
    const service = newService('s1');
    store.append([drafts.opened(service)]);
    store.append([drafts.chosen(service, 5)]);
    store.append([drafts.chosen(service, 1, 1)]);
    written(store.append([drafts.withdrawn(service, 1)]));
    expect(store.ratingOf(service.serviceKey)).toMatchObject({ level: 5, settled: false });
    written(store.append([drafts.withdrawn(service, 5)]));
    expect(store.ratingOf(service.serviceKey)).toBeUndefined();
    // A kill here leaves an invitation nobody has answered.
    const again = reopened(store, parts);
    expect(again.unfinished()).toEqual({ ratings: [], invitations: [service] });
    written(again.append([drafts.chosen(service, 4)]));
    written(again.append([drafts.settled(service, 4), drafts.closed(service)]));
    expect(again.append([drafts.withdrawn(service, 4)])).toMatchObject({ ok: false, reason: 'settled' });
    expect(verifyEntries(ed25519Sha256, parts.signer.publicKey, again.entries()).ok).toBe(true);
  });

  it('writes nothing of an act of which one part is refused', () => {
    const { store } = open();
    const first = rateOnce(store, 's1');
    const before = store.head();
    const result = store.append([drafts.paused(true), drafts.chosen(first, 5, 1)]);
    expect(result).toMatchObject({ ok: false, reason: 'settled' });
    expect(store.head()).toEqual(before);
    expect([...store.entries()]).toHaveLength(before.seq);
  });

  it.each<[string, (service: ReturnType<typeof newService>, store: Store) => AppendResult]>([
    [
      'a choice without an invitation',
      (s, store) => store.append([drafts.chosen(newService(s.serviceKey), 5)]),
    ],
    ['a change without a choice', (s, store) => store.append([drafts.chosen(s, 5, 1)])],
    ['withdrawing without a choice', (s, store) => store.append([drafts.withdrawn(s, 5)])],
    [
      'withdrawing another level than stands',
      (s, store) => {
        store.append([drafts.chosen(s, 5)]);
        return store.append([drafts.withdrawn(s, 4)]);
      },
    ],
    ['settling without a choice', (s, store) => store.append([drafts.settled(s, 5)])],
    ['details before the end', (s, store) => store.append([drafts.detailed(s, ['510'])])],
    ['closing as rated without a rating', (s, store) => store.append([drafts.closed(s, 'rated')])],
    ['opening twice', (s, store) => store.append([drafts.opened(s)])],
    [
      'settling at another level than chosen',
      (s, store) => {
        store.append([drafts.chosen(s, 5)]);
        return store.append([drafts.settled(s, 4)]);
      },
    ],
    [
      'closing over an open choice',
      (s, store) => {
        store.append([drafts.chosen(s, 5)]);
        return store.append([drafts.closed(s, 'timedOut')]);
      },
    ],
  ])('throws, because only a bug can ask for it: %s', (_name, ask) => {
    const { store } = open();
    const service = newService('s1');
    store.append([drafts.opened(service)]);
    expect(() => ask(service, store)).toThrow();
    written(store.append([drafts.paused(true)]));
  });
});

describe('after a crash', () => {
  it('names what is open', () => {
    const { store, parts } = open();
    rateOnce(store, 'done');
    const chosen = newService('chosen');
    const invited = newService('invited');
    for (const draft of [drafts.opened(chosen), drafts.chosen(chosen, 3), drafts.opened(invited)])
      store.append([draft]);
    expect(reopened(store, parts).unfinished()).toEqual({
      ratings: [{ ...chosen, level: 3 }],
      invitations: [chosen, invited],
    });
  });
});

describe('reading for a link', () => {
  it('gives whole commits within the limits', () => {
    const { store } = open();
    rateOnce(store, 's1');
    rateOnce(store, 's2');
    const seqs = (maxEntries: number, afterSeq = 0, maxBytes = 1e6) =>
      store.readBatch({ afterSeq, maxEntries, maxBytes }).map((entry) => entry.seq);
    expect(seqs(500)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(seqs(4)).toEqual([1, 2, 3]);
    expect(seqs(1, 3)).toEqual([4, 5]);
    expect(seqs(500, 0, 1500)).toEqual([1, 2]);
    expect(seqs(500, 3, 1)).toEqual([4, 5]);
    expect(seqs(500, 9)).toEqual([]);
  });

  it('keeps a cursor for each link, never back, never past the head', () => {
    const { store, parts } = open();
    rateOnce(store, 's1');
    expect([store.cursorOf('province'), store.unsent('province')]).toEqual([0, 5]);
    store.advanceCursor('province', 4);
    store.advanceCursor('province', 2);
    expect([store.cursorOf('province'), store.unsent('province')]).toEqual([4, 1]);
    expect(() => store.advanceCursor('province', 6)).toThrow(/ends at 5/);
    expect(store.cursorOf('other')).toBe(0);
    expect(reopened(store, parts).cursorOf('province')).toBe(4);
  });

  it('reads on while the journal grows', () => {
    const { store } = open();
    const seen: number[] = [];
    for (const entry of store.entries()) {
      seen.push(entry.seq);
      if (seen.length < 600) store.append([drafts.paused(entry.seq % 2 === 0)]);
    }
    expect(seen).toEqual(Array.from({ length: 600 }, (_, index) => index + 1));
  });
});

describe('opening', () => {
  it('refuses a second kiosk on the same folder', () => {
    const { parts } = open();
    expect(openStore(parts)).toMatchObject({ ok: false, problem: 'locked' });
  });

  it('refuses another key and another device', () => {
    const { store, parts } = open();
    store.close();
    expect(openStore({ ...parts, signer: newSigner() })).toMatchObject({ ok: false, problem: 'wrongKey' });
    const other = openStore({ ...parts, deviceId: 'another-device' as typeof parts.deviceId });
    expect(other).toMatchObject({ ok: false, problem: 'wrongKey' });
    expect(openStore(parts).ok).toBe(true);
  });
});
