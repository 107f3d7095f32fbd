import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MAY_NOT_MOUNT } from '../harness/disk.ts';

/** As a program: as an ordinary user it needs a mount table of its own. */
it('the log is written again once a full disk has room, line by line, as often as that happens', async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../harness/log-disk.ts')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += chunk;
    });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code === MAY_NOT_MOUNT) console.warn(said);
  else expect(code, said).toBe(0);
}, 120_000);
