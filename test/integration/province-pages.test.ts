import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Db } from '../../src/province/db/db.ts';
import { receiptCode } from '../../src/shared/journal/receipt.ts';
import { createDeviceJournal, type DeviceJournal, rateOnce } from '../support/device-journal.ts';
import { ADMIN, alarmsOf, type TestProvince } from '../support/province.ts';
import { provinceForEachTest } from '../support/province-suite.ts';

let db: Db;
let p: TestProvince;
let url: string;

provinceForEachTest({ liveClients: 2, liveGatherMs: 5, receiptBurst: 8 }, (parts) => {
  ({ db, p } = parts);
});
beforeEach(async () => {
  url = await p.province.start({ host: '127.0.0.1', port: 0 });
});

interface LiveEvent {
  readonly event: string;
  readonly id: string;
  readonly data: string;
}

/** Keeps every server-sent event, and waits for one that satisfies. */
class LivePage {
  readonly events: LiveEvent[] = [];
  readonly response: IncomingMessage;
  #text = '';

  constructor(response: IncomingMessage) {
    this.response = response.setEncoding('utf8').on('data', (chunk: string) => this.#read(chunk));
  }

  static async open(headers: Record<string, string> = {}): Promise<LivePage> {
    const [response] = (await once(get(`${url}/live`, { headers }), 'response')) as [IncomingMessage];
    return new LivePage(response);
  }

  async until(wanted: (event: LiveEvent) => boolean): Promise<LiveEvent> {
    for (;;) {
      const found = this.events.find(wanted);
      if (found) return found;
      await once(this.response, 'data');
    }
  }

  #read(chunk: string) {
    this.#text += chunk;
    const blocks = this.#text.split('\n\n');
    this.#text = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
      if (field('event')) this.events.push({ event: field('event'), id: field('id'), data: field('data') });
    }
  }

  close() {
    this.response.destroy();
  }
}

const rate = async (journal: DeviceJournal, from: number, level: 1 | 2 | 3 | 4 | 5, count = 1) => {
  const before = journal.entries.length;
  for (let i = 0; i < count; i++)
    rateOnce(journal, { serviceKey: `${journal.deviceId}-${from + i}`, level, ticketNumber: `T${from + i}` });
  const answer = await p.upload(journal, before === 1 ? journal.entries : journal.entries.slice(before));
  expect(answer.status).toBe(200);
};

describe('the live page', () => {
  it('hears of a rating as it arrives, without its level and without the clerk', async () => {
    const journal = await p.device();
    const page = await LivePage.open();
    await page.until(({ event }) => event === 'state');
    await rate(journal, 1, 1);
    const arrived = await page.until(({ event, data }) => event === 'arrivals' && data.includes('T1'));
    const { items } = JSON.parse(arrived.data);
    expect(Object.keys(items.at(-1)).sort()).toEqual(
      ['arrival', 'counter', 'hall', 'receivedAtMs', 'seq', 'settledAtMs', 'ticketNumber'].sort(),
    );
    const state = await page.until(({ event, data }) => event === 'state' && data.includes('"headSeq":5'));
    expect(JSON.parse(state.data).devices).toContainEqual(
      expect.objectContaining({ deviceId: journal.deviceId, headSeq: 5, missingToSeq: null }),
    );
    for (const { data } of page.events) expect(data).not.toMatch(/"level"|0107|王敏/);
    page.close();
  });

  it('publishes counts of levels only by whole groups, so that no arrival moves them alone', async () => {
    const journal = await p.device({ hall: '分组大厅' });
    const page = await LivePage.open();
    // All that is said of a hall's ratings once everything there is has come: no number of another moment.
    const tally = async () => {
      const { data } = await page.until(({ event, data }) => {
        if (event !== 'state') return false;
        const { devices } = JSON.parse(data) as { devices: { deviceId: string; headSeq: number }[] };
        const head = devices.find(({ deviceId }) => deviceId === journal.deviceId)?.headSeq;
        return head === journal.entries.length;
      });
      const { tallies } = JSON.parse(data) as { tallies: { hall: string }[] };
      return tallies.find(({ hall }) => hall === '分组大厅');
    };
    const none = { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0 };
    const base = { hall: '分组大厅', uncounted: 0 };
    await rate(journal, 1, 5, 4);
    expect(await tally()).toEqual({ ...base, published: 0, counts: none });
    await rate(journal, 5, 1, 2);
    expect(await tally()).toEqual({ ...base, published: 6, counts: { ...none, 5: 4, 1: 2 } });
    await rate(journal, 7, 2, 3);
    expect(await tally()).toEqual({ ...base, published: 6, counts: { ...none, 5: 4, 1: 2 } });
    await rate(journal, 10, 2, 2);
    expect(await tally()).toEqual({ ...base, published: 11, counts: { ...none, 5: 4, 1: 2, 2: 5 } });
    page.close();
  });

  it('goes on where a page left off', async () => {
    const journal = await p.device();
    const page = await LivePage.open();
    await rate(journal, 100, 4);
    const { id } = await page.until(({ event, data }) => event === 'arrivals' && data.includes('T100'));
    page.close();
    await rate(journal, 101, 4);
    const again = await LivePage.open({ 'last-event-id': id });
    const { data } = await again.until(({ event }) => event === 'arrivals');
    expect(JSON.parse(data).items.map((item: { ticketNumber: string }) => item.ticketNumber)).toEqual([
      'T101',
    ]);
    again.close();
  });

  it('serves as many pages as it may and tells the next one so', async () => {
    const pages = [await LivePage.open(), await LivePage.open()];
    for (const page of pages) await page.until(({ event }) => event === 'state');
    expect((await fetch(`${url}/live`)).status).toBe(503);
    for (const page of pages) page.close();
  });

  it('ends its pages when the province stops', async () => {
    const page = await LivePage.open();
    await page.until(({ event }) => event === 'state');
    const ended = once(page.response, 'close');
    page.response.resume();
    await p.stop();
    await ended;
  });

  it('loads nothing from elsewhere and may not be framed', async () => {
    const reply = await fetch(`${url}/`);
    expect(reply.headers.get('content-security-policy')).toMatch(
      /default-src 'none'.*frame-ancestors 'none'/,
    );
    const html = await reply.text();
    expect(html).not.toMatch(/https?:|<style|style=|onclick/);
    for (const file of html.match(/\/pages\/[a-z.]+/g) ?? [])
      expect((await fetch(url + file)).status).toBe(200);
    expect((await fetch(`${url}/pages/..%2fserver.ts`)).status).toBe(404);
  });
});

describe('a receipt', () => {
  const settled = (journal: DeviceJournal) =>
    receiptCode(journal.entries.find((entry) => entry.kind === 'rating.settled')?.hash ?? '');
  const look = async (code: string, language = 'zh-CN') => {
    const reply = await fetch(`${url}/r/${code}`, { headers: { 'accept-language': language } });
    return { status: reply.status, text: await reply.text() };
  };

  it('proves a rating that arrived, in two languages, without its level', async () => {
    const journal = await p.device({ hall: '回执大厅' });
    await rate(journal, 200, 1);
    const page = await look(settled(journal).toLowerCase());
    expect(page.status).toBe(200);
    for (const text of ['已冻结', '未改动', '已送达', '回执大厅']) expect(page.text).toContain(text);
    expect(page.text).not.toMatch(/满意|王敏|0107/);
    expect((await look(settled(journal), 'en')).text).toContain('Delivered');
  });

  it('says honestly that a rating has not come yet', async () => {
    const offline = createDeviceJournal({ deviceId: 'offline-1' });
    rateOnce(offline, { serviceKey: 'offline-1', level: 5 });
    const page = await look(settled(offline));
    expect(page.status).toBe(404);
    expect(page.text).toContain('网络恢复后会自动送达');
    expect((await look('nonsense')).text).toContain('回执码不完整');
  });

  it('of a second rating says that it is kept and does not count', async () => {
    const [first, second] = [await p.device(), await p.device()];
    rateOnce(first, { serviceKey: 'twice-1', level: 5 });
    rateOnce(second, { serviceKey: 'twice-1', level: 1 });
    for (const journal of [first, second]) await p.upload(journal, journal.entries);
    expect((await look(settled(second))).text).toContain('不重复计入');
    expect((await look(settled(first))).text).not.toContain('不重复计入');
  });

  it('claims nothing when the ledger was bent behind its back, and raises an alarm', async () => {
    const journal = await p.device();
    await rate(journal, 300, 2);
    await db.script('ALTER TABLE ledger DISABLE TRIGGER ledger_frozen');
    await db.query(`UPDATE ledger SET body = replace(body, '"level":2', '"level":5') WHERE device_id = $1`, [
      journal.deviceId,
    ]);
    await db.script('ALTER TABLE ledger ENABLE TRIGGER ledger_frozen');
    expect((await look(settled(journal))).text).toContain('核对未通过');
    expect(await alarmsOf(db, journal)).toMatchObject([{ kind: 'ledgerChanged', seq: 4 }]);
  });

  it('cannot be guessed at speed', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 9; i++) statuses.push((await look('0000-0000-0000')).status);
    expect(statuses).toEqual([404, 404, 404, 404, 404, 404, 404, 404, 429]);
  });
});

describe('the administrator', () => {
  const admin = (
    method: 'GET' | 'POST',
    path: string,
    payload?: object,
    headers: Record<string, string> = ADMIN,
  ) => p.province.app.inject({ method, url: path, headers, ...(payload ? { payload } : {}) });

  it('needs the token', async () => {
    for (const [method, path] of [
      ['GET', '/v1/devices'],
      ['POST', '/v1/devices'],
      ['GET', '/v1/entries?device=demo-1'],
      ['POST', '/v1/devices/demo-1/revoke'],
    ] as const) {
      expect((await admin(method, path, undefined, {})).statusCode).toBe(401);
      expect((await admin(method, path, undefined, { authorization: 'Bearer wrong' })).statusCode).toBe(401);
    }
  });

  it('registers a device once, again without effect, and never with another key', async () => {
    const one = createDeviceJournal({ deviceId: 'admin-1' });
    const other = createDeviceJournal({ deviceId: 'admin-1' });
    expect((await admin('POST', '/v1/devices', one.registration())).statusCode).toBe(201);
    expect((await admin('POST', '/v1/devices', one.registration())).statusCode).toBe(200);
    const refused = await admin('POST', '/v1/devices', other.registration());
    expect(refused.statusCode).toBe(409);
    expect(refused.json().message).toMatch(/another key.*new id/);
  });

  it('is told what is wrong with a registration', async () => {
    const good = createDeviceJournal({ deviceId: 'admin-2' }).registration();
    for (const wrong of [
      { ...good, deviceId: 'a b' },
      { ...good, publicKey: 'AAAA' },
      { ...good, hall: '' },
      {},
    ]) {
      const reply = await admin('POST', '/v1/devices', wrong);
      expect(reply.statusCode).toBe(422);
      expect(reply.json().message.length).toBeGreaterThan(20);
    }
  });

  it('sees health without a token', async () => {
    expect((await admin('GET', '/healthz', undefined, {})).json()).toMatchObject({ ok: true });
  });
});
