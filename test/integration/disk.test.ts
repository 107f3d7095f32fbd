import { expect, it } from 'vitest';
import { newSeed } from '../harness/crash-chance.ts';
import { MAY_NOT_MOUNT } from '../harness/disk.ts';
import { runHarness } from '../support/program.ts';

/** The short form of `npm run disk`, as a program: as an ordinary user it needs a mount table of its own. */
it('a disk that is filled and freed loses nothing that was thanked for', async () => {
  const { code, said } = await runHarness('disk.ts', ['--rounds', '2', '--seed', String(newSeed())]);
  if (code === MAY_NOT_MOUNT) console.warn(said);
  else expect(code, said).toBe(0);
}, 180_000);
