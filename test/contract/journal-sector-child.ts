/**
 * Restores a folder, backs it up, or looks at it as evidence, while somebody outside makes reads of the disk fail. Run by
 * journal-sector-rig.ts.
 *
 * - `restore`         where there is no province
 * - `restore-away`    with a province that does not answer, tried again once
 * - `restore-held`    with one that holds what stands in the folder's held.json
 * - `backup`          and `backup-unwalked`: the sector is where the walk does not come by, in an index or a free page
 * - `verify`          as whoever runs the verifier sees it
 * - `evidence`        what is wrong with the file itself
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyPath } from '../../src/core/verify/verify-path.ts';
import { ed25519Signer } from '../../src/shared/journal/suite.ts';
import {
  type AskForEntries,
  createBackups,
  createRestorer,
  JOURNAL_FILE,
  openEvidence,
  openStore,
  type Store,
  type StoredEntry,
} from '../../src/store/store.ts';
import { storeParts } from '../support/store-parts.ts';

const [folder = '', key = '', mode = ''] = process.argv.slice(2);
const parts = storeParts(folder, { signer: ed25519Signer(Buffer.from(key, 'base64').toString()) });
process.stdout.write(JSON.stringify(await run()));

async function run(): Promise<unknown> {
  switch (mode) {
    case 'restore':
      return await restored(undefined, 1);
    case 'restore-away':
      return await restored(async () => ({ ok: false, message: 'no route' }), 2);
    case 'restore-held':
      return await restored(held(), 1);
    case 'backup':
      return await backedUp((store) => store);
    case 'backup-unwalked':
      return await backedUp((store) => ({
        ...store,
        walk: async () => ({ ok: true, head: store.head() }),
      }));
    case 'verify':
      return verifyPath({ path: join(folder, JOURNAL_FILE) });
    case 'evidence': {
      const opened = openEvidence(join(folder, JOURNAL_FILE));
      return opened.ok
        ? { entries: [...opened.evidence.entries()].length, damage: opened.evidence.damage() }
        : opened;
    }
    default:
      throw new Error(`what is ${mode}?`);
  }
}

async function restored(ask: AskForEntries | undefined, tries: number): Promise<unknown> {
  const opened = openStore(parts);
  if (opened.ok || !opened.damage) throw new Error('nothing to restore');
  const restorer = createRestorer({ ...parts, link: 'province', ...(ask ? { ask } : {}) });
  let result = await restorer.attempt(opened.damage);
  for (let n = 1; n < tries && !result.ok; n++) result = await restorer.attempt(opened.damage);
  return result;
}

function held(): AskForEntries {
  const { entries, reportedSeq }: { entries: StoredEntry[]; reportedSeq: number } = JSON.parse(
    readFileSync(join(folder, 'held.json'), 'utf8'),
  );
  return async ({ seq }) => ({
    ok: true,
    entries: entries.filter((entry) => entry.seq > seq),
    heldSeq: entries.at(-1)?.seq ?? 0,
    reportedSeq,
  });
}

async function backedUp(seen: (store: Store) => Store): Promise<unknown> {
  const opened = openStore(parts);
  if (!opened.ok) throw new Error(opened.message);
  const { store } = opened;
  const { clock, signer } = parts;
  const backups = createBackups({
    folder,
    store: seen(store),
    suite: signer.suite,
    clock,
    onOutcome: () => {},
  });
  const outcome = await backups.make();
  store.close();
  return outcome;
}
