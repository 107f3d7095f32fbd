import { z } from 'zod';
import type { Clerk } from '../../shared/words.ts';
import { display, scalar } from '../fields.ts';
import { type Ticket, ticketShape } from '../ticket.ts';
import type { DatabaseSettings } from './settings.ts';

/** What a row's status means. */
export type RowStatus = 'called' | 'serving' | 'served' | 'skipped' | 'transferred';

/** One ticket at this counter as the view shows it now. */
export interface ViewRow {
  /** One handling of one ticket; the same however often its row changes. */
  readonly key: string;
  readonly status: RowStatus;
  /** When it was last changed, in the database's own spelling; orders rows by `compareMarks`. */
  readonly mark: string;
  /** How long ago that was, by the database's clock. */
  readonly ageMs: number;
  readonly ticket: Ticket;
  readonly clerk?: Clerk;
}

/** What one look brought, and what in it was of no use. */
export interface ReadRows {
  /** Oldest change first. */
  readonly rows: readonly ViewRow[];
  readonly malformed: number;
  /** Rows whose status nobody told us the meaning of. */
  readonly unknown: number;
  /** Rows that are not about this counter although it was asked for. */
  readonly elsewhere: number;
  readonly ignored: number;
  /** More rows than were asked for. */
  readonly oversized: boolean;
}

const handling = z.union([
  z.int(),
  z
    .string()
    .regex(/^\d{1,4}$/)
    .transform(Number),
]);

const RowSchema = z.object({
  ...ticketShape,
  handling: handling
    .nullish()
    .transform((count) => count ?? 1)
    .pipe(z.int().min(1).max(9999)),
  status: scalar.pipe(z.string().trim().min(1).max(300)),
  counter: scalar.pipe(z.string().trim().max(300)),
  /** Digits and their separators: a time, whichever engine wrote it. */
  mark: z.string().regex(/^\d[\d.: -]{0,39}$/),
  ageMs: scalar.pipe(
    z
      .string()
      .regex(/^-?\d{1,12}$/)
      .transform(Number),
  ),
  clerk: display(32),
  clerkName: display(40),
});

const STATUSES: readonly RowStatus[] = ['called', 'serving', 'served', 'skipped', 'transferred'];

export type ReadSettings = Pick<DatabaseSettings, 'statuses' | 'maxRows'>;

/**
 * The rows of one look, whatever a server sent in their place. Never throws, never returns text that was not bounded and
 * cleaned. Of several rows of one ticket the newest counts.
 */
export function readViewRows(raw: unknown, settings: ReadSettings, counterValue: string): ReadRows {
  const given: readonly unknown[] = Array.isArray(raw) ? raw : [];
  const taken = given.slice(0, settings.maxRows);
  const count = { malformed: Array.isArray(raw) ? 0 : 1, unknown: 0, elsewhere: 0, ignored: 0 };
  const newest = new Map<string, ViewRow>();
  for (const one of taken) {
    const read = RowSchema.safeParse(emptyIsAbsent(one));
    if (!read.success) {
      count.malformed += 1;
      continue;
    }
    const { status: said, counter, mark, ageMs, clerk, clerkName, ...ticket } = read.data;
    if (counter !== counterValue) {
      count.elsewhere += 1;
      continue;
    }
    const status = STATUSES.find((name) => settings.statuses[name].includes(said));
    if (status === undefined) {
      count[settings.statuses.ignored.includes(said) ? 'ignored' : 'unknown'] += 1;
      continue;
    }
    const key = JSON.stringify([
      ticket.ticketNo,
      ticket.serial,
      ticket.queue,
      ticket.handling,
      ticket.rateId,
      ticket.date,
    ]);
    const row: ViewRow = {
      key,
      status,
      mark,
      ageMs,
      ticket,
      ...(clerk === undefined
        ? {}
        : { clerk: { number: clerk, ...(clerkName === undefined ? {} : { name: clerkName }) } }),
    };
    const before = newest.get(key);
    if (!before || replaces(before, row)) newest.set(key, row);
  }
  return {
    rows: [...newest.values()].sort(inOrder),
    ...count,
    oversized: given.length > settings.maxRows,
  };
}

/** CHAR columns pad, and many systems write '' where they mean nothing. */
function emptyIsAbsent(row: unknown): unknown {
  if (typeof row !== 'object' || row === null) return row;
  return Object.fromEntries(
    Object.entries(row).map(([field, value]) => [
      field,
      typeof value === 'string' && value.trim() === '' ? null : value,
    ]),
  );
}

/** Marks of one column all have one form: the longer number is the later one, then the text decides. */
export function compareMarks(one: string, other: string): number {
  const whole = (mark: string) => mark.split('.')[0]?.length ?? 0;
  if (whole(one) !== whole(other)) return whole(one) - whole(other);
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** Whether the ticket is being served by this row. */
export function isOpen(row: ViewRow): boolean {
  return row.status === 'called' || row.status === 'serving';
}

/** Of two rows of one ticket; within one tick of the view's clock a ticket is called before it is finished. */
function replaces(before: ViewRow, row: ViewRow): boolean {
  const later = compareMarks(row.mark, before.mark);
  return later > 0 || (later === 0 && isOpen(before) && !isOpen(row));
}

/** Many views count in whole seconds: within one, a counter finishes a ticket before it calls the next. */
function inOrder(one: ViewRow, other: ViewRow): number {
  return (
    compareMarks(one.mark, other.mark) ||
    Number(isOpen(one)) - Number(isOpen(other)) ||
    one.ticket.handling - other.ticket.handling
  );
}
