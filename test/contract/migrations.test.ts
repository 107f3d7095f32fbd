import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { verifyPath } from '../../src/core/verify/verify-path.ts';
import { ENTRY_BODIES } from '../../src/shared/journal/entry.ts';
import { type Signer, SUITE_NAMES } from '../../src/shared/journal/suite.ts';
import { loadSuite } from '../../src/shared/journal/suites.ts';
import type { StoredEntry } from '../../src/shared/journal/verify.ts';
import { DeviceIdSchema } from '../../src/shared/words.ts';
import { MIGRATIONS, migrate } from '../../src/store/migrations.ts';
import { rebuildProjections } from '../../src/store/projections.ts';
import { JOURNAL_FILE, openStore } from '../../src/store/store.ts';
import { pack } from '../../src/sync/parcel.ts';
import { newFolder, serviceKey, storeParts, unfinishedIn } from '../support/store-parts.ts';

const GOLDEN = join(import.meta.dirname, '../fixtures/journals');
const CHILD = join(import.meta.dirname, 'migrations-kill-child.ts');
const LATEST = MIGRATIONS.at(-1)?.version ?? 0;
const goldens = readdirSync(GOLDEN).filter((name) => name.endsWith('.sqlite'));
const suites = await Promise.all(SUITE_NAMES.map(loadSuite));

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

function copyOf(golden: string) {
  const { folder, remove } = newFolder();
  cleanups.push(remove);
  const file = join(folder, JOURNAL_FILE);
  copyFileSync(join(GOLDEN, golden), file);
  return { folder, file };
}

function rowsOf(file: string): readonly StoredEntry[] {
  const db = new Database(file);
  try {
    return db.prepare<[], StoredEntry>('SELECT * FROM journal ORDER BY seq').all();
  } finally {
    db.close();
  }
}

/** The key is gone: whoever has the journal can check it, and nobody can add to it. */
function keeperOf(rows: readonly StoredEntry[]): Signer {
  const begun = ENTRY_BODIES['journal.begun'].parse(JSON.parse(rows[0]?.body ?? ''));
  const suite = suites.find(({ name }) => name === begun.suite);
  if (!suite) throw new Error(begun.suite);
  return {
    suite,
    publicKey: Buffer.from(begun.publicKey, 'base64'),
    sign: () => {
      throw new Error('the key was thrown away');
    },
  };
}

function schemaOf(db: Database.Database): unknown {
  return db.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name').all();
}

function columnsOf(db: Database.Database): unknown {
  return db
    .prepare(
      "SELECT t.name AS t, c.name, c.type, c.[notnull], c.pk FROM pragma_table_list AS t, pragma_table_info(t.name) AS c WHERE t.schema = 'main' ORDER BY 1, c.cid",
    )
    .all();
}

describe('golden journals', () => {
  it('are there for every schema that was shipped, in every suite', () => {
    const shipped = MIGRATIONS.slice(0, -1).map(({ version }) => version);
    const wanted = shipped.flatMap((version) =>
      SUITE_NAMES.map((suite) => `schema-${version}-${suite}.sqlite`),
    );
    expect(goldens).toEqual(expect.arrayContaining(wanted));
  });

  it.each(goldens)('%s is brought up to date: nothing lost, unsent ratings ready to go', (golden) => {
    const { folder, file } = copyOf(golden);
    const before = rowsOf(file);
    const signer = keeperOf(before);
    const deviceId = DeviceIdSchema.parse('hall-01-counter-12');
    const opened = openStore(storeParts(folder, { signer, deviceId }));
    if (!opened.ok) throw new Error(opened.message);
    const { store } = opened;
    try {
      const cursor = store.cursorOf('province');
      expect(cursor).toBe(15);
      expect(store.head().seq).toBe(before.length);
      expect(store.unsent('province')).toBe(before.length - cursor);
      const sent: number[] = [];
      for (let position = cursor; ; ) {
        const parcel = pack(store, { deviceId, afterSeq: position, maxEntries: 40, maxBytes: 1e6 });
        if (!parcel) break;
        sent.push(parcel.firstSeq);
        expect(parcel.firstSeq).toBe(position + 1);
        position = parcel.lastSeq;
      }
      expect(sent.length).toBeGreaterThan(2);
      expect(store.ratingOf(serviceKey('unsent/7'))).toMatchObject({ level: 3, settled: true });
      expect(store.ratingOf(serviceKey('changed'))).toMatchObject({ level: 2, settled: true });
      expect(unfinishedIn(store).ratings.map((rating) => rating.serviceKey)).toEqual(['open/chosen']);
      expect(unfinishedIn(store).invitations).toHaveLength(2);
    } finally {
      store.close();
    }
    expect(rowsOf(file)).toEqual(before);
    expect(verifyPath({ path: file, publicKey: signer.publicKey, suites })).toMatchObject({
      verdict: 'good',
      entries: before.length,
    });
  });

  it.each(goldens)(
    '%s then has the schema of a new journal, and projections that say what it says',
    (golden) => {
      const { file } = copyOf(golden);
      const db = new Database(file);
      const fresh = new Database(':memory:');
      try {
        migrate(db);
        migrate(fresh);
        expect(schemaOf(db)).toEqual(schemaOf(fresh));
        expect(columnsOf(db)).toEqual(columnsOf(fresh));
        const all = () =>
          ['rating', 'invitation'].map((table) => db.prepare(`SELECT * FROM ${table} ORDER BY 1`).all());
        const before = all();
        rebuildProjections(db);
        expect(all()).toEqual(before);
      } finally {
        fresh.close();
        db.close();
      }
    },
  );
});

/** Kills a migration of a copy before each of its statements in turn, until one runs to its end. */
function killBeforeEach(make: (n: number) => string, look: (file: string, n: number) => void): number {
  for (let n = 1; ; n++) {
    const file = make(n);
    const { signal, stdout, stderr } = spawnSync(process.execPath, [CHILD, file, String(n)], {
      encoding: 'utf8',
    });
    if (signal !== 'SIGKILL' && stdout === '') throw new Error(stderr);
    look(file, n);
    if (signal !== 'SIGKILL') return Number(stdout);
  }
}

describe('a kill before each statement of each migration', () => {
  const versions = [0, ...MIGRATIONS.map(({ version }) => version)];

  it('of a new journal leaves one step or the next, and a journal that opens', { timeout: 120_000 }, () => {
    const { folder, remove } = newFolder();
    cleanups.push(remove);
    const seen = new Set<number>();
    const count = killBeforeEach(
      (n) => {
        mkdirSync(join(folder, String(n)));
        return join(folder, String(n), JOURNAL_FILE);
      },
      (file, n) => {
        seen.add(versionOf(file));
        const opened = openStore(storeParts(join(folder, String(n))));
        expect(opened.ok, `statement ${n}`).toBe(true);
        if (opened.ok) opened.store.close();
      },
    );
    expect(count).toBeGreaterThan(30);
    expect([...seen].sort((a, b) => a - b)).toEqual(versions);
  });

  const last = goldens.filter((name) => name.startsWith(`schema-${MIGRATIONS.at(-2)?.version}-ed25519`));
  it.each(last)('of %s loses nothing', { timeout: 120_000 }, (golden) => {
    const before = rowsOf(copyOf(golden).file);
    const signer = keeperOf(before);
    const seen = new Set<number>();
    const count = killBeforeEach(
      () => copyOf(golden).file,
      (file, n) => {
        const said = `statement ${n}`;
        seen.add(versionOf(file));
        expect(rowsOf(file), said).toEqual(before);
        expect(verifyPath({ path: file, publicKey: signer.publicKey }), said).toMatchObject({
          verdict: 'good',
        });
        const opened = openStore(storeParts(join(file, '..'), { signer }));
        expect(opened.ok, said).toBe(true);
        if (!opened.ok) return;
        expect(opened.store.unsent('province'), said).toBe(before.length - 15);
        opened.store.close();
        expect(versionOf(file), said).toBe(LATEST);
      },
    );
    expect(count).toBeGreaterThan(3);
    expect(seen).toEqual(new Set(versions.slice(-2)));
  });
});

function versionOf(file: string): number {
  const db = new Database(file);
  try {
    return Number(db.pragma('user_version', { simple: true }));
  } finally {
    db.close();
  }
}
