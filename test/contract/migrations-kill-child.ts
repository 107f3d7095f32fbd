/**
 * Migrates a database and kills itself before the given statement; past the last it ends by itself and says how
 * many there were. Run by migrations.test.ts.
 */
import { writeSync } from 'node:fs';
import Database from 'better-sqlite3';
import { connect } from '../../src/store/connection.ts';
import { MIGRATIONS, migrate } from '../../src/store/migrations.ts';

const file = process.argv[2] ?? '';
const killBefore = Number(process.argv[3] ?? 0);
let statements = 0;

const db = connect(file, { mustExist: false });
const { exec } = db;
/** One by one; the transaction around them is migrate's own. */
db.exec = (sql) => {
  for (const statement of sql.split(/\n\n+/).filter((text) => text.trim() !== '')) {
    // A statement that is two would throw here, and a step would be skipped.
    db.prepare(statement);
    step();
    exec.call(db, statement);
  }
  return db;
};
const { pragma } = db;
db.pragma = (source, options) => {
  if (source.includes('=')) step();
  return pragma.call(db, source, options);
};

function step(): void {
  statements++;
  if (statements === killBefore) process.kill(process.pid, 'SIGKILL');
}

const before = Number(db.prepare('PRAGMA user_version').pluck().get());
for (const [index, { version }] of MIGRATIONS.entries()) {
  if (version <= before) continue;
  const result = migrate(db, MIGRATIONS.slice(0, index + 1));
  if (!result.ok) throw new Error(result.problem);
  // Between two migrations too: right behind the commit.
  step();
}
writeSync(1, String(statements));
if (!(db instanceof Database)) throw new Error('not a database');
