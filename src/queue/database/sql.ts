import type { ColumnField, Columns, DatabaseSettings, Engine } from './settings.ts';

/**
 * Every statement this link says, as text. Names come from the settings, are checked there and quoted here; values are
 * parameters. Columns are cast to short text by the server, so that a huge or odd value never travels.
 */

const LONGEST_TEXT = 300;
/** A served-ticket token is longer than anything for people. */
const LONGEST_TOKEN = 4097;

/** `schema.view` as a quoted name. */
export function quoted(name: string, engine: Engine): string {
  const mark = engine === 'postgresql' ? '"' : '`';
  return name
    .split('.')
    .map((piece) => mark + piece.replaceAll(mark, mark + mark) + mark)
    .join('.');
}

/** The fields that a site mapped, in a fixed order. */
export function mappedColumns(columns: Columns): readonly (readonly [ColumnField, string])[] {
  return Object.entries(columns).flatMap(([field, column]) =>
    column === undefined ? [] : [[field as ColumnField, column] as const],
  );
}

export type PollSettings = Pick<
  DatabaseSettings,
  'engine' | 'view' | 'columns' | 'lookBackMinutes' | 'maxRows'
>;

/**
 * The newest rows of one counter, newest first; parameter 1 is the counter. `mark` orders changes and tells them apart,
 * `ageMs` is how long ago the change was: both by the database's clock alone.
 */
export function pollStatement(settings: PollSettings): string {
  const { engine, view, columns, lookBackMinutes, maxRows } = settings;
  const changed = quoted(columns.updatedAt, engine);
  const shared = mappedColumns(columns).map(([field, column]) => {
    const longest = field === 'token' ? LONGEST_TOKEN : LONGEST_TEXT;
    const name = quoted(column, engine);
    const asText = engine === 'postgresql' ? `${name}::text` : `CAST(${name} AS CHAR)`;
    return `left(${asText}, ${longest}) AS ${quoted(field, engine)}`;
  });
  const time =
    engine === 'postgresql'
      ? {
          mark: `extract(epoch FROM ${changed})::text`,
          ageMs: `round(extract(epoch FROM (now() - ${changed})) * 1000)::text`,
          from: `now() - interval '${lookBackMinutes} minutes'`,
          // Bounds both ends: infinity is a timestamp too, and cannot be counted with.
          to: `now() + interval '1 day'`,
        }
      : {
          mark: `CAST(${changed} AS CHAR)`,
          ageMs: `CAST(TIMESTAMPDIFF(MICROSECOND, ${changed}, NOW(6)) DIV 1000 AS CHAR)`,
          from: `NOW(6) - INTERVAL ${lookBackMinutes} MINUTE`,
          to: 'NOW(6) + INTERVAL 1 DAY',
        };
  return [
    `SELECT ${shared.join(', ')}, ${time.mark} AS mark, ${time.ageMs} AS ${quoted('ageMs', engine)}`,
    `FROM ${quoted(view, engine)}`,
    `WHERE ${quoted(columns.counter, engine)} = ${engine === 'postgresql' ? '$1' : '?'}`,
    `AND ${changed} >= ${time.from} AND ${changed} <= ${time.to}`,
    `ORDER BY ${changed} DESC LIMIT ${maxRows}`,
  ].join(' ');
}

/** Asks for one column alone and no rows, to learn which one a failed look was about. */
export function probeStatement(settings: Pick<DatabaseSettings, 'engine' | 'view'>, column: string): string {
  return `SELECT ${quoted(column, settings.engine)} FROM ${quoted(settings.view, settings.engine)} LIMIT 0`;
}

/** Said once on each connection: nothing can be written over it, and no question runs on after we gave it up. */
export function sessionStatements(engine: Engine, queryLimitMs: number): readonly string[] {
  return engine === 'postgresql'
    ? [
        'SET default_transaction_read_only = on',
        `SET statement_timeout = ${queryLimitMs}`,
        "SET datestyle = 'ISO'",
      ]
    : [
        'SET SESSION TRANSACTION READ ONLY',
        `SET SESSION max_statement_time = ${(queryLimitMs / 1000).toFixed(3)}`,
      ];
}

const TIME_TYPES: ReadonlySet<unknown> = new Set(['datetime', 'timestamp']);

/**
 * MariaDB compares anything with a time, a number of seconds too, and finds nothing without a word; so the column's type
 * is asked for. PostgreSQL refuses by itself.
 */
export function timeTypeStatement(settings: Pick<DatabaseSettings, 'engine' | 'view' | 'columns'>):
  | {
      readonly sql: string;
      readonly params: readonly string[];
      readonly fits: (row: unknown) => boolean;
    }
  | undefined {
  if (settings.engine === 'postgresql') return undefined;
  const [view = '', schema] = settings.view.split('.').reverse();
  return {
    sql: `SELECT LOWER(DATA_TYPE) AS type FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ${schema === undefined ? 'DATABASE()' : '?'} AND TABLE_NAME = ? AND COLUMN_NAME = ?`,
    params: [...(schema === undefined ? [] : [schema]), view, settings.columns.updatedAt],
    fits: (row) => typeof row === 'object' && row !== null && 'type' in row && TIME_TYPES.has(row.type),
  };
}

/** Whether this account could change anything but for the read-only session: one row a privilege. */
export function privilegeStatement(engine: Engine): string {
  return engine === 'postgresql'
    ? `SELECT 'writes' AS privilege WHERE current_setting('is_superuser') = 'on' OR EXISTS (
         SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'v', 'p', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
           AND n.nspname NOT LIKE 'pg\\_%'
           AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE'))`
    : 'SHOW GRANTS FOR CURRENT_USER()';
}

const WRITING =
  /\b(?:ALL PRIVILEGES|INSERT|UPDATE|DELETE|DROP|CREATE|ALTER|TRUNCATE|SUPER|FILE|GRANT OPTION)\b/i;

/** Reads the answer to `privilegeStatement`. */
export function canWrite(engine: Engine, rows: readonly unknown[]): boolean {
  if (engine === 'postgresql') return rows.length > 0;
  return rows.some((row) => {
    const line = typeof row === 'object' && row !== null ? Object.values(row)[0] : undefined;
    // `GRANT SELECT, INSERT ON …`: only what stands before ON is a privilege, the rest is names.
    return (
      typeof line === 'string' &&
      (WRITING.test(line.split(' ON ')[0] ?? '') || / WITH GRANT OPTION$/.test(line))
    );
  });
}
