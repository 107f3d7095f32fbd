import { expect, it } from 'vitest';
import { tamper } from './tamper-run.ts';

it('finds every change to a journal, whole or compacted, and names the first bad record', () => {
  const { tallies, missed } = tamper({ changes: 217, seed: 1 });
  expect(missed).toEqual([]);
  for (const { kind, tried, found } of tallies) expect(found, kind).toBe(tried);
});
