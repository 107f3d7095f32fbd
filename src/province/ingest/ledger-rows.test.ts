import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copiedRows } from '../../../test/support/copy-rows.ts';
import { ledgerRows } from './ledger-rows.ts';
import type { WireEntry } from './read-batch.ts';

const number = fc.integer({ min: -(2 ** 52), max: Number.MAX_SAFE_INTEGER });
const text = fc.string({ unit: 'binary', maxLength: 300 });
const entry: fc.Arbitrary<WireEntry> = fc.record({
  seq: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  id: fc.uuid(),
  kind: fc.stringMatching(/^[A-Za-z][A-Za-z0-9.-]{0,60}$/),
  at: number,
  boot: fc.stringMatching(/^[A-Za-z0-9._:-]{1,64}$/),
  mono: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  body: fc.constant({}),
  bodyText: text,
  sig: fc.option(fc.base64String({ maxLength: 200 }), { nil: undefined }),
});
const hash = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('hex'));

describe('rows of the ledger', () => {
  it('hold what the entries hold, whatever that is', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(entry, hash), { maxLength: 12 }), number, (given, nowMs) => {
        const entries = given.map(([one]) => one);
        const hashes = given.map(([, one]) => one);
        const rows = copiedRows(ledgerRows(entries, hashes, { deviceId: '设备-1', nowMs }));
        expect(rows.map(readable)).toEqual(
          entries.map((one, n) => [
            '设备-1',
            BigInt(nowMs),
            BigInt(one.seq),
            one.id,
            one.kind,
            BigInt(one.at),
            one.boot,
            BigInt(one.mono),
            one.bodyText,
            hashes[n],
            one.sig,
          ]),
        );
      }),
    );
  });

  it('are none for no entries', () => {
    expect(copiedRows(ledgerRows([], [], { deviceId: 'd', nowMs: 0 }))).toEqual([]);
  });

  it('are their own bytes, also when the next batch is larger than all before', () => {
    const one = (bodyText: string): WireEntry => ({
      seq: 1,
      id: 'x',
      kind: 'k',
      at: 0,
      boot: 'b',
      mono: 0,
      body: {},
      bodyText,
      sig: undefined,
    });
    const facts = { deviceId: 'd', nowMs: 0 };
    const hashes = ['00'.repeat(32)];
    const before = ledgerRows([one('first')], hashes, facts);
    const large = '好'.repeat(2 ** 20);
    const rows = copiedRows(ledgerRows([one(large)], hashes, facts));
    expect(rows[0]?.[8]?.toString()).toBe(large);
    expect(copiedRows(before)[0]?.[8]?.toString()).toBe('first');
  });
});

function readable(row: readonly (Buffer | null)[]) {
  return row.map((field, at) => {
    if (field === null) return undefined;
    if ([1, 2, 5, 7].includes(at)) return field.readBigInt64BE();
    return field.toString(at === 9 ? 'hex' : 'utf8');
  });
}
