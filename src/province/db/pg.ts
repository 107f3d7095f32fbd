import pg from 'pg';
import type { Db, Queryable, Transaction } from './db.ts';
import { copyRows } from './pg-copy.ts';

const INT8 = 20;
const STATEMENT_LIMIT_MS = 20_000;
/** The server itself gives a statement up before that; whoever has said nothing by then is not there any more. */
const ANSWER_LIMIT_MS = 25_000;
/** A step of the schema goes over whole tables. */
const SCRIPT_LIMIT_MS = 3_600_000;

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
      const statements = { text: sql, query_timeout: SCRIPT_LIMIT_MS };
      await client.query(statements);
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
  /** How long a statement waits for the server, ms. */
  readonly answerLimitMs?: number;
  /** How long the server works on a statement, ms. */
  readonly statementLimitMs?: number;
  readonly onIdleError: (error: Error) => void;
}): Db {
  const pool = new pg.Pool({
    connectionString: parts.url,
    max: parts.maxConnections,
    types,
    application_name: 'yiping-province',
    connectionTimeoutMillis: 5_000,
    statement_timeout: parts.statementLimitMs ?? STATEMENT_LIMIT_MS,
    query_timeout: parts.answerLimitMs ?? ANSWER_LIMIT_MS,
    idle_in_transaction_session_timeout: 20_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  });
  // Without a listener a connection that dies while idle would end the process.
  pool.on('error', parts.onIdleError);
  return {
    kind: 'postgresql',
    ...queryable(pool),
    async transaction(work) {
      const client = await pool.connect();
      /** A connection of which nobody knows how it stands is not used again. */
      let broken: Error | undefined;
      // The pool does not listen to a client that it has lent: a server that ends it would end this process.
      const onGone = (error: Error) => {
        broken = error;
      };
      client.on('error', onGone);
      try {
        await client.query('BEGIN');
        const result = await work(transaction(client));
        await client.query('COMMIT');
        return result;
      } catch (error) {
        if (isUnanswered(error)) broken ??= error;
        if (!broken) await client.query('ROLLBACK').catch(onGone);
        throw error;
      } finally {
        client.off('error', onGone);
        client.release(broken);
      }
    },
    close: () => pool.end(),
  };
}

/** What was asked may still be under way there. */
function isUnanswered(error: unknown): error is Error {
  return error instanceof Error && error.message === 'Query read timeout';
}
