import { isTestNumber } from '../pairing/test-ticket.ts';
import { compareMarks, isOpen, type ViewRow } from './rows.ts';

/** What a row's change means for the counter. */
export type ChangeKind = 'called' | 'recalled' | 'served' | 'skipped' | 'transferred';

export interface Change {
  readonly kind: ChangeKind;
  readonly row: ViewRow;
}

/** What one look at the view told. */
export type Look =
  /** The first since the link is connected: only how it is now counts, not how it came to be so. */
  | { readonly type: 'present'; readonly phase: 'idle' | 'serving' | 'rating'; readonly row?: ViewRow }
  | {
      readonly type: 'changes';
      readonly changes: readonly Change[];
      /** Rows that were written again and say what was already known. */
      readonly repeated: number;
      /** Rows that came to light too late to be acted on. */
      readonly late: number;
      /** The open ticket's row left the view, and nothing took its place. */
      readonly gone: boolean;
    };

/**
 * Turns looks at a view into what happened between them. A view shows states, so of two changes of one row between two
 * looks only the last is seen; of changes of several rows each is told, in the order of their marks.
 */
export function createChanges(settings: { readonly openForMs: number }) {
  let known: ReadonlyMap<string, ViewRow> | undefined;
  let resuming = true;

  const isStillOpen = (row: ViewRow) =>
    row.ageMs <= settings.openForMs || known?.get(row.key)?.status === 'served';

  const present = (row: ViewRow | undefined): Look => {
    if (!row || row.status === 'skipped' || row.status === 'transferred')
      return { type: 'present', phase: 'idle' };
    if (isOpen(row)) return { type: 'present', phase: 'serving', row };
    return isStillOpen(row) ? { type: 'present', phase: 'rating', row } : { type: 'present', phase: 'idle' };
  };

  const compare = (rows: readonly ViewRow[], before: ReadonlyMap<string, ViewRow>): Look => {
    const newest = [...before.values()].findLast(isOfCitizen);
    const changes: Change[] = [];
    let repeated = 0;
    let late = 0;
    for (const row of rows) {
      const was = before.get(row.key);
      if (was?.status === row.status && was.mark === row.mark) continue;
      const kind = changeOf(row, was);
      if (kind === undefined) {
        repeated += 1;
      } else if (
        // A transaction that was long in coming shows a change after a later one: that citizen has left.
        (newest !== undefined && newest.key !== row.key && compareMarks(row.mark, newest.mark) < 0) ||
        (kind === 'served' && !isStillOpen(row))
      ) {
        late += 1;
      } else {
        changes.push({ kind, row });
      }
    }
    const gone =
      newest !== undefined &&
      isOpen(newest) &&
      !changes.some(({ row }) => isOfCitizen(row)) &&
      !rows.some((row) => row.key === newest.key);
    return { type: 'changes', changes, repeated, late, gone };
  };

  return {
    /** The connection is a new one: what happened meanwhile is history. */
    resume(): void {
      resuming = true;
    },
    /** @param rows oldest change first, one a ticket. */
    look(rows: readonly ViewRow[]): Look {
      const found = resuming || !known ? present(rows.findLast(isOfCitizen)) : compare(rows, known);
      resuming = false;
      known = new Map(rows.map((row) => [row.key, row]));
      return found;
    },
  };
}

/** A test call beside the link in service is told like any, but it takes nobody's place at the counter. */
export function isOfCitizen(row: ViewRow): boolean {
  return !isTestNumber(row.ticket.ticketNo);
}

/** @returns undefined where the row says nothing new. */
function changeOf(row: ViewRow, was: ViewRow | undefined): ChangeKind | undefined {
  switch (row.status) {
    case 'called':
      return was ? 'recalled' : 'called';
    case 'serving':
      if (!was) return 'called';
      // Taken up again after it was over here.
      return isOpen(was) ? undefined : 'recalled';
    default:
      return was?.status === row.status ? undefined : row.status;
  }
}
