import type { Connection } from './connection.ts';

export interface Cursors {
  of(link: string): number;
  advance(link: string, ackedSeq: number): void;
  /** After the database was opened anew: writes there what could not be written before. */
  attach(db: Connection): void;
}

/**
 * How far each link has delivered. A cursor that is lost costs one delivery that the far end recognises, so
 * a disk that refuses it stops nothing: the memory goes on, and the next advance writes the latest value. For the same
 * reason it is not flushed: while a backlog goes, a press would wait for that. The next act's flush covers it.
 *
 * @param diskRefused is asked whether an error is the disk's doing; any other is a bug and thrown.
 */
export function createCursors(first: Connection, diskRefused: (error: unknown) => boolean): Cursors {
  const known = new Map<string, number>();
  const write = (db: Connection) => ({
    read: db.prepare<[string], number>('SELECT acked_seq FROM cursor WHERE link = ?').pluck(),
    // Not prepared: SQLite takes this setting when it reads it, and not when it runs it.
    flushing: (to: 'NORMAL' | 'FULL') => db.pragma(`synchronous = ${to}`),
    write: db.prepare(
      'INSERT INTO cursor (link, acked_seq) VALUES (?, ?) ON CONFLICT (link) DO UPDATE SET acked_seq = excluded.acked_seq WHERE excluded.acked_seq > acked_seq',
    ),
  });
  let statements = write(first);

  const of = (link: string): number => {
    const before = known.get(link);
    if (before !== undefined) return before;
    try {
      const value = statements.read.get(link) ?? 0;
      known.set(link, value);
      return value;
    } catch (error) {
      if (!diskRefused(error)) throw error;
      return 0;
    }
  };

  return {
    of,
    advance(link, ackedSeq) {
      if (ackedSeq <= of(link)) return;
      known.set(link, ackedSeq);
      try {
        statements.flushing('NORMAL');
        try {
          statements.write.run(link, ackedSeq);
        } finally {
          statements.flushing('FULL');
        }
      } catch (error) {
        if (!diskRefused(error)) throw error;
      }
    },
    attach(db) {
      statements = write(db);
    },
  };
}
