import { expect, it } from 'vitest';
import { createTurns } from './turns.ts';

it('one device after the other in the order they came, whoever is ready first', async () => {
  const turns = createTurns();
  const done: string[] = [];
  const [first, second, other] = [turns.take('a'), turns.take('a'), turns.take('b')];
  const through = (name: string, turn: typeof first) => turn.come.then(() => done.push(name));
  const all = [through('second', second), through('other', other), through('first', first)];
  await Promise.all([all[1], all[2]]);
  expect(done.sort()).toEqual(['first', 'other']);
  first.end();
  await all[0];
  expect(done).toContain('second');
  for (const turn of [second, other]) turn.end();
  await new Promise((resolve) => setImmediate(resolve));
  expect(turns.waiting).toBe(0);
});
