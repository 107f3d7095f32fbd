import { afterAll, beforeAll, expect, it } from 'vitest';
import { lookUpReceipt } from '../../src/province/receipt/look-up.ts';
import { canonicalText } from '../../src/shared/journal/chain.ts';
import { receiptCode } from '../../src/shared/journal/receipt.ts';
import { loadSigner, makePrivateKey } from '../../src/shared/journal/suites.ts';
import { verifyEntries } from '../../src/shared/journal/verify.ts';
import { createDeviceJournal, newSigner, rateOnce } from '../support/device-journal.ts';
import {
  ADMIN,
  alarmsOf,
  heldSeqs,
  openTestDb,
  startTestProvince,
  type TestProvince,
} from '../support/province.ts';

/** A device of the national suite at the province, beside one of the usual suite. */
let p: TestProvince;
let close: () => Promise<void>;

beforeAll(async () => {
  const opened = await openTestDb('pglite');
  close = opened.close;
  p = await startTestProvince(opened.db);
});
afterAll(async () => {
  await p.stop();
  await close();
});

const nationalSigner = async () => loadSigner('sm2-sm3', await makePrivateKey('sm2-sm3'));
const register = (payload: object) =>
  p.province.app.inject({ method: 'POST', url: '/v1/devices', headers: ADMIN, payload });

it('freezes a journal of sm2-sm3, hash by hash, and its receipt holds', async () => {
  const journal = createDeviceJournal({ deviceId: 'national-1', signer: await nationalSigner() });
  expect((await register(journal.registration())).statusCode).toBe(201);
  rateOnce(journal, { serviceKey: 'national-1/1', level: 4 });
  expect(await p.upload(journal, journal.entries)).toMatchObject({ status: 200, body: { ackedSeq: 5 } });
  expect(await heldSeqs(p.db, journal)).toEqual([1, 2, 3, 4, 5]);
  expect(await alarmsOf(p.db, journal)).toEqual([]);
  const [head] = await p.db.query<{ hash: string }>('SELECT head_hash AS hash FROM device WHERE id = $1', [
    journal.deviceId,
  ]);
  expect(head?.hash).toBe(journal.entries.at(-1)?.hash);
  const settled = journal.entries.find(({ kind }) => kind === 'rating.settled');
  expect(await lookUpReceipt(p.db, receiptCode(settled?.hash ?? ''))).toMatchObject({
    found: 'held',
    unchanged: true,
  });

  const stored = journal.entries.map((entry) => ({ ...entry, body: canonicalText(entry.body) }));
  expect(verifyEntries(journal.signer.suite, journal.signer.publicKey, stored)).toMatchObject({
    ok: true,
    ratings: 1,
  });
});

it('believes neither another key nor the other suite', async () => {
  const journal = createDeviceJournal({ deviceId: 'national-2', signer: await nationalSigner() });
  await register(journal.registration());
  for (const signer of [await nationalSigner(), newSigner()])
    expect(await p.upload(journal, journal.entries, { signer })).toMatchObject({
      status: 401,
      body: { error: 'badSignature' },
    });
  expect(await heldSeqs(p.db, journal)).toEqual([]);
});

it('registers a key only under its own suite', async () => {
  const national = createDeviceJournal({ deviceId: 'national-3', signer: await nationalSigner() });
  const usual = createDeviceJournal({ deviceId: 'national-4' });
  const offCurve = Buffer.alloc(65, 4).toString('base64');
  for (const wrong of [
    { ...national.registration(), suite: 'ed25519-sha256' },
    { ...usual.registration(), suite: 'sm2-sm3' },
    { ...national.registration(), publicKey: offCurve },
    { ...national.registration(), suite: 'sm9' },
  ])
    expect((await register(wrong)).statusCode).toBeGreaterThanOrEqual(400);
  expect((await register(national.registration())).statusCode).toBe(201);
  expect((await register(national.registration())).statusCode).toBe(200);
});
