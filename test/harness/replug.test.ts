import { expect, it } from 'vitest';
import { replug, unread } from './replug-run.ts';

it('a box that is pulled and plugged again and again counts every press after its return', async () => {
  const { cycles, pressed, counted } = await replug({ cycles: 5 });
  expect(cycles).toHaveLength(5);
  expect(counted).toBe(pressed);
});

it('a box that does not read holds up no end', async () => {
  const { quitMs, filled } = await unread({ times: 2 });
  expect(quitMs).toHaveLength(2);
  expect(filled).toBe(2);
});
