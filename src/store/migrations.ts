import type { Connection } from './connection.ts';
import { journalSchema } from './migrations/10-journal.ts';
import { segmentsSchema } from './migrations/20-segments.ts';
import { withdrawnSchema } from './migrations/30-withdrawn.ts';
import { fewerPagesSchema } from './migrations/40-fewer-pages.ts';

/**
 * Steps from an empty file to the present schema. Numbered in tens, never changed once shipped; each has its
 * own test. A step and its mark (`user_version`) are one transaction: a kill leaves the one or the other.
 */
export interface Migration {
  readonly version: number;
  readonly sql: string;
}

export const MIGRATIONS: readonly Migration[] = [
  { version: 10, sql: journalSchema },
  { version: 20, sql: segmentsSchema },
  { version: 30, sql: withdrawnSchema },
  { version: 40, sql: fewerPagesSchema },
];

/** In the file's header, so that anybody can tell a journal of ours: "YIPJ". */
export const APPLICATION_ID = 0x59_49_50_4a;

export type MigrationResult =
  | { readonly ok: true; readonly from: number; readonly to: number }
  | { readonly ok: false; readonly problem: 'newerSchema' | 'foreign'; readonly found: number };

export function migrate(db: Connection, migrations: readonly Migration[] = MIGRATIONS): MigrationResult {
  checkAscending(migrations);
  const from = Number(db.pragma('user_version', { simple: true }));
  const latest = migrations.at(-1)?.version ?? 0;
  if (from > latest) return { ok: false, problem: 'newerSchema', found: from };
  if (from === 0) {
    if (db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() !== 0)
      return { ok: false, problem: 'foreign', found: from };
  } else if (db.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
    return { ok: false, problem: 'foreign', found: from };
  }
  for (const step of migrations) {
    if (step.version <= from) continue;
    db.transaction(() => {
      db.exec(step.sql);
      db.pragma(`application_id = ${APPLICATION_ID}`);
      db.pragma(`user_version = ${step.version}`);
    }).immediate();
  }
  return { ok: true, from, to: latest };
}

function checkAscending(migrations: readonly Migration[]): void {
  let before = 0;
  for (const { version } of migrations) {
    if (version <= before || version % 10 !== 0)
      throw new Error(`migration ${version} stands after ${before}: they ascend, in tens`);
    before = version;
  }
}
