import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Transaction as LiteTransaction, PGlite } from '@electric-sql/pglite';
import type { Clock } from '../../shared/clock.ts';
import type { Db, Queryable, Transaction } from './db.ts';
import { lockFolder } from './folder-lock.ts';

const INT8 = 20;

/**
 * Files here are byte arrays: one that is made longer by allocation is copied whole each time, so that a ledger would
 * take the longer for a batch the more it holds, and a segment of the log need not be written full of zeros first.
 */
const SETTINGS = ['-c', 'file_extend_method=write_zeros', '-c', 'wal_init_zero=off'] as const;

function queryable(client: PGlite | LiteTransaction): Queryable {
  return {
    async query<Row extends object>(sql: string, params: readonly unknown[] = []) {
      const result = await client.query<Row>(sql, [...params], { parsers: { [INT8]: Number } });
      return result.rows;
    },
    async script(sql) {
      await client.exec(sql);
    },
  };
}

function transaction(lite: LiteTransaction): Transaction {
  return {
    ...queryable(lite),
    async copy(into, rows) {
      // The embedded server reads what it is given beside the statement as a file of this name.
      const blob = new Blob([new Uint8Array(rows)]);
      await lite.query(`COPY ${into} FROM '/dev/blob' WITH (FORMAT binary)`, [], { blob });
    },
  };
}

/**
 * PostgreSQL embedded in this process, for trials and small sites. One connection: transactions take turns.
 * In a folder it survives the process but does not flush each commit to the disk; whoever needs that uses
 * PostgreSQL itself (docs/province.md).
 *
 * @param kept where the data lives; undefined keeps it in memory.
 */
export async function openPglite(kept?: { readonly folder: string; readonly clock: Clock }): Promise<Db> {
  const folder = kept?.folder;
  const unlock = kept ? await lockFolder(kept.folder, kept.clock) : async () => {};
  if (folder !== undefined) await mkdir(folder, { recursive: true });
  const lite = await PGlite.create({
    startParams: [...PGlite.defaultStartParams, ...SETTINGS],
    ...(folder === undefined ? {} : { dataDir: join(folder, 'pglite') }),
  });
  return {
    kind: 'pglite',
    ...queryable(lite),
    transaction: (work) => lite.transaction((tx) => work(transaction(tx))),
    async close() {
      await lite.close();
      await unlock();
    },
  };
}
