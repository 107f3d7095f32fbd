import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newSeed } from '../harness/crash-chance.ts';
import { MAY_NOT_MOUNT } from '../harness/disk.ts';

/** The short form of `npm run disk`, as a program: as an ordinary user it needs a mount table of its own. */
it('a disk that is filled and freed loses nothing that was thanked for', async () => {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, '../harness/disk.ts'), '--rounds', '2', '--seed', String(newSeed())],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += chunk;
    });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code === MAY_NOT_MOUNT) console.warn(said);
  else expect(code, said).toBe(0);
}, 180_000);
