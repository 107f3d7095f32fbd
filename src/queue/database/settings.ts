import { z } from 'zod';
import { outsideText } from '../../shared/words.ts';

/**
 * A name in the database. Letters of any script, digits, underscore, dollar: nothing that could end a quotation, so that
 * a name from a settings file is never more than a name.
 */
const name = z
  .string()
  .max(63)
  .regex(/^[\p{L}_][\p{L}\p{N}_$]*$/u, 'must be letters, digits, _ or $, and not begin with a digit');

const statusValues = z.array(outsideText(60).min(1)).max(20);

/** Settings of the database link (docs/queue-links.md). Must be given: engine, host, database, user, passwordFile, view, columns, statuses. */
export const DatabaseSettingsSchema = z
  .strictObject({
    kind: z.literal('database'),
    engine: z.enum(['postgresql', 'mariadb']),
    host: outsideText(253).min(1),
    /** Default: the engine's own, 5432 or 3306. */
    port: z.int().min(1).max(65_535).optional(),
    database: outsideText(63).min(1),
    /** An account that may read the view and nothing else. */
    user: outsideText(63).min(1),
    /** 0600 file with the account's password as its one line, read at every connect. */
    passwordFile: z.string().min(1).max(1000),
    /** `off` only where nobody else can listen on the network. */
    tls: z.enum(['required', 'off']).default('required'),
    /** PEM file with the only authority to be trusted; without it the system's authorities are. */
    caFile: z.string().min(1).max(1000).optional(),
    /** `view` or `schema.view`. */
    view: z
      .string()
      .max(127)
      .refine(
        (text) => text.split('.').length <= 2 && text.split('.').every((one) => name.safeParse(one).success),
        'must be view or schema.view',
      ),
    /** The view's column for each thing; what the view does not have is left out. */
    columns: z.strictObject({
      ticketNo: name,
      status: name,
      counter: name,
      updatedAt: name,
      queue: name.optional(),
      serial: name.optional(),
      handling: name.optional(),
      rateId: name.optional(),
      date: name.optional(),
      item: name.optional(),
      projectNo: name.optional(),
      taskCode: name.optional(),
      clerk: name.optional(),
      clerkName: name.optional(),
      token: name.optional(),
    }),
    /** What the status column says ← what it means. */
    statuses: z.strictObject({
      called: statusValues.default([]),
      serving: statusValues.default([]),
      served: statusValues.min(1),
      skipped: statusValues.default([]),
      transferred: statusValues.default([]),
      /** Known, and of no concern here: waiting, printed. */
      ignored: statusValues.default([]),
    }),
    /** What the counter column says for this counter, if it is not the counter's own number. */
    counterValue: outsideText(60).min(1).optional(),
    lookEveryMs: z.int().min(50).max(1000).default(500),
    /** No answer to a question in so long = lost. */
    queryLimitMs: z.int().min(100).max(60_000).default(1000),
    connectLimitMs: z.int().min(100).max(60_000).default(2000),
    /** Rows that were changed longer ago do not exist for this link. */
    lookBackMinutes: z.int().min(1).max(1440).default(720),
    /** A ticket that was finished longer ago is not invited any more when the link first sees it. */
    openForMs: z.int().min(1000).max(3_600_000).default(180_000),
    /** Newest rows that are read at each look. */
    maxRows: z.int().min(5).max(500).default(50),
    /** What to do with an account that may also write. */
    writableAccount: z.enum(['warn', 'refuse']).default('warn'),
    retryFirstMs: z.int().min(50).max(2000).default(500),
    retryCapMs: z.int().min(50).max(15_000).default(1500),
  })
  .refine(
    ({ statuses }) => {
      const values = Object.values(statuses).flat();
      return new Set(values).size === values.length;
    },
    { path: ['statuses'], message: 'each value may mean one thing only' },
  );
export type DatabaseSettings = z.output<typeof DatabaseSettingsSchema>;
export type Engine = DatabaseSettings['engine'];
export type Columns = DatabaseSettings['columns'];
export type ColumnField = keyof Columns;

/** The engine's own port unless the site names another. */
export function portOf(settings: Pick<DatabaseSettings, 'engine' | 'port'>): number {
  return settings.port ?? (settings.engine === 'postgresql' ? 5432 : 3306);
}
