import { describe, expect, it } from 'vitest';
import { runChaos } from './chaos-run.ts';

/** The short form; the long one is `npm run chaos -- --ratings 10000 --seeds 5`. Seeds are fixed: a failure repeats. */
describe('a harmful network and a province that is killed', () => {
  it.each([
    { way: 'plain', seed: 11, ratings: 120, tls: false },
    { way: 'over TLS', seed: 3, ratings: 40, tls: true },
  ])('lose nothing, double nothing, keep the order: $way', async ({ seed, ratings, tls }) => {
    const { lost, doubled, disordered, faults, kills } = await runChaos({
      seed,
      ratings,
      tls,
      kills: 1,
      restarts: 4,
    });
    expect({ lost, doubled, disordered }).toEqual({ lost: 0, doubled: 0, disordered: 0 });
    expect(faults).toBeGreaterThan(0);
    expect(kills).toBe(1);
  });
});
