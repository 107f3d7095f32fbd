import type { Level } from '../../shared/words.ts';
import type { Queryable } from '../db/db.ts';

/**
 * Counts of levels, published so that nobody can read off one citizen's level. A count that moved with every
 * arrival would name the level of whoever has just left the counter; so the published counts of a hall and
 * day stand still until `smallestGroup` further ratings have come, and then move on by all of them at once.
 * What was published is kept in the database: a restart publishes nothing sooner.
 */
export interface Tally {
  readonly hall: string;
  /** Kept and not counted, because no served-ticket token proves their service; in none of the other figures. */
  readonly uncounted: number;
  /** How many ratings `counts` speaks of, and the only number of ratings there is; 0 while there are too few. */
  readonly published: number;
  /** By level; all 0 while `published` is 0. */
  readonly counts: Readonly<Record<Level, number>>;
}

export type Counts = Readonly<Record<Level, number>>;
export const NO_COUNTS: Counts = { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0 };

/** Whether the counts may move on. Pure. */
export function maySpeak(total: number, published: number, smallestGroup: number): boolean {
  return total - published >= Math.max(2, smallestGroup);
}

/** Halls are in one country with one time: Beijing's, all year. */
const UTC_OFFSET_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;

export function businessDay(nowMs: number): {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
} {
  const fromMs = Math.floor((nowMs + UTC_OFFSET_MS) / DAY_MS) * DAY_MS - UTC_OFFSET_MS;
  const name = new Date(fromMs + UTC_OFFSET_MS).toISOString().slice(0, 10);
  return { name, fromMs, toMs: fromMs + DAY_MS };
}

interface TallyRow {
  readonly hall: string;
  readonly total: number;
  readonly n1: number;
  readonly n2: number;
  readonly n3: number;
  readonly n4: number;
  readonly n5: number;
}

/** Today's tallies, moved on where they may. */
export async function tallies(
  db: Queryable,
  at: { readonly nowMs: number; readonly smallestGroup: number },
): Promise<readonly Tally[]> {
  const day = businessDay(at.nowMs);
  const present = await db.query<TallyRow>(
    `SELECT hall, count(*) AS total,
            count(*) FILTER (WHERE level = 1) AS n1, count(*) FILTER (WHERE level = 2) AS n2,
            count(*) FILTER (WHERE level = 3) AS n3, count(*) FILTER (WHERE level = 4) AS n4,
            count(*) FILTER (WHERE level = 5) AS n5
     FROM rating WHERE settled_at_ms >= $1 AND settled_at_ms < $2 GROUP BY hall ORDER BY hall LIMIT 500`,
    [day.fromMs, day.toMs],
  );
  const held = new Map(
    (
      await db.query<TallyRow>('SELECT hall, total, n1, n2, n3, n4, n5 FROM tally WHERE day = $1', [day.name])
    ).map((row) => [row.hall, row]),
  );
  const uncounted = new Map(
    (
      await db.query<{ hall: string; n: number }>(
        `SELECT hall, count(*) AS n FROM rating_uncounted WHERE settled_at_ms >= $1 AND settled_at_ms < $2
         GROUP BY hall ORDER BY hall LIMIT 500`,
        [day.fromMs, day.toMs],
      )
    ).map(({ hall, n }) => [hall, n]),
  );
  const shown: Tally[] = [];
  for (const row of present) {
    const before = held.get(row.hall);
    const moved = maySpeak(row.total, before?.total ?? 0, at.smallestGroup)
      ? await publish(db, day.name, row, at.smallestGroup)
      : before;
    shown.push({
      hall: row.hall,
      uncounted: uncounted.get(row.hall) ?? 0,
      published: moved?.total ?? 0,
      counts: countsOf(moved),
    });
    uncounted.delete(row.hall);
  }
  for (const [hall, n] of uncounted) shown.push({ hall, uncounted: n, published: 0, counts: NO_COUNTS });
  return shown;
}

/** @returns what stands afterwards: another process of the province may have been faster. */
async function publish(
  db: Queryable,
  day: string,
  row: TallyRow,
  smallestGroup: number,
): Promise<TallyRow | undefined> {
  await db.query(
    `INSERT INTO tally (hall, day, total, n1, n2, n3, n4, n5) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (hall, day) DO UPDATE SET total = excluded.total, n1 = excluded.n1, n2 = excluded.n2,
       n3 = excluded.n3, n4 = excluded.n4, n5 = excluded.n5
     WHERE excluded.total >= tally.total + $9::bigint`,
    [row.hall, day, row.total, row.n1, row.n2, row.n3, row.n4, row.n5, smallestGroup],
  );
  const [stands] = await db.query<TallyRow>(
    'SELECT hall, total, n1, n2, n3, n4, n5 FROM tally WHERE hall = $1 AND day = $2',
    [row.hall, day],
  );
  return stands;
}

function countsOf(row: TallyRow | undefined): Counts {
  return row ? { 1: row.n1, 2: row.n2, 3: row.n3, 4: row.n4, 5: row.n5 } : NO_COUNTS;
}
