import { createConnection } from 'mysql2/promise';
import pg from 'pg';

/** Where a real server stands and how its superuser gets in. */
export interface DatabaseServer {
  readonly engine: 'postgresql' | 'mariadb';
  /** Where tablets reach it. */
  readonly host: string;
  readonly port: number;
  /** On a Unix socket (PostgreSQL: the folder it is in), without a password. */
  readonly superuser: { readonly socket: string; readonly user: string };
}

/** The hall's side of the database: a superuser in a database of its own. */
export interface HallDatabase {
  readonly name: string;
  /** As the running server says: `PostgreSQL 15.18`. */
  readonly version: string;
  run(
    sql: string,
    params?: readonly (string | number | null)[],
  ): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** The server itself ends the sessions of this account. */
  endSessionsOf(user: string): Promise<void>;
  close(): Promise<void>;
}

/** Makes a database of this name. `close` drops it again, with every account made by `run` left to the caller. */
export function createHallDatabase(server: DatabaseServer, name: string): Promise<HallDatabase> {
  return server.engine === 'postgresql' ? inPostgresql(server, name) : inMariadb(server, name);
}

async function inPostgresql(server: DatabaseServer, name: string): Promise<HallDatabase> {
  const { socket: host, user } = server.superuser;
  const at = { host, port: server.port, user };
  const first = new pg.Client({ ...at, database: 'postgres' });
  await first.connect();
  await first.query(`CREATE DATABASE ${name}`);
  const client = new pg.Client({ ...at, database: name });
  await client.connect();
  // A server that is ended from outside (a terminal's Ctrl-C reaches it too) is said by whatever is asked next.
  for (const one of [first, client]) one.on('error', () => undefined);
  const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
  return {
    name,
    version: `PostgreSQL ${rows[0]?.server_version.split(' ')[0] ?? ''}`,
    run: async (sql, params = []) => (await client.query<Record<string, unknown>>(sql, [...params])).rows,
    async endSessionsOf(user) {
      await first.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [user]);
    },
    async close() {
      await client.end();
      await first.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await first.end();
    },
  };
}

async function inMariadb(server: DatabaseServer, name: string): Promise<HallDatabase> {
  const { socket: socketPath, user } = server.superuser;
  const client = await createConnection({ socketPath, user, charset: 'UTF8MB4_GENERAL_CI' });
  client.on('error', () => undefined);
  await client.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  await client.query(`USE ${name}`);
  const run: HallDatabase['run'] = async (sql, params = []) => {
    const [rows] = await client.query(sql, [...params]);
    return Array.isArray(rows) ? rows.map((row) => ({ ...row })) : [];
  };
  const [row] = await run('SELECT VERSION() AS version');
  return {
    name,
    version: `MariaDB ${String(row?.['version']).split('-')[0]}`,
    run,
    async endSessionsOf(user) {
      for (const { id } of await run('SELECT id FROM information_schema.processlist WHERE user = ?', [
        user,
      ])) {
        // It may have ended by itself meanwhile.
        await client.query(`KILL CONNECTION ${Number(id)}`).catch(() => undefined);
      }
    },
    async close() {
      await client.query(`DROP DATABASE ${name}`);
      await client.end();
    },
  };
}
