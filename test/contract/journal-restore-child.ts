/** Restores a folder and dies before the n-th call that changes it. Run by journal-restore-kill.test.ts. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { ed25519Signer } from '../../src/shared/journal/suite.ts';

const [folder = '', key = '', diesAt = ''] = process.argv.slice(2);
let calls = 0;
const names = ['renameSync', 'fsyncSync', 'mkdirSync', 'rmSync', 'chmodSync'] as const;
for (const name of names) {
  const real = fs[name] as (...args: unknown[]) => unknown;
  Object.assign(fs, {
    [name]: (...args: unknown[]) => {
      if (++calls === Number(diesAt)) process.kill(process.pid, 'SIGKILL');
      return real(...args);
    },
  });
}
syncBuiltinESMExports();

const { createRestorer, openStore } = await import('../../src/store/store.ts');
const { storeParts } = await import('../support/store-parts.ts');
const parts = storeParts(folder, { signer: ed25519Signer(Buffer.from(key, 'base64').toString()) });
const opened = openStore(parts);
if (opened.ok || !opened.damage) throw new Error('nothing to restore');
const result = await createRestorer({ ...parts, link: 'province' }).attempt(opened.damage);
if (!result.ok) throw new Error(result.message);
