import { describe, expect, it } from 'vitest';
import { createDeviceJournal, rateOnce, toEvent } from '../../../test/support/device-journal.ts';
import { canonicalText } from '../../shared/journal/chain.ts';
import type { EntryEvent } from '../../shared/protocol/batch.ts';
import { readBatch } from './read-batch.ts';

const journal = createDeviceJournal({ deviceId: 'read-1' });
rateOnce(journal, { serviceKey: 'hall-1', level: 4 });
const events = () => journal.entries.map((entry) => toEvent('read-1', entry));
const read = (value: unknown) => readBatch(Buffer.from(JSON.stringify(value)));

/** The events with the second one changed. */
function bent(change: (event: EntryEvent) => unknown): unknown[] {
  return events().map((event, index) => (index === 1 ? change(event) : event));
}

describe('readBatch', () => {
  it('gives the entries as they were signed', () => {
    const result = read(events());
    expect(result.ok && result.entries.map(({ id, at, bodyText }) => [id, at, bodyText])).toEqual(
      journal.entries.map(({ id, at, body }) => [id, at, canonicalText(body)]),
    );
  });

  it('names the entry that breaks the protocol', () => {
    const result = read(bent((event) => ({ ...event, specversion: '0.3' })));
    expect(result).toMatchObject({ ok: false, refused: { error: 'malformed', seq: 2 } });
  });

  it('refuses a type that is no name, such as one with a zero byte', () => {
    expect(read(bent((event) => ({ ...event, type: 'org.yiping.a\u0000' })))).toMatchObject({
      ok: false,
      refused: { error: 'malformed', seq: 2 },
    });
  });

  it('refuses a batch with a hole in it', () => {
    const holed = events().filter((_, index) => index !== 2);
    expect(read(holed)).toMatchObject({ ok: false, refused: { error: 'malformed', seq: 4 } });
  });

  it('refuses a batch that does not end signed', () => {
    const tail = createDeviceJournal({ deviceId: 'read-2' });
    tail.append([{ kind: 'boot.started', body: { version: '1', counter: '3' } }], { unsigned: true });
    const result = read(tail.entries.map((entry) => toEvent('read-2', entry)));
    expect(result).toMatchObject({ ok: false, refused: { error: 'malformed', seq: 2 } });
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['an object', '{}'],
    ['an empty batch', '[]'],
    ['nonsense', '[1]'],
  ])('refuses %s with a sentence', (_name, text) => {
    const result = readBatch(Buffer.from(text));
    expect(result.ok).toBe(false);
    expect(!result.ok && result.refused.message).toMatch(/\. .*\.$/);
  });

  it('refuses bytes that are not UTF-8 instead of repairing them', () => {
    expect(readBatch(Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]))).toMatchObject({ ok: false });
  });

  it('takes an entry whose body carries an odd name as it was signed', () => {
    const odd = createDeviceJournal({ deviceId: 'read-3' });
    odd.append([{ kind: 'later.kind', body: JSON.parse('{"__proto__":{"a":1},"b":2}') }]);
    const text = canonicalText(odd.entries[1]?.body);
    const json = JSON.stringify(odd.entries.map((entry) => toEvent('read-3', entry)));
    // Object spread in the generator keeps the name as an own property; JSON carries it.
    const result = readBatch(Buffer.from(json));
    expect(result.ok && result.entries[1]?.bodyText).toBe(text);
  });
});
