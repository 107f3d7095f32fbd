import { expect, it } from 'vitest';
import { MAY_NOT_MOUNT } from '../harness/disk.ts';
import { runHarness } from '../support/program.ts';

/** As a program: as an ordinary user it needs a mount table of its own. */
it('the log is written again once a full disk has room, line by line, as often as that happens', async () => {
  const { code, said } = await runHarness('log-disk.ts');
  if (code === MAY_NOT_MOUNT) console.warn(said);
  else expect(code, said).toBe(0);
}, 120_000);
