import { afterEach, describe, expect, it } from 'vitest';
import type { Db } from '../../src/province/db/db.ts';
import { migrate } from '../../src/province/db/migrate.ts';
import { MIGRATIONS } from '../../src/province/db/migrations.ts';
import { openPglite } from '../../src/province/db/pglite.ts';

const open: Db[] = [];
async function fresh(): Promise<Db> {
  const db = await openPglite();
  open.push(db);
  return db;
}
afterEach(async () => {
  for (const db of open.splice(0)) await db.close();
});

describe('migrations', () => {
  it('bring an empty database up to date, once', async () => {
    const db = await fresh();
    await migrate(db);
    await migrate(db);
    const rows = await db.query<{ version: number }>('SELECT version FROM schema_version ORDER BY version');
    expect(rows.map((row) => row.version)).toEqual(MIGRATIONS.map((migration) => migration.version));
  });

  it('refuse a database of a newer version, and say what to do', async () => {
    const db = await fresh();
    await migrate(db);
    await db.query("INSERT INTO schema_version (version, name) VALUES (99990, 'from the future')");
    await expect(migrate(db)).rejects.toThrow(/schema 99990.*Start the newer version/);
  });

  it('count the alarms that were there before they were counted', async () => {
    const db = await fresh();
    const before = MIGRATIONS.filter(({ version }) => version < 60);
    await migrate(db, before);
    const raise = (kind: string, seq: number, atMs: number) =>
      db.query(
        `INSERT INTO alarm (device_id, kind, seq, text, raised_at_ms, last_at_ms) VALUES ('a', $1, $2, '', 1, $3)
         ON CONFLICT (device_id, kind, seq) DO UPDATE SET times = alarm.times + 1, last_at_ms = excluded.last_at_ms`,
        [kind, seq, atMs],
      );
    const counted = () =>
      db.query('SELECT kind, seq, last_at_ms AS "atMs", entries, times FROM alarm_by_kind ORDER BY kind');
    for (const [kind, seq, atMs] of [
      ['fork', 5, 30],
      ['fork', 9, 10],
      ['fork', 5, 40],
      ['parked', 2, 20],
    ] as const)
      await raise(kind, seq, atMs);
    await migrate(db);
    expect(await counted()).toEqual([
      { kind: 'fork', seq: 5, atMs: 40, entries: 2, times: 3 },
      { kind: 'parked', seq: 2, atMs: 20, entries: 1, times: 1 },
    ]);
    await raise('fork', 9, 50);
    await raise('parked', 3, 60);
    expect(await counted()).toEqual([
      { kind: 'fork', seq: 9, atMs: 50, entries: 2, times: 4 },
      { kind: 'parked', seq: 3, atMs: 60, entries: 2, times: 2 },
    ]);
  });

  it('explain the ends that were cut off before they were explained once, and take back what was given up', async () => {
    const db = await fresh();
    await migrate(
      db,
      MIGRATIONS.filter(({ version }) => version <= 60),
    );
    const held = (
      device: string,
      seq: number,
      boot: string,
      known: number | null,
      kind = 'journal.restored',
    ) => {
      const body = { knownHeadSeq: known, lostAfterSeq: seq - 1, setAside: '"knownHeadSeq":99' };
      return db.query(
        `INSERT INTO ledger (device_id, seq, id, kind, at_ms, boot, mono_ms, body, hash, received_at_ms)
         VALUES ($1, $2, 'i', $5, 1, $3, $2, $4, decode(repeat('ab', 32), 'hex'), 1)`,
        [device, seq, boot, JSON.stringify(body), kind],
      );
    };
    const raise = (device: string, kind: string, seq: number, times = 1) =>
      db.query(
        `INSERT INTO alarm (device_id, kind, seq, text, raised_at_ms, last_at_ms, times) VALUES ($1, $2, $3, '', 1, $3, $4)`,
        [device, kind, seq, times],
      );
    const restored = async (device: string, seq: number, boot: string, known: number | null) => {
      await held(device, seq, boot, known);
      await raise(device, 'restored', seq);
    };
    const names = (device: string, headSeq: number, seq: number, boot: string) =>
      db.query(
        `INSERT INTO device (id, public_key, suite, hall, counter, registered_at_ms, head_seq, announced_seq, announced_hash,
           announced_boot, announced_mono_ms) VALUES ($1, 'k', 's', 'h', '1', 1, $2, $3, repeat('c', 64), $4, 70)`,
        [device, headSeq, seq, boot],
      );
    await names('a', 60, 80, 'one');
    await restored('a', 51, 'two', 80);
    await restored('a', 55, 'two', null);
    await restored('a', 60, 'two', 61);
    for (const seq of [40, 51, 70, 80, 81]) await raise('a', 'cutTail', seq, 3);
    await names('b', 60, 80, 'two');
    await restored('b', 51, 'two', 80);
    await raise('b', 'cutTail', 60);
    await names('c', 60, 80, 'one');
    await restored('c', 51, 'two', 79);
    await raise('c', 'cutTail', 90);
    // Restored once without a province; since then the journal has gone far beyond it.
    await names('d', 5_000, 5_080, 'ten');
    await restored('d', 51, 'two', null);
    // It knew of more than its device names, and the ledger has come past it.
    await names('e', 75, 80, 'one');
    await restored('e', 51, 'two', 90);
    await held('e', 75, 'two', null, 'pause.changed');
    await migrate(db);
    expect(
      await db.query('SELECT id, announced_seq AS seq, announced_boot AS boot FROM device ORDER BY id'),
    ).toEqual([
      { id: 'a', seq: 60, boot: 'two' },
      { id: 'b', seq: 80, boot: 'two' },
      { id: 'c', seq: 80, boot: 'one' },
      { id: 'd', seq: 5_080, boot: 'ten' },
      { id: 'e', seq: 75, boot: 'two' },
    ]);
    expect(
      await db.query(
        'SELECT device_id AS device, kind, seq, last_at_ms AS "atMs", entries, times FROM alarm_by_kind ORDER BY device_id, kind',
      ),
    ).toEqual([
      { device: 'a', kind: 'cutTail', seq: 81, atMs: 81, entries: 2, times: 6 },
      { device: 'a', kind: 'restored', seq: 60, atMs: 60, entries: 3, times: 3 },
      { device: 'b', kind: 'restored', seq: 51, atMs: 51, entries: 1, times: 1 },
      { device: 'c', kind: 'cutTail', seq: 90, atMs: 90, entries: 1, times: 1 },
      { device: 'c', kind: 'restored', seq: 51, atMs: 51, entries: 1, times: 1 },
      { device: 'd', kind: 'restored', seq: 51, atMs: 51, entries: 1, times: 1 },
      { device: 'e', kind: 'restored', seq: 51, atMs: 51, entries: 1, times: 1 },
    ]);
  });

  it('leave nothing of a step that fails', async () => {
    const db = await fresh();
    const broken = [{ version: 10, name: 'broken', sql: 'CREATE TABLE half (a text); SELECT nonsense;' }];
    await expect(migrate(db, broken)).rejects.toThrow(/nonsense/);
    await migrate(db);
    await expect(db.query('SELECT * FROM half')).rejects.toThrow(/half/);
  });

  it('keep requests for help that are there, and their time', async () => {
    const db = await fresh();
    await migrate(
      db,
      MIGRATIONS.filter(({ version }) => version <= 40),
    );
    await db.query(
      `INSERT INTO help_request (device_id, invitation, seq, service_key, hall, counter, asked_at_ms, since_ms, received_at_ms)
       VALUES ('d', 'i', 7, 's', 'h', '3', 1000, 2000, 3000)`,
    );
    await migrate(db);
    const kept = await db.query('SELECT seq, since_ms AS since, latest_ms AS latest FROM help_request');
    expect(kept).toEqual([{ seq: 7, since: 2000, latest: 2000 }]);
  });

  it('must be tens, and ascending', async () => {
    const db = await fresh();
    const step = { name: 'x', sql: 'SELECT 1' };
    for (const versions of [[5], [20, 10], [10, 10]])
      await expect(
        migrate(
          db,
          versions.map((version) => ({ ...step, version })),
        ),
      ).rejects.toThrow(/tens/);
  });
});
