/**
 * Restores a folder, or backs it up, while somebody outside makes reads of the disk fail. Run by journal-sector.test.ts.
 * `backup-unwalked`: the sector is where the walk does not come by, in an index or a free page.
 */
import { ed25519Signer } from '../../src/shared/journal/suite.ts';
import { createBackups, createRestorer, openStore } from '../../src/store/store.ts';
import { storeParts } from '../support/store-parts.ts';

const [folder = '', key = '', mode = ''] = process.argv.slice(2);
const parts = storeParts(folder, { signer: ed25519Signer(Buffer.from(key, 'base64').toString()) });
const { clock, signer } = parts;
const opened = openStore(parts);
if (mode === 'restore') {
  if (opened.ok || !opened.damage) throw new Error('nothing to restore');
  const result = await createRestorer({ ...parts, link: 'province' }).attempt(opened.damage);
  process.stdout.write(JSON.stringify(result));
} else {
  if (!opened.ok) throw new Error(opened.message);
  const { store } = opened;
  const walk =
    mode === 'backup-unwalked' ? async () => ({ ok: true, head: store.head() }) as const : store.walk;
  const backups = createBackups({
    folder,
    store: { ...store, walk },
    suite: signer.suite,
    clock,
    onOutcome: () => {},
  });
  process.stdout.write(JSON.stringify(await backups.make()));
  store.close();
}
