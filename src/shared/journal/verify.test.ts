import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  drafts,
  mustOpen,
  newFolder,
  newService,
  newSigner,
  rateOnce,
  storeParts,
} from '../../../test/support/store-parts.ts';
import { canonicalText, entryHash } from './chain.ts';
import { receiptCode } from './receipt.ts';
import type { Signer } from './suite.ts';
import { type StoredEntry, verifyEntries } from './verify.ts';

/** A good journal of a dozen entries, made once. */
let good: readonly StoredEntry[];
let signer: Signer;
let remove: () => void;

beforeAll(() => {
  const made = newFolder();
  remove = made.remove;
  signer = newSigner();
  const store = mustOpen(storeParts(made.folder, { signer }));
  rateOnce(store, 's1', 2);
  const service = newService('s2');
  store.append([drafts.opened(service)]);
  store.append([drafts.chosen(service, 5)]);
  store.append([drafts.chosen(service, 4, 1)]);
  store.append([drafts.settled(service, 4), drafts.detailed(service, ['406']), drafts.closed(service)]);
  good = [...store.entries()];
  store.close();
});
afterAll(() => remove());

const check = (entries: readonly StoredEntry[]) => verifyEntries(signer.suite, signer.publicKey, entries);
const change = (seq: number, by: Partial<StoredEntry>) =>
  good.map((entry) => (entry.seq === seq ? { ...entry, ...by } : entry));

/** What somebody who has the device's key could write: the chain and the signatures are right. */
function forge(contents: readonly { readonly kind: string; readonly body: unknown }[]): StoredEntry[] {
  let prev = '0'.repeat(64);
  return contents.map(({ kind, body }, index) => {
    const text = canonicalText(body);
    const place = { id: `id-${index}`, kind, at: 1, boot: 'b', mono: 1 };
    const hash = entryHash(signer.suite, prev, index + 1, place, text);
    const sig = signer.sign(Buffer.from(hash, 'hex')).toString('base64');
    const entry = { seq: index + 1, ...place, body: text, prev, hash, sig };
    prev = hash;
    return entry;
  });
}

describe('a good journal', () => {
  it('verifies, also cut after any whole commit', () => {
    expect(check(good)).toMatchObject({ ok: true, entries: 11, ratings: 2 });
    for (const { seq, sig } of good)
      expect(check(good.slice(0, seq)).ok, `cut after ${seq}`).toBe(sig !== null);
    expect(check([])).toMatchObject({ ok: true, entries: 0 });
  });
});

describe('the first bad record is named', () => {
  it.each<[string, () => readonly StoredEntry[], string, number, RegExp]>([
    ['a changed time', () => change(4, { at: 7 }), 'wrongHash', 4, /Entry 4 .* was changed/],
    [
      'a changed body',
      () => change(3, { body: (good[2]?.body ?? '').replace('"level":2', '"level":5') }),
      'wrongHash',
      3,
      /changed/,
    ],
    ['an entry taken out', () => good.filter((entry) => entry.seq !== 6), 'gap', 6, /Entry 6 is missing/],
    ['a beginning taken away', () => good.slice(2), 'gap', 1, /Entry 1 is missing/],
    ['a cut tail', () => good.slice(0, -1), 'unsignedTail', 9, /9 to 10 are not covered/],
    [
      'another signature',
      () => change(6, { sig: good[1]?.sig ?? null }),
      'badSignature',
      6,
      /signature on entry 6/,
    ],
    ['a signature that is none', () => change(6, { sig: 'AA==' }), 'badSignature', 6, /not this device/],
    ['a hash of another entry', () => change(5, { hash: good[5]?.hash ?? '' }), 'wrongHash', 5, /changed/],
    [
      'another predecessor',
      () => change(5, { prev: good[1]?.hash ?? '' }),
      'wrongPrev',
      5,
      /does not stand on entry 4/,
    ],
    ['a body with a space', () => change(3, { body: ` ${good[2]?.body}` }), 'notCanonical', 3, /RFC 8785/],
    ['a body that is no JSON', () => change(3, { body: '{' }), 'notCanonical', 3, /RFC 8785/],
  ])('%s', (_name, bend, problem, seq, message) => {
    const found = check(bend());
    expect(found).toMatchObject({ ok: false, problem, seq });
    expect(!found.ok && found.sentence.en).toMatch(message);
  });

  it('a journal of another key', () => {
    expect(verifyEntries(signer.suite, newSigner().publicKey, good)).toMatchObject({
      problem: 'badSignature',
      seq: 1,
    });
  });

  it('a journal that begins with something else, or names another key', () => {
    const begun = JSON.parse(good[0]?.body ?? '{}');
    expect(check(forge([drafts.paused(true)]))).toMatchObject({ problem: 'foreignJournal', seq: 1 });
    expect(check(forge([{ kind: 'journal.begun', body: { ...begun, publicKey: 'AAAA' } }]))).toMatchObject({
      problem: 'foreignJournal',
      seq: 1,
    });
  });

  it.each<
    [string, (service: ReturnType<typeof newService>) => readonly { kind: string; body: unknown }[], RegExp]
  >([
    ['a second choice', (s) => [drafts.chosen(s, 5), drafts.chosen(s, 1)], /was rated before/],
    [
      'a choice from another invitation',
      (s) => [drafts.chosen(s, 5), drafts.chosen(newService(s.serviceKey), 1, 1)],
      /was rated before/,
    ],
    [
      'a change after the end',
      (s) => [drafts.chosen(s, 5), drafts.settled(s, 5), drafts.chosen(s, 1, 1)],
      /settled before/,
    ],
    [
      'settling twice',
      (s) => [drafts.chosen(s, 5), drafts.settled(s, 5), drafts.settled(s, 5)],
      /settled twice/,
    ],
    [
      'settling another level',
      (s) => [drafts.chosen(s, 5), drafts.settled(s, 1)],
      /at level 1, but 5 was chosen/,
    ],
    ['settling nothing', (s) => [drafts.settled(s, 1)], /without a choice/],
    [
      'help without a settled rating',
      (s) => [drafts.chosen(s, 1), drafts.helpRequested(s)],
      /without a settled/,
    ],
    [
      'help asked for twice',
      (s) => [drafts.chosen(s, 1), drafts.settled(s, 1), drafts.helpRequested(s), drafts.helpRequested(s)],
      /asked for service .* twice/,
    ],
    ['withdrawing nothing', (s) => [drafts.withdrawn(s, 1)], /not what stands/],
    [
      'withdrawing another level than stands',
      (s) => [drafts.chosen(s, 5), drafts.chosen(s, 4, 1), drafts.withdrawn(s, 5)],
      /level 5 is withdrawn/,
    ],
    [
      'withdrawing what is settled',
      (s) => [drafts.chosen(s, 5), drafts.settled(s, 5), drafts.withdrawn(s, 5)],
      /after it was settled/,
    ],
    [
      'settling what was withdrawn',
      (s) => [drafts.chosen(s, 5), drafts.withdrawn(s, 5), drafts.settled(s, 5)],
      /without a choice/,
    ],
    [
      'settling at a level that was withdrawn',
      (s) => [drafts.chosen(s, 5), drafts.chosen(s, 1, 1), drafts.withdrawn(s, 1), drafts.settled(s, 1)],
      /at level 1, but 5 was chosen/,
    ],
    ['a change of nothing', (s) => [drafts.chosen(s, 1, 1)], /does not follow/],
  ])('one service, one rating, even from somebody with the key: %s', (_name, contents, message) => {
    const begun = { kind: 'journal.begun', body: JSON.parse(good[0]?.body ?? '{}') };
    const forged = forge([begun, ...contents(newService('s1'))]);
    const found = check(forged);
    expect(found).toMatchObject({ ok: false, problem: 'secondRating', seq: forged.length });
    expect(!found.ok && found.sentence.en).toMatch(message);
  });

  it('a body that is not of its kind; a kind of a later version is let through', () => {
    const begun = { kind: 'journal.begun', body: JSON.parse(good[0]?.body ?? '{}') };
    expect(check(forge([begun, { kind: 'pause.changed', body: { paused: 'yes' } }]))).toMatchObject({
      problem: 'malformed',
      seq: 2,
    });
    expect(check(forge([begun, { kind: 'rating.corrected', body: { later: true } }])).ok).toBe(true);
  });
});

describe('after a kind that only a later version knows', () => {
  const begun = () => ({ kind: 'journal.begun', body: JSON.parse(good[0]?.body ?? '{}') });
  const later = { kind: 'rating.annulled', body: { why: 'by order' } };
  const rated = (s: ReturnType<typeof newService>) => [drafts.chosen(s, 5), drafts.settled(s, 5)];
  const twice = () => {
    const [first, again] = [newService('s1'), newService('s1')];
    return forge([begun(), ...rated(first), later, ...rated(again), drafts.paused(true)]);
  };

  it('nothing is said to break one service, one rating: that kind may be what allowed it', () => {
    const unjudged = twice();
    expect(check(unjudged)).toMatchObject({
      ok: true,
      entries: 7,
      later: { seq: 4, kind: 'rating.annulled' },
      unjudged: 5,
    });
    expect(check(forge([begun(), ...rated(newService('s1')), later]))).not.toHaveProperty('unjudged');
  });

  it('what breaks it before that kind is bad', () => {
    const [first, again] = [newService('s1'), newService('s1')];
    expect(check(forge([begun(), ...rated(first), ...rated(again), later]))).toMatchObject({
      problem: 'secondRating',
      seq: 4,
    });
  });

  it.each<[string, number, Partial<StoredEntry>, string]>([
    ['a changed hash', 6, { at: 7 }, 'wrongHash'],
    ['another signature', 7, { sig: 'AA==' }, 'badSignature'],
    ['another predecessor', 6, { prev: 'f'.repeat(64) }, 'wrongPrev'],
  ])('chain and signatures are checked on: %s', (_name, seq, by, problem) => {
    const bent = twice().map((entry) => (entry.seq === seq ? { ...entry, ...by } : entry));
    expect(check(bent)).toMatchObject({ ok: false, problem, seq });
  });

  it('so is what others have seen', () => {
    const seen = { hashes: new Map([[9, 'f'.repeat(64)]]) };
    expect(verifyEntries(signer.suite, signer.publicKey, twice(), seen)).toMatchObject({
      problem: 'cutTail',
      seq: 8,
    });
  });
});

describe('what others have seen of the journal', () => {
  const checkSeen = (entries: readonly StoredEntry[], seen: Parameters<typeof verifyEntries>[3]) =>
    verifyEntries(signer.suite, signer.publicKey, entries, seen);
  const hashOf = (seq: number) => good.find((entry) => entry.seq === seq)?.hash ?? '';
  const receipts = () =>
    good.filter(({ kind }) => kind === 'rating.settled').map(({ hash }) => receiptCode(hash));

  it('fits a journal that holds all of it', () => {
    const seen = { hashes: new Map([[8, hashOf(8)]]), receipts: receipts() };
    expect(checkSeen(good, seen)).toMatchObject({ ok: true });
  });

  it('shows a tail cut off at a commit, or an old copy put back', () => {
    const old = good.slice(0, 6);
    expect(check(old).ok).toBe(true);
    const found = checkSeen(old, { hashes: new Map([[11, hashOf(11)]]) });
    expect(found).toMatchObject({ ok: false, problem: 'cutTail', seq: 7 });
    expect(checkSeen(old, { receipts: receipts() })).toMatchObject({ problem: 'receiptMissing', seq: 7 });
  });

  it('shows a journal written anew with the right key', () => {
    const anew = forge(good.map(({ kind, body }) => ({ kind, body: JSON.parse(body) })));
    expect(check(anew).ok).toBe(true);
    expect(checkSeen(anew, { hashes: new Map([[8, hashOf(8)]]) })).toMatchObject({ problem: 'fork', seq: 8 });
  });
});

describe('a signature that was taken away is missed', () => {
  /** Three acts of one instant and, in another start, one more; the second is longer than a signature may cover. */
  function acts(): readonly StoredEntry[] {
    const { folder, remove: away } = newFolder();
    const parts = storeParts(folder, { signer });
    const paused = { kind: 'pause.changed', body: { paused: true, by: 'test' } } as const;
    const store = mustOpen(parts);
    for (const length of [1, 150, 2]) store.append(Array.from({ length }, () => paused));
    store.close();
    const again = mustOpen(parts);
    again.append([paused]);
    const entries = [...again.entries()];
    again.close();
    away();
    return entries;
  }

  it('between two acts of one instant, and within a long one', () => {
    const entries = acts();
    const signed = entries.filter(({ sig }) => sig !== null).map(({ seq }) => seq);
    expect(signed).toEqual([1, 2, 66, 130, 152, 154, 155]);
    expect(check(entries)).toMatchObject({ ok: true });
    for (const seq of signed.slice(0, -1)) {
      const bent = entries.map((entry) => (entry.seq === seq ? { ...entry, sig: null } : entry));
      expect(check(bent), `entry ${seq}`).toMatchObject({ problem: 'missingSignature', seq });
    }
  });
});
