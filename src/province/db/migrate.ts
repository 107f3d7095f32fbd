import type { Db } from './db.ts';
import { MIGRATIONS, type Migration } from './migrations.ts';

/** Two processes that start together take turns; any number serves, as long as it is always this one. */
const LOCK = 716_001;

/**
 * Brings the schema up to date. Throws when the database was made by a newer version: going on would write
 * into a schema this program does not know.
 */
export async function migrate(db: Db, migrations: readonly Migration[] = MIGRATIONS): Promise<void> {
  assertAscending(migrations);
  await db.transaction(async (tx) => {
    // A step goes over whole tables, and whoever comes second waits for it: the limits of a statement are for requests.
    await tx.script(`SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock(${LOCK})`);
    await tx.script(
      'CREATE TABLE IF NOT EXISTS schema_version (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())',
    );
    const [row] = await tx.query<{ version: number }>(
      'SELECT coalesce(max(version), 0) AS version FROM schema_version',
    );
    const present = row?.version ?? 0;
    const newest = migrations.at(-1)?.version ?? 0;
    if (present > newest)
      throw new Error(
        `The province's database has schema ${present}, this program knows up to ${newest}. Start the newer version again, or restore the backup made before it.`,
      );
    for (const migration of migrations) {
      if (migration.version <= present) continue;
      await tx.script(migration.sql);
      await tx.query('INSERT INTO schema_version (version, name) VALUES ($1, $2)', [
        migration.version,
        migration.name,
      ]);
    }
  });
}

function assertAscending(migrations: readonly Migration[]): void {
  let last = 0;
  for (const { version } of migrations) {
    if (version % 10 !== 0 || version <= last)
      throw new Error(`migration ${version} after ${last}: versions are tens, and ascending`);
    last = version;
  }
}
