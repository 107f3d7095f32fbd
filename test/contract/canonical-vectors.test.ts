import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { canonicalBody } from '../../src/province/ingest/canonical-body.ts';
import { canonicalEntry, canonicalText } from '../../src/shared/journal/chain.ts';

/** The examples of RFC 8785 and entries of ours, which every implementation of the journal has to agree on. */
interface Vectors {
  readonly numbers: readonly { readonly ieee: string; readonly canonical: string | null }[];
  readonly values: readonly { readonly name: string; readonly json: string; readonly canonical: string }[];
  readonly refused: readonly { readonly name: string; readonly json: string }[];
}
const vectors: Vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/canonical-vectors.json'), 'utf8'),
);

it.each(vectors.numbers)('the double $ieee is $canonical', ({ ieee, canonical }) => {
  const value = Buffer.from(ieee, 'hex').readDoubleBE();
  if (canonical === null) expect(() => canonicalText([value])).toThrow();
  else expect(canonicalText(value)).toBe(canonical);
});

it.each(vectors.values)('$name', ({ json, canonical }) => {
  const value: unknown = JSON.parse(json);
  expect(canonicalText(value)).toBe(canonical);
  // The province's short way, and once more over what came out.
  expect(canonicalBody(value)).toEqual({ ok: true, text: canonical });
  expect(canonicalText(JSON.parse(canonical))).toBe(canonical);
});

it.each(vectors.values.filter(({ name }) => name.includes('entry of ours')))(
  '$name, put together by hand',
  ({ json, canonical }) => {
    const { body, ...place } = JSON.parse(json);
    expect(canonicalEntry(place, canonicalText(body))).toBe(canonical);
  },
);

it.each(vectors.refused)('$name is refused', ({ json }) => {
  const value: unknown = JSON.parse(json);
  expect(() => canonicalText(value)).toThrow();
});

it.each(vectors.refused.filter(({ name }) => !name.includes('beyond')))(
  '$name is refused by the province',
  ({ json }) => {
    expect(canonicalBody(JSON.parse(json))).toMatchObject({ ok: false });
  },
);
