import { expect, it } from 'vitest';
import { runTokens } from './tokens-run.ts';

it('of hostile tokens none proves anything, at the tablet and at the province, and honest ones all do', async () => {
  const result = await runTokens({ tokens: 400, seed: 1 });
  expect(result.accepted).toEqual([]);
  expect(result).toMatchObject({
    hostile: 400,
    honest: 45,
    tablet: { hostileAccepted: 0, honestRefused: 0 },
    province: { hostileAccepted: 0, honestRefused: 0, broughtAgain: 45, broughtAgainCounted: 0 },
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
