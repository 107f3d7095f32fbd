import type { Db } from '../../src/province/db/db.ts';
import { openPostgres } from '../../src/province/db/pg.ts';
import { openPglite } from '../../src/province/db/pglite.ts';
import type { ProvinceLimits } from '../../src/province/limits.ts';
import { createProvince, type Province } from '../../src/province/server.ts';
import { systemClock } from '../../src/shared/clock.ts';
import type { Entry } from '../../src/shared/journal/entry.ts';
import { startPostgres } from '../../tools/servers/postgres.ts';
import { createDeviceJournal, type DeviceJournal, uploadRequest } from './device-journal.ts';

export const ADMIN = { authorization: 'Bearer test-administrator-token' } as const;

export interface TestProvince {
  readonly province: Province;
  readonly db: Db;
  readonly logged: readonly string[];
  /** A device that the province knows, its journal begun. */
  device(options?: {
    readonly hall?: string;
    readonly counter?: string;
    readonly nowMs?: () => number;
  }): Promise<DeviceJournal>;
  upload(
    journal: DeviceJournal,
    entries: readonly Entry[],
    wrong?: Parameters<typeof uploadRequest>[2],
  ): Promise<Answer>;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly body: { readonly [name: string]: unknown };
  readonly headers: Readonly<Record<string, unknown>>;
}

/** One database for a test file: PGlite in memory, or a PostgreSQL of its own. */
export async function openTestDb(kind: 'pglite' | 'postgresql'): Promise<{ db: Db; close(): Promise<void> }> {
  if (kind === 'pglite') {
    const db = await openPglite();
    return { db, close: () => db.close() };
  }
  const server = await startPostgres();
  const db = openPostgres({ url: server.url, maxConnections: 8, onIdleError: () => {} });
  return {
    db,
    async close() {
      await db.close();
      await server.stop();
    },
  };
}

let made = 0;

export async function startTestProvince(db: Db, limits: Partial<ProvinceLimits> = {}): Promise<TestProvince> {
  const logged: string[] = [];
  const note = (fields: Readonly<Record<string, unknown>>, message: string) =>
    logged.push(`${message} ${JSON.stringify(fields)}`);
  const province = createProvince({
    db,
    adminToken: 'test-administrator-token',
    clock: systemClock,
    log: { info: note, warn: note, error: note },
    limits,
  });
  await province.app.ready();
  return {
    province,
    db,
    logged,
    async device({ nowMs, ...options } = {}) {
      made += 1;
      const journal = createDeviceJournal({ deviceId: `device-${made}`, ...(nowMs ? { nowMs } : {}) });
      const reply = await province.app.inject({
        method: 'POST',
        url: '/v1/devices',
        headers: ADMIN,
        payload: journal.registration(options),
      });
      if (reply.statusCode !== 201) throw new Error(`registration: ${reply.statusCode} ${reply.body}`);
      return journal;
    },
    async upload(journal, entries, wrong) {
      const request = uploadRequest(journal, entries, wrong);
      const reply = await province.app.inject({ method: 'POST', ...request });
      return { status: reply.statusCode, body: reply.json(), headers: reply.headers };
    },
    stop: () => province.stop(),
  };
}

/** What the ledger holds of a device. */
export async function heldSeqs(db: Db, journal: DeviceJournal): Promise<readonly number[]> {
  const rows = await db.query<{ seq: number }>('SELECT seq FROM ledger WHERE device_id = $1 ORDER BY seq', [
    journal.deviceId,
  ]);
  return rows.map((row) => row.seq);
}

export async function alarmsOf(
  db: Db,
  journal: DeviceJournal,
): Promise<readonly { readonly kind: string; readonly seq: number; readonly times: number }[]> {
  return await db.query('SELECT kind, seq, times FROM alarm WHERE device_id = $1 ORDER BY id', [
    journal.deviceId,
  ]);
}
