import fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createBatchReader } from '../../src/province/ingest/batch-reader.ts';
import { createProver } from '../../src/province/ingest/prove.ts';
import { routeIngest } from '../../src/province/ingest/route.ts';
import { PROVINCE_LIMITS } from '../../src/province/limits.ts';
import { systemClock } from '../../src/shared/clock.ts';
import type { Entry } from '../../src/shared/journal/entry.ts';
import { type DeviceJournal, rateOnce, uploadRequest } from '../support/device-journal.ts';
import { openTestDb, startTestProvince, type TestProvince } from '../support/province.ts';

let p: TestProvince;
let app: FastifyInstance;
let close: () => Promise<void>;
let reads = 0;

beforeAll(async () => {
  const { db, close: closeDb } = await openTestDb('pglite');
  p = await startTestProvince(db);
  const reader = createBatchReader(0);
  app = fastify();
  routeIngest(app, {
    db,
    clock: systemClock,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    limits: PROVINCE_LIMITS,
    prove: createProver({ db, clock: systemClock }),
    reader: {
      ...reader,
      read(...batch) {
        reads += 1;
        return reader.read(...batch);
      },
    },
    onIngested: () => {},
  });
  await app.ready();
  close = async () => {
    await app.close();
    await reader.close();
    await p.stop();
    await closeDb();
  };
}, 60_000);
afterAll(() => close?.());

/** @returns how often the batch was read. */
async function readsOf(journal: DeviceJournal, entries: readonly Entry[]): Promise<number> {
  reads = 0;
  const reply = await app.inject({ method: 'POST', ...uploadRequest(journal, entries) });
  expect(reply.statusCode).toBe(200);
  return reads;
}

it('a batch is read once, also after one whose answer was lost was sent again with more behind it', async () => {
  const journal = await p.device();
  let sent = 0;
  const grow = (services: number) => {
    for (let n = 0; n < services; n++)
      rateOnce(journal, { serviceKey: `again/${journal.entries.length}`, level: 5 });
  };
  const next = () => {
    grow(3);
    const batch = journal.entries.slice(sent);
    sent = journal.entries.length;
    return readsOf(journal, batch);
  };
  expect(await next()).toBe(1);
  expect(await next()).toBe(1);

  const unanswered = sent;
  expect(await next()).toBe(1);
  sent = unanswered;
  // What it begins behind is looked up, and it is read for that.
  expect(await next()).toBe(2);
  for (let after = 0; after < 3; after++) expect(await next()).toBe(1);
});
