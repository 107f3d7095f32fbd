import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Db, isPassing } from '../../src/province/db/db.ts';
import { migrate } from '../../src/province/db/migrate.ts';
import { openPostgres } from '../../src/province/db/pg.ts';
import { startPostgres, type TestPostgres } from '../../tools/servers/postgres.ts';

let server: TestPostgres;
let operator: Db;
beforeAll(async () => {
  server = await startPostgres();
  operator = openPostgres({ url: server.url, maxConnections: 1, onIdleError: () => {} });
}, 60_000);
afterAll(async () => {
  await operator?.close();
  await server?.stop();
});

async function pidOf(db: { query: Db['query'] }): Promise<number> {
  const [row] = await db.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return row?.pid ?? 0;
}

async function gone(pid: number): Promise<void> {
  for (;;) {
    const rows = await operator.query('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [pid]);
    if (rows.length === 0) return;
  }
}

const open = (answerLimitMs?: number, statementLimitMs?: number) =>
  openPostgres({
    url: server.url,
    maxConnections: 1,
    onIdleError: () => {},
    ...(answerLimitMs === undefined ? {} : { answerLimitMs }),
    ...(statementLimitMs === undefined ? {} : { statementLimitMs }),
  });

it('a server that ends the connection in the middle of a transaction fails that transaction and nothing else', async () => {
  const db = open();
  try {
    const failure = await db
      .transaction(async (tx) => {
        const pid = await pidOf(tx);
        await operator.query('SELECT pg_terminate_backend($1)', [pid]);
        await gone(pid);
        // Nothing is asked meanwhile, as while a batch is read: the news comes to a client that waits for none.
        await new Promise((resolve) => setImmediate(resolve));
        await tx.query('SELECT 1');
      })
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(failure).toBeInstanceOf(Error);
    expect(isPassing(failure)).toBe(true);
    expect(await pidOf(db)).toBeGreaterThan(0);
  } finally {
    await db.close();
  }
}, 60_000);

it('a server that gives no answer keeps a transaction for so long, and its connection is not used again', async () => {
  const db = open(300);
  try {
    let pid = 0;
    const failure = await db
      .transaction(async (tx) => {
        pid = await pidOf(tx);
        await tx.query('SELECT pg_sleep(15)');
      })
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(isPassing(failure)).toBe(true);
    expect(await pidOf(db)).not.toBe(pid);
  } finally {
    await db.close();
  }
}, 60_000);

it('a step of the schema takes as long as it takes, and so does the wait for another process at it', async () => {
  const step = (sql: string) => [{ version: 10, name: 'a step', sql }];
  const [slow, late] = [open(400, 200), open(400, 200)];
  try {
    const first = migrate(slow, step('CREATE TABLE made_once (a text); SELECT pg_sleep(1);'));
    const lockHeld = () => operator.query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted`);
    while ((await lockHeld()).length === 0);
    await Promise.all([first, migrate(late, step('CREATE TABLE made_once (a text);'))]);
    expect(await operator.query('SELECT version FROM schema_version')).toEqual([{ version: 10 }]);
    await expect(late.query('SELECT pg_sleep(15)')).rejects.toThrow(/timeout/);
  } finally {
    await slow.close();
    await late.close();
  }
}, 60_000);
