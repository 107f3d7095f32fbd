import { expect, it } from 'vitest';
import { runTokens } from './tokens-run.ts';

it('of hostile tokens none proves anything, at the tablet and at the province, and honest ones all do', async () => {
  const result = await runTokens({ tokens: 200, seed: 1 });
  expect(result.accepted).toEqual([]);
  expect(result).toMatchObject({
    hostile: 200,
    honest: 23,
    tablet: { hostileAccepted: 0, honestRefused: 0 },
    province: { hostileAccepted: 0, honestRefused: 0, broughtAgain: 23, broughtAgainCounted: 0 },
  });
  for (const reason of [
    'forged',
    'malformed',
    'expired',
    'notYet',
    'otherCounter',
    'otherTicket',
    'replayed',
  ])
    expect({ reason, met: (result.tablet.reasons[reason] ?? 0) > 0 }).toEqual({ reason, met: true });
});
