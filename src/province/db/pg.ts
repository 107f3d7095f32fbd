import pg from 'pg';
import type { Db, Queryable, Transaction } from './db.ts';
import { copyRows } from './pg-copy.ts';

const INT8 = 20;

/** int8 as a number; everything else as pg reads it. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 ? Number : pg.types.getTypeParser(oid, format ?? 'text'),
};

/** Every statement of ours is a constant, so each is prepared once per connection under a name of its own. */
const statementNames = new Map<string, string>();
function statementName(sql: string): string {
  const known = statementNames.get(sql);
  if (known) return known;
  const name = `yiping-${statementNames.size + 1}`;
  statementNames.set(sql, name);
  return name;
}

function queryable(client: pg.Pool | pg.PoolClient): Queryable {
  return {
    async query<Row extends object>(sql: string, params: readonly unknown[] = []) {
      const result = await client.query<Row>({ name: statementName(sql), text: sql, values: [...params] });
      return result.rows;
    },
    async script(sql) {
      await client.query(sql);
    },
  };
}

function transaction(client: pg.PoolClient): Transaction {
  return { ...queryable(client), copy: (into, rows) => copyRows(client, into, rows) };
}

/** PostgreSQL by its address, as in `DATABASE_URL`. Connections are made when first needed. */
export function openPostgres(parts: {
  readonly url: string;
  readonly maxConnections: number;
  readonly onIdleError: (error: Error) => void;
}): Db {
  const pool = new pg.Pool({
    connectionString: parts.url,
    max: parts.maxConnections,
    types,
    application_name: 'yiping-province',
    connectionTimeoutMillis: 5_000,
    statement_timeout: 20_000,
    idle_in_transaction_session_timeout: 20_000,
  });
  // Without a listener a connection that dies while idle would end the process.
  pool.on('error', parts.onIdleError);
  return {
    kind: 'postgresql',
    ...queryable(pool),
    async transaction(work) {
      const client = await pool.connect();
      let broken: Error | undefined;
      try {
        await client.query('BEGIN');
        const result = await work(transaction(client));
        await client.query('COMMIT');
        return result;
      } catch (error) {
        await client.query('ROLLBACK').catch((failure: Error) => {
          broken = failure;
        });
        throw error;
      } finally {
        client.release(broken);
      }
    },
    close: () => pool.end(),
  };
}
