import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runVerifyCommand } from '../../src/core/verify/verify-command.ts';
import type { Db } from '../../src/province/db/db.ts';
import { type DeviceJournal, rateOnce } from '../support/device-journal.ts';
import { ADMIN, openTestDb, startTestProvince, type TestProvince } from '../support/province.ts';

/** What the province exports is what the verifier reads. */
let province: TestProvince;
let db: Db;
let closeDb: () => Promise<void>;
let journal: DeviceJournal;
const folder = mkdtempSync(join(tmpdir(), 'yiping-export-'));

beforeAll(async () => {
  ({ db, close: closeDb } = await openTestDb('pglite'));
  province = await startTestProvince(db);
  journal = await province.device();
  for (const n of [1, 2, 3]) rateOnce(journal, { serviceKey: `s${n}`, level: 2, codes: ['207'] });
  expect((await province.upload(journal, journal.entries)).status).toBe(200);
});
afterAll(async () => {
  await province.stop();
  await closeDb();
  rmSync(folder, { recursive: true, force: true });
});

const get = (url: string, headers: Readonly<Record<string, string>> = ADMIN) =>
  province.province.app.inject({ method: 'GET', url, headers });
function verify(text: string, ...more: string[]) {
  const file = join(folder, 'export.ndjson');
  writeFileSync(file, text);
  return runVerifyCommand([file, ...more], 'en');
}

test('the export of a device verifies, and says what the province holds of it', async () => {
  const reply = await get(`/v1/devices/${journal.deviceId}/export`);
  expect(reply.headers['content-type']).toBe('application/x-ndjson');
  const key = Buffer.from(journal.signer.publicKey).toString('base64');
  expect(await verify(reply.body, `--key=${key}`)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/3 ratings/),
  });
  const [header] = reply.body.split('\n');
  expect(JSON.parse(header ?? '')).toMatchObject({
    export: {
      deviceId: journal.deviceId,
      publicKey: key,
      headSeq: journal.entries.length,
      missingToSeq: null,
    },
  });
});

test('pages of the ledger verify as well', async () => {
  const page = (after: number) => get(`/v1/entries?device=${journal.deviceId}&afterSeq=${after}&limit=9`);
  const pages = [(await page(0)).body, (await page(9)).body].join('\n');
  expect(await verify(pages)).toMatchObject({ code: 0, out: expect.stringMatching(/3 ratings/) });
});

test('a level changed in the export is named', async () => {
  const { body } = await get(`/v1/devices/${journal.deviceId}/export`);
  const bent = body.replace('"level":2', '"level":5');
  expect(await verify(bent)).toMatchObject({
    code: 1,
    out: expect.stringMatching(/Entry 3 \(rating.chosen\) was changed/),
  });
});

test('only an administrator may have it, and only of a device there is', async () => {
  expect((await get(`/v1/devices/${journal.deviceId}/export`, {})).statusCode).toBe(401);
  expect((await get('/v1/devices/nobody/export')).statusCode).toBe(404);
});
