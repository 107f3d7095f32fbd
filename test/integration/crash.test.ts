import { expect, it } from 'vitest';
import { runCrash, sayCrash } from '../harness/crash.ts';
import { newSeed } from '../harness/crash-chance.ts';

/** The short form of `npm run crash`. The seed is in the message; `npm run crash -- --kills 12 --seed N` repeats it. */
it('nothing that was thanked for is lost or doubled by kills of the whole kiosk', async () => {
  const result = await runCrash({ kills: 12, seed: newSeed() });
  expect(result.wrong, sayCrash(result)).toEqual([]);
}, 180_000);
