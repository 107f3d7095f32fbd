import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite, type Transaction } from '@electric-sql/pglite';
import type { Db, Queryable } from './db.ts';
import { lockFolder } from './folder-lock.ts';

const INT8 = 20;

function queryable(client: PGlite | Transaction): Queryable {
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

/**
 * PostgreSQL embedded in this process, for trials and small sites. One connection: transactions take turns.
 * In a folder it survives the process but does not flush each commit to the disk; whoever needs that uses
 * PostgreSQL itself (docs/province.md).
 *
 * @param folder where the data lives; undefined keeps it in memory.
 */
export async function openPglite(folder?: string): Promise<Db> {
  const unlock = folder === undefined ? async () => {} : await lockFolder(folder);
  if (folder !== undefined) await mkdir(folder, { recursive: true });
  const lite = await PGlite.create(folder === undefined ? {} : { dataDir: join(folder, 'pglite') });
  return {
    kind: 'pglite',
    ...queryable(lite),
    transaction: (work) => lite.transaction((tx) => work(queryable(tx))),
    async close() {
      await lite.close();
      await unlock();
    },
  };
}
