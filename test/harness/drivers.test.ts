import { expect, it } from 'vitest';
import { hurtDrivers } from './drivers-run.ts';

it('the driver is killed and hung in the middle of ratings: the kiosk goes on, and what it thanked for is there', async () => {
  const { rounds, thanked, lost, deaf } = await hurtDrivers({ rounds: 6 });
  expect(rounds).toHaveLength(6);
  expect(thanked).toBe(6);
  expect(lost).toEqual([]);
  expect(deaf).toBe(0);
});
