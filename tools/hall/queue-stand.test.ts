import { expect, test } from 'vitest';
import { untoldBy } from './queue-stand.ts';

test('what a wire has no word for is known, so that the bench does not offer it', () => {
  expect(untoldBy('rate-service')).toEqual([]);
  expect(untoldBy('pad')).toEqual(['recall', 'skip', 'transfer', 'pause', 'resume']);
  expect(untoldBy('postgresql')).toEqual(['pause', 'resume']);
});
