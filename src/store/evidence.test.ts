import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { mustOpen, newFolder, rateOnce, storeParts } from '../../test/support/store-parts.ts';
import { JOURNAL_FILE } from './connection.ts';
import { openEvidence } from './evidence.ts';
import { openWreck } from './salvage.ts';

/** A journal's marks on a file that somebody else has laid out: a query without end in the place of a table. */
const ENDLESS = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c WHERE x < 0';

let folder: string;
let remove: () => void;
let file: string;
beforeEach(() => {
  ({ folder, remove } = newFolder());
  file = join(folder, JOURNAL_FILE);
  const store = mustOpen(storeParts(folder));
  rateOnce(store, 's1');
  store.close();
});
afterEach(() => remove());

function work(sql: string): void {
  const db = new Database(file);
  db.unsafeMode();
  db.exec(sql);
  db.close();
}

/** The table stays under another name, so that what is not looked at would find every row. */
const moved = (table: string) => `ALTER TABLE ${table} RENAME TO moved`;

it.each(['journal', 'segment', 'rating', 'invitation'])(
  'a file whose %s is a view is damaged, before anything is read of it',
  (table) => {
    work(`${moved(table)}; CREATE VIEW ${table} AS ${ENDLESS}`);
    expect(openEvidence(file)).toEqual({ ok: false, problem: 'damaged', detail: `its ${table} is no table` });
  },
);

it.each([
  ['in capitals', 'CREATE VIEW JOURNAL AS SELECT * FROM moved'],
  ['as a virtual table', 'CREATE VIRTUAL TABLE journal USING fts5(seq)'],
  [
    'as a virtual table that is said to begin at a page',
    `CREATE VIRTUAL TABLE journal USING fts5(seq); PRAGMA writable_schema = ON;
     UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'journal'`,
  ],
  [
    'as a view whose kind is written in capitals',
    `CREATE VIEW journal AS SELECT * FROM moved; PRAGMA writable_schema = ON;
     UPDATE sqlite_schema SET type = 'VIEW' WHERE name = 'journal'`,
  ],
])('so is one that has it %s', (_how, sql) => {
  work(`${moved('journal')}; ${sql}`);
  expect(openEvidence(file)).toMatchObject({ ok: false, problem: 'damaged' });
});

it('views beside the tables are not looked into: one that doubles the one before, and so on, takes hours to expand', async () => {
  work(
    [
      'CREATE VIEW v0 AS SELECT 1 AS x',
      ...Array.from({ length: 16 }, (_, n) => `CREATE VIEW v${n + 1} AS SELECT a.x FROM v${n} a, v${n} b`),
    ].join(';'),
  );
  const before = performance.now();
  const opened = openEvidence(file);
  expect(opened).toMatchObject({ ok: true });
  if (opened.ok) opened.evidence.close();
  const restoring = join(folder, 'restoring');
  mkdirSync(restoring);
  (await openWreck(folder, restoring, undefined)).wreck?.close();
  expect(performance.now() - before).toBeLessThan(2_000);
});

it('nothing is salvaged out of a view', async () => {
  work(`${moved('journal')}; CREATE VIEW journal AS SELECT * FROM moved`);
  const restoring = join(folder, 'restoring');
  mkdirSync(restoring);
  expect(await openWreck(folder, restoring, undefined)).toEqual({ wreck: undefined, endUnread: false });
});
