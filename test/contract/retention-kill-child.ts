/** Compacts a journal and kills itself before the n-th statement that writes. Run by retention-kill.test.ts. */
import { writeSync } from 'node:fs';
import Database from 'better-sqlite3';
import { ed25519Signer } from '../../src/shared/journal/suite.ts';
import { ALL_OLD } from '../support/old-journal.ts';
import { mustOpen, storeParts } from '../support/store-parts.ts';

const folder = process.argv[2] ?? '';
const killBefore = Number(process.argv[3] ?? 0);
const signer = ed25519Signer(Buffer.from(process.argv[4] ?? '', 'base64').toString());
const store = mustOpen(storeParts(folder, { signer }));

/** Every statement has the same prototype; what reads does not count. */
const probe = new Database(':memory:');
const statement = Object.getPrototypeOf(probe.prepare('SELECT 1')) as Database.Statement;
probe.close();
const { run } = statement;
let writes = 0;
statement.run = function (this: Database.Statement, ...values: unknown[]) {
  writes++;
  if (writes === killBefore) process.kill(process.pid, 'SIGKILL');
  return run.apply(this, values);
};

const done = store.compact({ ...ALL_OLD, maxEntries: 40 });
// Right behind the commit.
writes++;
if (writes === killBefore) process.kill(process.pid, 'SIGKILL');
if (done.kind !== 'compacted') throw new Error(JSON.stringify(done));
writeSync(1, String(writes));
