import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { ALL_OLD, fillForDays } from '../../test/support/old-journal.ts';
import {
  drafts,
  mustOpen,
  newFolder,
  newService,
  rateOnce,
  storeParts,
  unfinishedIn,
} from '../../test/support/store-parts.ts';
import { connect, JOURNAL_FILE } from './connection.ts';
import { APPLICATION_ID, MIGRATIONS, migrate } from './migrations.ts';
import { openStore } from './store.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});
function folder(): string {
  const made = newFolder();
  cleanups.push(made.remove);
  return made.folder;
}
function fresh(): Database.Database {
  const db = new Database(':memory:');
  cleanups.push(() => db.close());
  return db;
}

describe('the steps', () => {
  it('ascend in tens, from nothing to the latest', () => {
    const db = fresh();
    expect(migrate(db)).toEqual({ ok: true, from: 0, to: MIGRATIONS.at(-1)?.version });
    expect(migrate(db)).toMatchObject({ ok: true, from: MIGRATIONS.at(-1)?.version });
    expect(db.pragma('application_id', { simple: true })).toBe(APPLICATION_ID);
    expect(() =>
      migrate(fresh(), [
        { version: 20, sql: '' },
        { version: 10, sql: '' },
      ]),
    ).toThrow(/ascend/);
    expect(() => migrate(fresh(), [{ version: 15, sql: '' }])).toThrow(/tens/);
  });

  it('leave no table that is not STRICT', () => {
    const db = fresh();
    migrate(db);
    const tables = db
      .prepare(
        "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'",
      )
      .all();
    expect(tables.length).toBeGreaterThan(4);
    expect(tables.filter((table) => (table as { strict: number }).strict !== 1)).toEqual([]);
  });

  it('happen whole or not at all, with their mark', () => {
    const db = fresh();
    const broken = [...MIGRATIONS, { version: 9990, sql: 'CREATE TABLE half (a TEXT) STRICT; NONSENSE;' }];
    expect(() => migrate(db, broken)).toThrow();
    expect(db.pragma('user_version', { simple: true })).toBe(MIGRATIONS.at(-1)?.version);
    expect(db.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'half'").pluck().get()).toBe(0);
  });
});

describe('10, the journal', () => {
  function filled() {
    const parts = storeParts(folder());
    const store = mustOpen(parts);
    const service = newService('s1');
    store.append([{ kind: 'pause.changed', body: { paused: true, by: 'clerk' } }]);
    store.close();
    const db = connect(join(parts.folder, JOURNAL_FILE), { mustExist: true });
    cleanups.push(() => db.close());
    return { db, service };
  }
  const copyOf = (seq: number) =>
    `INSERT INTO journal SELECT ${seq}, id, kind, at, boot, mono, body, prev, hash, sig FROM journal WHERE seq = 1`;

  it.each([
    ['changing an entry', "UPDATE journal SET body = '{}' WHERE seq = 2", /never changed/],
    ['deleting an entry', 'DELETE FROM journal WHERE seq = 2', /never deleted/],
    ['leaving a gap', copyOf(4), /only grows/],
    ['replacing an entry', copyOf(2).replace('INSERT', 'INSERT OR REPLACE'), /only grows/],
    ['a hash of another length', copyOf(3).replace('hash,', "x'00',"), /CHECK/],
    ['text that is a number', copyOf(3).replace('at,', "'today',"), /cannot store TEXT/],
  ])('refuses %s, to anybody', (_name, sql, message) => {
    const { db } = filled();
    expect(() => db.exec(sql)).toThrow(message);
  });

  it.each([
    [
      'a second rating',
      "INSERT INTO rating (service_key, invitation, level, changes, settled_hash) VALUES ('s', 'i', 5, 0, NULL)",
      /UNIQUE/,
    ],
    [
      'a second rating by replacing',
      "INSERT OR REPLACE INTO rating (service_key, invitation, level, changes, settled_hash) VALUES ('s', 'i', 5, 0, NULL)",
      /never deleted/,
    ],
    ['changing a settled rating', "UPDATE rating SET level = 5 WHERE service_key = 's'", /settled once/],
    ['unsettling a rating', "UPDATE rating SET settled_hash = NULL WHERE service_key = 's'", /settled once/],
    [
      'settling at another level',
      "UPDATE rating SET level = 1, settled_hash = zeroblob(32) WHERE service_key = 'open'",
      /that was chosen/,
    ],
    ['moving a rating', "UPDATE rating SET service_key = 'other' WHERE service_key = 'open'", /settled once/],
    ['deleting a settled rating', "DELETE FROM rating WHERE service_key = 's'", /never deleted/],
    [
      'a level that does not exist',
      "INSERT INTO rating (service_key, invitation, level, changes, settled_hash) VALUES ('t', 'i', 6, 0, NULL)",
      /CHECK/,
    ],
    [
      'a rating without an invitation',
      "INSERT INTO rating (service_key, invitation, level, changes, settled_hash) VALUES ('t', 'none', 5, 0, NULL)",
      /FOREIGN KEY/,
    ],
    [
      'closing an invitation twice',
      "UPDATE invitation SET outcome = 'declined' WHERE invitation = 'i'",
      /closed once/,
    ],
    ['deleting an invitation', 'DELETE FROM invitation', /never deleted/],
    ['moving a cursor back', "UPDATE cursor SET acked_seq = 1 WHERE link = 'province'", /never goes back/],
  ])('refuses %s, to anybody', (_name, sql, message) => {
    const { db } = filled();
    db.exec(`
      INSERT INTO invitation VALUES ('i', 's', 'rated', NULL), ('j', 'open', NULL, NULL);
      INSERT INTO rating (service_key, invitation, level, changes, settled_hash) VALUES ('s', 'i', 2, 0, zeroblob(32)), ('open', 'j', 2, 0, NULL);
      INSERT INTO cursor VALUES ('province', 2);`);
    expect(() => db.exec(sql)).toThrow(message);
  });
});

describe('20, segments', () => {
  function compacted() {
    const parts = storeParts(folder());
    const store = mustOpen(parts);
    fillForDays(store, parts.clock, { days: 3 });
    store.advanceCursor('province', store.head().seq);
    const done = store.compact({ ...ALL_OLD, maxEntries: 20 });
    if (done.kind !== 'compacted') throw new Error(JSON.stringify(done));
    store.close();
    const db = connect(join(parts.folder, JOURNAL_FILE), { mustExist: true });
    cleanups.push(() => db.close());
    return { db, toSeq: done.toSeq };
  }
  const another = (
    from: string,
    to: string,
  ) => `INSERT INTO segment (from_seq, to_seq, prev, hash, sig, counts, sum)
    SELECT ${from}, ${to}, first.prev, last.hash, last.sig, '{}', zeroblob(32) FROM journal AS first, journal AS last
    WHERE first.seq = ${from} AND last.seq = ${to}`;

  it.each([
    [
      'deleting what no segment stands for',
      () => 'DELETE FROM journal WHERE seq = @END + 1',
      /unless a segment/,
    ],
    ['deleting entry 1', () => 'DELETE FROM journal WHERE seq = 1', /unless a segment/],
    ['changing a segment', () => "UPDATE segment SET counts = '{}'", /never changed/],
    ['deleting a segment', () => 'DELETE FROM segment', /never deleted/],
    ['a segment without signed totals', () => another('@END + 1', '@END + 4'), /with signed totals/],
    ['a segment that leaves a gap', () => another('@END + 2', '@END + 4'), /follow the last/],
    ['opening a compacted invitation again', () => 'UPDATE invitation SET outcome = NULL', /closed once/],
    ['moving an invitation out', () => 'UPDATE invitation SET segment = NULL', /newest segment/],
    [
      'moving an invitation in',
      () => 'UPDATE invitation SET segment = 3 WHERE segment IS NULL',
      /newest segment/,
    ],
    ['deleting a settled rating', () => 'DELETE FROM rating', /never deleted/],
  ])('refuses %s, to anybody', (_name, sql, message) => {
    const { db, toSeq } = compacted();
    expect(() => db.exec(sql().replaceAll('@END', String(toSeq)))).toThrow(message);
  });
});

describe('30, withdrawn choices', () => {
  it('knows what stood behind a choice that was open before', () => {
    const parts = storeParts(folder());
    const store = mustOpen(parts);
    const service = newService('s1');
    const acts = [
      drafts.opened(service),
      ...([5, 4, 2] as const).map((l, n) => drafts.chosen(service, l, n)),
    ];
    for (const act of acts) store.append([act]);
    store.close();
    const db = connect(join(parts.folder, JOURNAL_FILE), { mustExist: true });
    const read = () => db.prepare('SELECT level, earlier FROM rating').all();
    expect(read()).toEqual([{ level: 2, earlier: '54' }]);
    db.exec('DROP TRIGGER rating_stays; ALTER TABLE rating DROP COLUMN earlier; PRAGMA user_version = 20');
    db.exec('CREATE TRIGGER rating_stays BEFORE DELETE ON rating BEGIN SELECT 1; END');
    db.exec('CREATE INDEX rating_open ON rating (invitation) WHERE settled_hash IS NULL');
    expect(migrate(db)).toMatchObject({ ok: true, from: 20 });
    expect(read()).toEqual([{ level: 2, earlier: '54' }]);
    db.close();
  });
});

describe('40, fewer pages', () => {
  it('finds what is open without an index of its own for choices', () => {
    const parts = storeParts(folder());
    const first = mustOpen(parts);
    rateOnce(first, 'rated');
    const [chosen, asked] = [newService('chosen'), newService('asked')];
    for (const act of [drafts.opened(chosen), drafts.chosen(chosen, 2), drafts.opened(asked)])
      expect(first.append([act]).ok).toBe(true);
    first.close();
    const db = connect(join(parts.folder, JOURNAL_FILE), { mustExist: true });
    db.exec('CREATE INDEX rating_open ON rating (invitation) WHERE settled_hash IS NULL');
    db.pragma('user_version = 30');
    db.close();
    const store = mustOpen(parts);
    const { ratings, invitations } = unfinishedIn(store);
    expect(ratings).toEqual([{ invitation: chosen.invitation, serviceKey: 'chosen', level: 2 }]);
    expect(invitations.map(({ serviceKey }) => serviceKey).sort()).toEqual(['asked', 'chosen']);
    store.close();
  });

  it('an act writes the pages it needs and no others', () => {
    const parts = storeParts(folder());
    const store = mustOpen(parts);
    // Each commit adds its pages to the end of the WAL, until the first pause.
    const frames = () => (statSync(join(parts.folder, `${JOURNAL_FILE}-wal`)).size - 32) / (24 + 4096);
    const least: Record<string, number> = {};
    for (let n = 0; n < 20; n++) {
      const service = newService(`s${n}`);
      for (const [name, act] of [
        ['opened', [drafts.opened(service)]],
        ['chosen', [drafts.chosen(service, 4)]],
        ['closing', [drafts.settled(service, 4), drafts.closed(service)]],
      ] as const) {
        const before = frames();
        expect(store.append(act).ok).toBe(true);
        least[name] = Math.min(least[name] ?? 99, frames() - before);
      }
    }
    store.close();
    // Where a table's last page is full, a commit writes a new one and two that point to it.
    expect(least).toEqual({ opened: 3, chosen: 2, closing: 4 });
  });
});

describe('opening what is not ours to open', () => {
  it('refuses a journal of a newer version, says which, and leaves it as it is', () => {
    const parts = storeParts(folder());
    mustOpen(parts).close();
    const db = new Database(join(parts.folder, JOURNAL_FILE));
    db.pragma('user_version = 9990');
    db.close();
    const opened = openStore(parts);
    expect(opened).toMatchObject({ ok: false, problem: 'newerSchema' });
    expect(!opened.ok && opened.message).toMatch(/newer Yiping \(schema 9990\)/);
    expect(openStore(parts)).toMatchObject({ problem: 'newerSchema' });
  });

  it('refuses a database of another program', () => {
    const parts = storeParts(folder());
    const db = new Database(join(parts.folder, JOURNAL_FILE));
    db.exec('CREATE TABLE theirs (a)');
    db.close();
    expect(openStore(parts)).toMatchObject({ ok: false, problem: 'corrupt' });
  });

  it('refuses a file that is no database', () => {
    const parts = storeParts(folder());
    writeFileSync(join(parts.folder, JOURNAL_FILE), 'not a database at all\n'.repeat(500));
    expect(openStore(parts)).toMatchObject({ ok: false, problem: 'corrupt' });
  });

  it('refuses a journal whose last entry was bent', () => {
    const parts = storeParts(folder());
    mustOpen(parts).close();
    const db = new Database(join(parts.folder, JOURNAL_FILE));
    const trigger = db
      .prepare<[], string>("SELECT sql FROM sqlite_schema WHERE name = 'journal_never_changes'")
      .pluck();
    const sql = trigger.get() ?? '';
    db.exec(`DROP TRIGGER journal_never_changes; UPDATE journal SET at = at + 1; ${sql}`);
    db.close();
    expect(openStore(parts)).toMatchObject({
      ok: false,
      problem: 'corrupt',
      message: expect.stringMatching(/last entry 1/),
    });
  });

  it('refuses a journal without one of its triggers: it is put together again', () => {
    const parts = storeParts(folder());
    mustOpen(parts).close();
    const db = new Database(join(parts.folder, JOURNAL_FILE));
    db.exec('DROP TRIGGER journal_never_changes');
    db.close();
    expect(openStore(parts)).toMatchObject({
      ok: false,
      problem: 'corrupt',
      damage: 'unreadable',
      message: expect.stringMatching(/journal_never_changes/),
    });
  });

  it('refuses a data folder that is no folder', () => {
    const file = join(folder(), 'file');
    writeFileSync(file, '');
    expect(openStore(storeParts(join(file, 'below')))).toMatchObject({ ok: false, problem: 'notWritable' });
    const taken = folder();
    mkdirSync(join(taken, JOURNAL_FILE));
    expect(openStore(storeParts(taken))).toMatchObject({ ok: false, problem: 'notWritable' });
  });
});
