import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { JOURNAL_FILE } from '../../src/store/store.ts';
import { type Drained, drainKiosk, makeBacklog, startDatabases } from './drain.ts';
import { type Figure, figure } from './figures.ts';
import { runPeer, startPeer } from './peer-process.ts';

/** A peer to measure against, and nothing of ours: got when it is measured, into a folder that goes again. */
const PACKAGES = ['pouchdb@9.0.0', 'express-pouchdb@4.2.0', 'express@4.21.2'];
/** As it comes, and as large as helps it. */
const BATCHES = [100, 1_000] as const;
const NAMES = { 100: 'its default batches of 100', 1000: 'batches of 1,000' } as const;

/**
 * The same entries to the province in PostgreSQL, and by PouchDB's replication to express-pouchdb (both ends on
 * leveldb, neither flushes, nothing is proven). In turn.
 */
export async function benchPouch(entries: number, runs: number): Promise<readonly Figure[]> {
  const root = await mkdtemp(join(tmpdir(), 'yiping-pouch-'));
  const backlog = await makeBacklog(entries);
  const databases = await startDatabases();
  const ours: Drained[] = [];
  const theirs: Record<(typeof BATCHES)[number], Drained[]> = { 100: [], 1000: [] };
  try {
    const modules = await install(root);
    const seed = join(root, 'seed');
    await mkdir(seed);
    await runPeer('pouch-seed.cjs', [join(backlog.folder, JOURNAL_FILE), seed, modules], {});
    const pouchOnce = async (batch: number, folder: string): Promise<Drained> => {
      await cp(seed, join(folder, 'client'), { recursive: true });
      await mkdir(join(folder, 'server'));
      const server = await startPeer('pouch-server.cjs', [join(folder, 'server'), modules], {});
      const drained = await runPeer<Drained & { readonly arrived: number }>(
        'pouch-client.cjs',
        [join(folder, 'client'), modules, server.said, String(batch)],
        {},
      );
      await server.stop();
      await rm(folder, { recursive: true, force: true });
      if (drained.arrived !== backlog.entries)
        throw new Error(`${drained.arrived} of ${backlog.entries} documents arrived`);
      return drained;
    };
    for (let run = 0; run < runs; run++) {
      for (const batch of BATCHES)
        theirs[batch].push(await pouchOnce(batch, join(root, `run-${run}-${batch}`)));
      ours.push(await drainKiosk(backlog, { DATABASE_URL: await databases.next() }));
    }
  } finally {
    await databases.stop();
    await backlog.remove();
    await rm(root, { recursive: true, force: true });
  }
  const rate = ({ ms }: Drained) => (backlog.entries / ms) * 1000;
  const size = ({ bytes }: Drained) => bytes / backlog.entries;
  return BATCHES.flatMap((batch) => {
    const what = `PouchDB → express-pouchdb, ${NAMES[batch]}`;
    return [
      figure(`${backlog.entries} entries → province (PostgreSQL)`, 'entries/s', ours.map(rate), {
        what,
        samples: theirs[batch].map(rate),
        goal: '≥ 4',
      }),
      figure('sent for an entry, with headers', 'bytes', ours.map(size), {
        what,
        samples: theirs[batch].map(size),
      }),
    ];
  });
}

async function install(root: string): Promise<string> {
  const modules = join(root, 'modules');
  await mkdir(modules);
  await writeFile(join(modules, 'package.json'), '{"private":true}\n');
  try {
    await promisify(execFile)(
      'npm',
      ['install', '--no-audit', '--no-fund', '--no-package-lock', '--save-exact', ...PACKAGES],
      { cwd: modules },
    );
    await promisify(execFile)(process.execPath, ['-e', 'require("leveldown")'], { cwd: modules });
  } catch (error) {
    throw new Error(
      `PouchDB cannot be had here, so it is not measured: npm install ${PACKAGES.join(' ')} failed. Check the way to the package registry, or leave out the bench "pouch".`,
      { cause: error },
    );
  }
  return modules;
}
