/**
 * What the province needs of a database, and no more: the same SQL runs on PostgreSQL (./pg.ts) and on the
 * embedded PGlite (./pglite.ts). int8 comes back as a number: every one of ours is a sequence number or UTC ms.
 */
export interface Queryable {
  /** One statement. `Row` is the caller's word for the columns it names; the schema is ours (./migrations.ts). */
  query<Row extends object>(sql: string, params?: readonly unknown[]): Promise<readonly Row[]>;
  /** Several statements without parameters, for migrations. */
  script(sql: string): Promise<void>;
}

export interface Transaction extends Queryable {
  /**
   * Adds rows to a table. A constraint that refuses one of them refuses all.
   *
   * @param into the table and its columns, as `name (column, …)`: a constant of ours.
   * @param rows in the binary format of COPY (../ingest/ledger-rows.ts).
   */
  copy(into: string, rows: Uint8Array): Promise<void>;
}

export interface Db extends Queryable {
  readonly kind: 'postgresql' | 'pglite';
  /** Commits when `work` resolves, rolls back when it rejects. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** SQLSTATE classes and codes that pass by themselves: the sender is told to come back, nothing is wrong with it. */
const PASSING_STATES = [
  '08', // connection
  '53', // disk full, out of memory, too many connections
  '57', // shutting down, cancelled by a time limit
  '40001', // serialization
  '40P01', // deadlock
  '25P03', // a transaction in which nothing was said for too long
  '55P03', // lock not available
];
const PASSING_ERRNO = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOENT', 'ENOTFOUND'];

/** Whether a failed query may be tried again as it is. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (PASSING_ERRNO.includes(code) || PASSING_STATES.some((state) => code.startsWith(state))) return true;
  return /timeout exceeded when trying to connect|Connection terminated|Query read timeout|not queryable/i.test(
    error.message,
  );
}
