import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { entryHash } from '../../src/shared/journal/chain.ts';
import { AckSchema, MAX_BATCH_BYTES, RefusalSchema } from '../../src/shared/protocol/batch.ts';
import { createDeviceJournal, newSigner, rateOnce, uploadRequest } from '../support/device-journal.ts';
import { ADMIN, alarmsOf, heldSeqs, startTestProvince, type TestProvince } from '../support/province.ts';
import { provinceForSuite } from '../support/province-for-suite.ts';

const seqs = (length: number, from = 1) => Array.from({ length }, (_, index) => from + index);

describe.each(['pglite', 'postgresql'] as const)('the province on %s', (kind) => {
  let p: TestProvince;

  provinceForSuite(kind, (started) => {
    p = started;
  });

  const refused = (answer: { status: number; body: unknown }, status: number, error: string) => {
    const refusal = RefusalSchema.parse(answer.body);
    expect({ status: answer.status, error: refusal.error }).toEqual({ status, error });
    expect(refusal.message).toMatch(/^[A-Z].*\.$/);
    return refusal;
  };

  it('freezes a journal entry by entry and acknowledges it', async () => {
    const journal = await p.device();
    rateOnce(journal, { serviceKey: `${kind}-happy-1`, level: 5, ticketNumber: 'A007', codes: ['510'] });
    const answer = await p.upload(journal, journal.entries);
    expect(answer.status).toBe(200);
    expect(AckSchema.parse(answer.body)).toMatchObject({ ackedSeq: 6 });
    const held = await p.province.app.inject({
      url: `/v1/entries?device=${journal.deviceId}&afterSeq=0`,
      headers: ADMIN,
    });
    expect(
      held
        .json<{ entries: { seq: number; hash: string; body: unknown; sig: string | null }[] }>()
        .entries.map(({ seq, hash, body, sig }) => ({ seq, hash, body, sig })),
    ).toEqual(journal.entries.map(({ seq, hash, body, sig }) => ({ seq, hash, body, sig })));
    const [rating] = await p.db.query('SELECT * FROM rating WHERE device_id = $1', [journal.deviceId]);
    expect(rating).toMatchObject({
      level: 5,
      codes: '510',
      counter: '3',
      ticket_number: 'A007',
      clerk_number: '0107',
      hall: '示范大厅',
    });
  });

  it('takes a rating whose entries come one batch at a time, reasons and all', async () => {
    const journal = await p.device();
    rateOnce(journal, { serviceKey: `${kind}-slow-1`, level: 2, ticketNumber: 'C9', codes: ['207', '214'] });
    const commits = [journal.entries.slice(0, 1), journal.entries.slice(1, 2), journal.entries.slice(2, 3)];
    for (const commit of [...commits, journal.entries.slice(3)])
      expect((await p.upload(journal, commit)).status).toBe(200);
    const rows = await p.db.query('SELECT level, codes, ticket_number FROM rating WHERE device_id = $1', [
      journal.deviceId,
    ]);
    expect(rows).toEqual([{ level: 2, codes: '207,214', ticket_number: 'C9' }]);
  });

  it('keeps each entry once through replays and overlaps', async () => {
    const journal = await p.device();
    rateOnce(journal, { serviceKey: `${kind}-replay-1`, level: 4 });
    const first = uploadRequest(journal, journal.entries);
    for (let i = 0; i < 3; i++) {
      const reply = await p.province.app.inject({ method: 'POST', ...first });
      expect(reply.json()).toMatchObject({ ackedSeq: 5 });
    }
    rateOnce(journal, { serviceKey: `${kind}-replay-2`, level: 4 });
    expect((await p.upload(journal, journal.entries.slice(2))).body).toMatchObject({ ackedSeq: 9 });
    // An older stretch again acknowledges what was sent and no more.
    expect((await p.upload(journal, journal.entries.slice(2, 5))).body).toMatchObject({ ackedSeq: 5 });
    expect(await heldSeqs(p.db, journal)).toEqual(seqs(9));
    expect(await alarmsOf(p.db, journal)).toEqual([]);
  });

  it('names the place to go on from when entries are missing, and forgets the gap once it is filled', async () => {
    const journal = await p.device();
    rateOnce(journal, { serviceKey: `${kind}-gap-1`, level: 3 });
    await p.upload(journal, journal.entries.slice(0, 2));
    const answer = await p.upload(journal, journal.entries.slice(4));
    expect(refused(answer, 409, 'gap').expectedSeq).toBe(3);
    const missing = async () => {
      const reply = await p.province.app.inject({ url: '/v1/devices', headers: ADMIN });
      return reply
        .json<{ devices: { deviceId: string; missingToSeq: number | null }[] }>()
        .devices.find((device) => device.deviceId === journal.deviceId)?.missingToSeq;
    };
    expect(await missing()).toBe(4);
    await p.upload(journal, journal.entries.slice(2));
    expect(await missing()).toBeNull();
  });

  it('stops a device that brings another history, at the first entry that differs', async () => {
    const journal = await p.device();
    rateOnce(journal, { serviceKey: `${kind}-fork-1`, level: 3 });
    const restored = journal.copy();
    rateOnce(journal, { serviceKey: `${kind}-fork-2`, level: 3 });
    rateOnce(restored, { serviceKey: `${kind}-fork-3`, level: 1 });
    await p.upload(journal, journal.entries);
    const answer = await p.upload(restored, restored.entries);
    expect(refused(answer, 409, 'fork').seq).toBe(6);
    await p.upload(restored, restored.entries);
    expect(await alarmsOf(p.db, journal)).toEqual([{ kind: 'fork', seq: 6, times: 2 }]);
    expect(await heldSeqs(p.db, journal)).toEqual(seqs(9));
  });

  it('stops a journal that does not continue what is held: one body bit changed after signing', async () => {
    const journal = await p.device();
    rateOnce(journal, { serviceKey: `${kind}-bent-1`, level: 1 });
    const answer = await p.upload(journal, journal.entries, {
      edit: (events) =>
        events.map((event) =>
          event.type.endsWith('rating.settled')
            ? { ...event, data: { ...event.data, body: { ...event.data.body, level: 5 } } }
            : event,
        ),
    });
    refused(answer, 409, 'fork');
    expect(await alarmsOf(p.db, journal)).toMatchObject([{ kind: 'brokenChain' }]);
    expect(await heldSeqs(p.db, journal)).toEqual([]);
  });

  it('believes no request that is not signed for this body, this path and this device', async () => {
    const journal = await p.device();
    const good = uploadRequest(journal, journal.entries);
    const bent = Buffer.from(good.payload);
    bent[12] = (bent[12] ?? 0) ^ 1;
    const send = async (request: object) => {
      const reply = await p.province.app.inject({ method: 'POST', ...good, ...request });
      return { status: reply.statusCode, body: reply.json() };
    };
    refused(await send({ payload: bent }), 401, 'badSignature');
    refused(await send({ url: `${good.url}?x=1` }), 401, 'badSignature');
    refused(await p.upload(journal, journal.entries, { signer: newSigner() }), 401, 'badSignature');
    refused(
      await p.upload(journal, journal.entries, { signedPath: '/v1/devices/other/entries' }),
      401,
      'badSignature',
    );
    const other = await p.device();
    refused(await send({ headers: uploadRequest(other, other.entries).headers }), 401, 'badSignature');
    expect(await heldSeqs(p.db, journal)).toEqual([]);
    expect(await alarmsOf(p.db, journal)).toEqual([{ kind: 'badRequestSignature', seq: 0, times: 1 }]);
  });

  it('takes a request from a device whose clock is wrong, and knows by how much', async () => {
    const journal = await p.device();
    const answer = await p.upload(journal, journal.entries, { nowMs: 0 });
    expect(answer.status).toBe(200);
    const [row] = await p.db.query<{ offset: number }>(
      'SELECT clock_offset_ms AS offset FROM device WHERE id = $1',
      [journal.deviceId],
    );
    expect(row?.offset).toBeLessThan(-1_000_000_000_000);
  });

  it('refuses a tail without a signature', async () => {
    const journal = await p.device();
    journal.append([{ kind: 'boot.started', body: { version: '1', counter: '3' } }], { unsigned: true });
    expect(refused(await p.upload(journal, journal.entries), 422, 'malformed').seq).toBe(2);
  });

  it('takes nothing from a revoked device, and nothing from one it does not know', async () => {
    const journal = await p.device();
    await p.upload(journal, journal.entries);
    rateOnce(journal, { serviceKey: `${kind}-revoked-1`, level: 3 });
    await p.province.app.inject({
      method: 'POST',
      url: `/v1/devices/${journal.deviceId}/revoke`,
      headers: ADMIN,
    });
    refused(await p.upload(journal, journal.entries.slice(1)), 403, 'revoked');
    expect(await heldSeqs(p.db, journal)).toEqual([1]);
    const stranger = createDeviceJournal({ deviceId: 'stranger-1' });
    refused(await p.upload(stranger, stranger.entries), 404, 'unknownDevice');
  });

  it('unpacks no bomb and reads no giant', async () => {
    const journal = await p.device();
    const bomb = await p.upload(journal, journal.entries, {
      pack: (json) => gzipSync(json.padEnd(MAX_BATCH_BYTES * 40, ' ')),
    });
    refused(bomb, 413, 'tooLarge');
    const giant = await p.upload(journal, journal.entries, {
      pack: () => Buffer.alloc(MAX_BATCH_BYTES + 1, 7),
    });
    refused(giant, 413, 'tooLarge');
    refused(
      await p.upload(journal, journal.entries, { pack: (json) => Buffer.from(json) }),
      400,
      'malformed',
    );
    const many = await p.upload(journal, journal.entries, {
      edit: (events) => Array.from({ length: 501 }, () => events[0]),
    });
    refused(many, 422, 'malformed');
  });

  it('takes what comes by turns through two servers over one database, each of which thinks it stands elsewhere', async () => {
    const journal = await p.device();
    for (let n = 0; n < 400; n++) rateOnce(journal, { serviceKey: `${kind}-two-${n}`, level: 3 });
    const other = await startTestProvince(p.db);
    try {
      let from = 0;
      for (const [turn, to] of [3, 300, 420, 440, 900, 1_300, journal.entries.length].entries()) {
        const server = turn % 2 === 0 ? p : other;
        const upTo = journal.entries.findIndex(({ seq, sig }) => seq >= to && sig !== null) + 1;
        const answer = await server.upload(journal, journal.entries.slice(Math.max(0, from - 20), upTo));
        expect(answer).toMatchObject({ status: 200, body: { ackedSeq: upTo } });
        from = upTo;
      }
      expect(await heldSeqs(p.db, journal)).toEqual(journal.entries.map(({ seq }) => seq));
      expect(await alarmsOf(p.db, journal)).toEqual([]);
    } finally {
      await other.stop();
    }
  });

  it('takes a backlog of many hundreds, batch after batch', async () => {
    const journal = await p.device();
    for (let i = 0; i < 400; i++) rateOnce(journal, { serviceKey: `${kind}-backlog-${i}`, level: 5 });
    let at = 0;
    while (at < journal.entries.length) {
      let end = Math.min(at + 500, journal.entries.length);
      while (!journal.entries[end - 1]?.sig) end -= 1;
      expect((await p.upload(journal, journal.entries.slice(at, end))).body).toMatchObject({ ackedSeq: end });
      at = end;
    }
    expect(await heldSeqs(p.db, journal)).toEqual(seqs(1601));
    const [count] = await p.db.query('SELECT count(*) AS n FROM rating WHERE device_id = $1', [
      journal.deviceId,
    ]);
    expect(count).toEqual({ n: 400 });
  });

  it('keeps each entry once when the same batch is sent by many at the same time', async () => {
    const journal = await p.device();
    for (let i = 0; i < 20; i++) rateOnce(journal, { serviceKey: `${kind}-race-${i}`, level: 2 });
    const answers = await Promise.all(Array.from({ length: 8 }, () => p.upload(journal, journal.entries)));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    expect(await heldSeqs(p.db, journal)).toEqual(seqs(81));
    expect(await alarmsOf(p.db, journal)).toEqual([]);
  });

  it('counts one rating per service, whichever devices race for it; the others stay in the ledger', async () => {
    const racers = await Promise.all(Array.from({ length: 4 }, () => p.device()));
    const services = Array.from({ length: 30 }, (_, i) => `${kind}-contested-${i}`);
    racers.forEach((journal, place) => {
      // Each in another order: a circle of waiting would show here.
      const order = place % 2 === 0 ? services : [...services].reverse();
      for (const serviceKey of order) rateOnce(journal, { serviceKey, level: place % 2 === 0 ? 5 : 1 });
    });
    const answers = await Promise.all(racers.map((journal) => p.upload(journal, journal.entries)));
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
    const [counted] = await p.db.query<{ n: number }>(
      'SELECT count(*) AS n FROM rating WHERE service_key LIKE $1',
      [`${kind}-contested-%`],
    );
    expect(counted?.n).toBe(30);
    const alarms = (await Promise.all(racers.map((journal) => alarmsOf(p.db, journal)))).flat();
    expect(alarms.filter((alarm) => alarm.kind === 'secondRating')).toHaveLength(90);
    for (const journal of racers) expect(await heldSeqs(p.db, journal)).toHaveLength(121);
  });

  it('lets the first rating of a service stand', async () => {
    const first = await p.device();
    const second = await p.device();
    rateOnce(first, { serviceKey: `${kind}-once`, level: 1 });
    rateOnce(second, { serviceKey: `${kind}-once`, level: 5 });
    await p.upload(first, first.entries);
    await p.upload(second, second.entries);
    const rows = await p.db.query('SELECT device_id, level FROM rating WHERE service_key = $1', [
      `${kind}-once`,
    ]);
    expect(rows).toEqual([{ device_id: first.deviceId, level: 1 }]);
    expect(await alarmsOf(p.db, second)).toMatchObject([{ kind: 'secondRating', seq: 4 }]);
  });

  it('keeps kinds it does not know and bodies it cannot read, and goes on', async () => {
    const journal = await p.device();
    journal.append([{ kind: 'rating.sung', body: { melody: 'c\nd\te "f" \\ ü 评', empty: '' } }]);
    journal.append([{ kind: 'rating.settled', body: { level: 9 } }]);
    rateOnce(journal, { serviceKey: `${kind}-after`, level: 3, counter: '' });
    expect((await p.upload(journal, journal.entries)).status).toBe(200);
    expect(await alarmsOf(p.db, journal)).toMatchObject([{ kind: 'badBody', seq: 3 }]);
    const rows = await p.db.query<{ body: string; hash: string; prev: string }>(
      `SELECT body, encode(hash, 'hex') AS hash FROM ledger WHERE device_id = $1 AND seq = 2`,
      [journal.deviceId],
    );
    const entry = journal.entries[1];
    expect(entry && rows[0] && entryHash(journal.signer.suite, entry.prev, 2, entry, rows[0].body)).toBe(
      rows[0]?.hash,
    );
    const [rating] = await p.db.query('SELECT counter FROM rating WHERE device_id = $1', [journal.deviceId]);
    expect(rating).toEqual({ counter: '' });
  });

  it('lets nobody change or take away what is frozen', async () => {
    for (const sql of [
      `UPDATE ledger SET body = '{}'`,
      'DELETE FROM ledger',
      'TRUNCATE ledger',
      'UPDATE rating SET level = 5',
      'DELETE FROM rating',
      'DELETE FROM device',
    ])
      await expect(p.db.query(sql), sql).rejects.toThrow(/append-only/);
  });

  it('writes nothing of what it was sent into its log', async () => {
    const text = p.logged.join('\n');
    expect(text).not.toBe('');
    for (const secret of [`${kind}-`, 'serviceKey', 'level', 'test-administrator-token', '王敏'])
      expect(text).not.toContain(secret);
  });
});
