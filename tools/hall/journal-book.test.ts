import { expect, test } from 'vitest';
import { createJournalBook } from './journal-book.ts';

const frozen = (seq: number, kind = 'rating.settled') => ({
  seq,
  kind,
  atMs: seq,
  body: {},
  hash: `h${seq}`,
});
const held = (seq: number, hash = `h${seq}`, kind = 'rating.settled') => ({
  seq,
  kind,
  hash,
  receivedAtMs: 1_000 + seq,
});

test('an entry waits until the province has it, and then shows when and that it is the same', () => {
  const book = createJournalBook();
  book.froze(frozen(1));
  expect(book.newest(9)).toMatchObject([{ seq: 1, received: null }]);
  book.holds([held(1)]);
  expect(book.newest(9)).toMatchObject([{ seq: 1, received: { atMs: 1_001, same: true } }]);
});

test('an entry that differs at the province says so', () => {
  const book = createJournalBook();
  book.froze(frozen(1));
  book.holds([held(1, 'other')]);
  expect(book.newest(9)).toMatchObject([{ received: { same: false } }]);
});

test('it does not matter whose book is read first', () => {
  const book = createJournalBook();
  book.holds([held(1), held(2)]);
  book.froze(frozen(1));
  book.froze(frozen(2));
  expect(book.newest(9).map(({ received }) => received?.same)).toEqual([true, true]);
});

test('reading either book again changes nothing', () => {
  const book = createJournalBook();
  for (let times = 0; times < 2; times += 1) {
    book.froze(frozen(1, 'journal.begun'));
    book.froze(frozen(2));
    book.holds([held(1, 'h1', 'journal.begun'), held(2)]);
  }
  expect(book.totals()).toEqual({ deviceSeq: 2, provinceSeq: 2, deviceRatings: 1, provinceRatings: 1 });
  book.takeChanged();
  book.froze(frozen(2));
  expect(book.takeChanged()).toEqual([]);
});

test('only what changed is told, in order and once', () => {
  const book = createJournalBook();
  for (const seq of [1, 2, 3]) book.froze(frozen(seq));
  book.takeChanged();
  book.holds([held(1), held(2)]);
  book.froze(frozen(4));
  expect(book.takeChanged().map(({ seq }) => seq)).toEqual([1, 2, 4]);
  expect(book.takeChanged()).toEqual([]);
});

test('a long day is counted whole and kept in part', () => {
  const book = createJournalBook();
  for (let seq = 1; seq <= 2_500; seq += 1) book.froze(frozen(seq));
  expect(book.totals().deviceRatings).toBe(2_500);
  expect(book.newest(5_000)).toHaveLength(1_000);
  expect(book.newest(2).map(({ seq }) => seq)).toEqual([2_499, 2_500]);
});

test('each line names its service by what an eye can read: the ticket, else the case', () => {
  const book = createJournalBook();
  const opened = (seq: number, service: object) => ({
    ...frozen(seq, 'invitation.opened'),
    body: { service },
  });
  const settled = (seq: number, serviceKey: string) => ({ ...frozen(seq), body: { serviceKey } });
  book.froze(opened(1, { serviceKey: 'k1', ticketNumber: 'A001', case: { projectNo: '3301-1' } }));
  book.froze(opened(2, { serviceKey: 'k2', case: { projectNo: '3301-2' } }));
  book.froze(opened(3, { serviceKey: 'k3' }));
  book.froze(settled(4, 'k1'));
  book.froze(settled(5, 'k2'));
  book.froze(settled(6, 'k3'));
  book.froze(frozen(7, 'pause.changed'));
  expect(book.newest(9).map(({ about }) => about)).toEqual([
    'A001',
    '3301-2',
    null,
    'A001',
    '3301-2',
    null,
    null,
  ]);
});
