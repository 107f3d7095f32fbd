import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Db } from '../../src/province/db/db.ts';
import { rateOnce, uploadRequest } from '../support/device-journal.ts';
import { openTestDb, startTestProvince, type TestProvince } from '../support/province.ts';
import { until } from '../support/until.ts';

let db: Db;
let close: () => Promise<void>;
let p: TestProvince;
let url: URL;

beforeAll(async () => {
  ({ db, close } = await openTestDb('pglite'));
});
afterAll(() => close());
beforeEach(async () => {
  p = await startTestProvince(db, { readingThreads: 0 });
  url = new URL(await p.province.start({ host: '127.0.0.1', port: 0 }));
});
afterEach(() => p.stop());

it.each(['end', 'reset'] as const)(
  'an upload that the tablet breaks off (%s) is no fault of the database',
  async (how) => {
    const journal = await p.device();
    rateOnce(journal, { serviceKey: `${journal.deviceId}/a`, level: 4 });
    const { url: path, headers, payload } = uploadRequest(journal, journal.entries);
    const begun = new Promise((resolve) => p.province.app.server.once('request', resolve));
    const socket = connect(Number(url.port), url.hostname);
    socket.on('error', () => {});
    const lines = Object.entries({ ...headers, host: url.host, 'content-length': payload.length });
    socket.write(`POST ${path} HTTP/1.1\r\n${lines.map((line) => line.join(': ')).join('\r\n')}\r\n\r\n`);
    socket.write(payload.subarray(0, 50));
    await begun;
    if (how === 'end') socket.end();
    else socket.resetAndDestroy();
    await until(() => expect(p.logged.join('\n')).toContain('broken off'));
    expect(p.logged.join('\n')).not.toMatch(/database is not there|a request failed/);
    expect((await p.upload(journal, journal.entries)).status).toBe(200);
  },
);
