import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalText } from '../../shared/journal/chain.ts';
import { canonicalBody } from './canonical-body.ts';

describe('canonicalBody', () => {
  it('is RFC 8785 for everything JSON.parse can give', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), (json) => {
        const value: unknown = JSON.parse(json);
        let text: string | undefined;
        try {
          text = canonicalText(value);
        } catch {
          text = undefined;
        }
        const made = canonicalBody(value);
        expect(made.ok ? made.text : undefined).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it('puts names in order when they are not, number-like ones too', () => {
    expect(canonicalBody(JSON.parse('{"b":1,"a":{"10":1,"9":2}}'))).toEqual({
      ok: true,
      text: '{"a":{"10":1,"9":2},"b":1}',
    });
  });

  it('refuses a lone surrogate, in a value and in a name', () => {
    expect(canonicalBody({ text: '\ud800' }).ok).toBe(false);
    expect(canonicalBody({ '\ud800': 1 }).ok).toBe(false);
  });

  it('refuses nesting that would end the process', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(canonicalBody({ deep })).toMatchObject({ ok: false });
  });
});
