import { expect, it } from 'vitest';
import { FUZZED_LINKS } from './fuzz-queue-readers.ts';
import { fuzzQueueLink } from './fuzz-queue-run.ts';

it.each(FUZZED_LINKS)('hostile messages are refused, and nothing of them is written down: $name', (link) => {
  const result = fuzzQueueLink(link, { messages: 3_000, seed: 1 });
  expect(result.wrong).toEqual([]);
  expect(result.events).toBeGreaterThan(50);
});
