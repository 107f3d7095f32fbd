import { expect, it } from 'vitest';
import { bearsToken } from './token.ts';

it('knows the whole token, behind Bearer, and nothing else', () => {
  const token = 'a-long-enough-token';
  expect(bearsToken(`Bearer ${token}`, token)).toBe(true);
  for (const header of [undefined, '', token, `bearer ${token}`, `Bearer ${token} `, 'Bearer a-long'])
    expect(bearsToken(header, token)).toBe(false);
});
