import { describe, expect, it } from 'vitest';
import { liveState } from '../../src/province/live/view.ts';
import { receiptCode } from '../../src/shared/journal/receipt.ts';
import type { Service, TokenCheck } from '../../src/shared/words.ts';
import type { ServedTicket } from '../../tools/ticket-token/sign.ts';
import { createDeviceJournal, type DeviceJournal } from '../support/device-journal.ts';
import { ADMIN, alarmsOf, type TestProvince } from '../support/province.ts';
import { provinceForSuite } from '../support/province-for-suite.ts';
import { newTokenSite, serviceOf, type TokenSite, writeOpened, writeRated } from '../support/token-site.ts';

const DATE = new Date().toISOString().slice(0, 10);

describe.each(['pglite', 'postgresql'] as const)('served-ticket tokens at the province on %s', (kind) => {
  let p: TestProvince;
  let halls = 0;

  provinceForSuite(kind, (started) => {
    p = started;
  });

  const setSite = async (site: object) =>
    await p.province.app.inject({ method: 'POST', url: '/v1/sites', headers: ADMIN, payload: site });

  /** A hall of its own with a rule, so that nothing of another test stands in it. */
  async function hall(options: { readonly required?: boolean; readonly algorithm?: 'EdDSA' | 'SM2' } = {}) {
    halls += 1;
    const name = `第${halls}大厅`;
    const site = await newTokenSite({ hallId: `H${halls}`, ...options });
    const set = (required: boolean) =>
      setSite({ hall: name, hallId: site.hallId, requireTicketToken: required, ticketKeys: site.keys });
    expect((await set(options.required ?? true)).statusCode).toBe(201);
    return { name, site, set, device: (counter = '3') => p.device({ hall: name, counter }) };
  }

  const ticket = (number: string, over: Partial<ServedTicket> = {}): ServedTicket => ({
    counter: '3',
    number,
    date: DATE,
    ...over,
  });
  const signed = (site: TokenSite, of: ServedTicket) => serviceOf(site.hallId, of, site.signer.sign(of));

  async function rate(journal: DeviceJournal, service: Service, said?: TokenCheck) {
    const from = journal.entries.length;
    writeRated(journal, writeOpened(journal, service, said));
    expect((await p.upload(journal, journal.entries.slice(from === 1 ? 0 : from))).status).toBe(200);
    const settled = journal.entries.findLast((entry) => entry.kind === 'rating.settled');
    return receiptCode(settled?.hash ?? '');
  }

  const found = async (hallName: string) => ({
    counted: await p.db.query('SELECT ticket_number AS "ticket" FROM rating WHERE hall = $1 ORDER BY seq', [
      hallName,
    ]),
    not: await p.db.query(
      'SELECT ticket_number AS "ticket", reason FROM rating_uncounted WHERE hall = $1 ORDER BY received_at_ms, seq',
      [hallName],
    ),
  });

  it.each(['EdDSA', 'SM2'] as const)(
    'count where %s proves the service, and only there',
    async (algorithm) => {
      const { name, site, device } = await hall({ algorithm });
      const journal = await device();
      await rate(journal, signed(site, ticket('A1')));
      await rate(journal, serviceOf(site.hallId, ticket('A2')));
      const mallory = await newTokenSite({ hallId: site.hallId, algorithm });
      await rate(journal, signed(mallory, ticket('A3')), { result: 'valid', tokenId: 'so-says-the-tablet' });
      await rate(journal, serviceOf(site.hallId, ticket('A4')), { result: 'refused', reason: 'expired' });
      await rate(journal, serviceOf(site.hallId, ticket('A5'), site.signer.sign(ticket('A1'))));
      expect(await found(name)).toEqual({
        counted: [{ ticket: 'A1' }],
        not: [
          { ticket: 'A2', reason: 'absent' },
          { ticket: 'A3', reason: 'forged' },
          { ticket: 'A4', reason: 'expired' },
          { ticket: 'A5', reason: 'otherTicket' },
        ],
      });
      expect((await alarmsOf(p.db, journal)).map((alarm) => alarm.kind)).toEqual([
        'ticketToken',
        'ticketToken',
      ]);
      const state = await liveState(p.db, { nowMs: Date.now(), smallestGroup: 5 });
      expect(state.tallies.find((tally) => tally.hall === name)).toMatchObject({
        published: 0,
        uncounted: 4,
      });
    },
  );

  it('are spent once for the whole site, whichever tablet brings them', async () => {
    const { name, site, device } = await hall();
    const [one, other] = [await device('3'), await device('4')];
    const tokenId = 'given-twice-by-a-fault';
    const at = (number: string, counter: string) => {
      const of = ticket(number, { counter });
      return serviceOf(site.hallId, of, site.signer.sign(of, { tokenId }));
    };
    await rate(one, at('B1', '3'));
    await rate(other, at('B2', '4'));
    // A tablet that stands at 4 brings what was signed for 3.
    await rate(other, signed(site, ticket('B3')));
    expect(await found(name)).toMatchObject({
      counted: [{ ticket: 'B1' }],
      not: [
        { ticket: 'B2', reason: 'replayed' },
        { ticket: 'B3', reason: 'otherCounter' },
      ],
    });
  });

  it('live by the time at which the ticket was served, however late the journal comes', async () => {
    const { name, site, device } = await hall();
    const hourMs = 3_600_000;
    // Its clock is an hour ahead, in its entries and in its request: nothing expires by that.
    const ahead = createDeviceJournal({ deviceId: `ahead-${kind}`, startMs: Date.now() + hourMs });
    const payload = ahead.registration({ hall: name });
    await p.province.app.inject({ method: 'POST', url: '/v1/devices', headers: ADMIN, payload });
    const short = serviceOf(site.hallId, ticket('C1'), site.signer.sign(ticket('C1'), { lifetimeS: 1 }));
    writeRated(ahead, writeOpened(ahead, short));
    const sent = await p.upload(ahead, ahead.entries, { nowMs: Date.now() + hourMs });
    expect(sent.status).toBe(200);
    expect(await found(name)).toMatchObject({ counted: [{ ticket: 'C1' }], not: [] });

    const journal = await device();
    const stale = await newTokenSite({ hallId: site.hallId, nowMs: () => Date.now() - hourMs });
    const early = await newTokenSite({ hallId: site.hallId, nowMs: () => Date.now() + hourMs });
    await setSite({ hall: name, hallId: site.hallId, requireTicketToken: true, ticketKeys: stale.keys });
    await rate(journal, signed(stale, ticket('C2')));
    await setSite({ hall: name, hallId: site.hallId, requireTicketToken: true, ticketKeys: early.keys });
    await rate(journal, signed(early, ticket('C3')));
    expect((await found(name)).not).toEqual([
      { ticket: 'C2', reason: 'expired' },
      { ticket: 'C3', reason: 'notYet' },
    ]);
  });

  it('do not let an invented rating keep out the citizen’s own', async () => {
    const { name, site, device } = await hall();
    const [false_, true_] = [await device(), await device()];
    await rate(false_, serviceOf(site.hallId, ticket('D1')));
    await rate(true_, signed(site, ticket('D1')));
    const rows = await p.db.query('SELECT device_id FROM rating WHERE hall = $1', [name]);
    expect(rows).toEqual([{ device_id: true_.deviceId }]);
    expect((await alarmsOf(p.db, true_)).map((alarm) => alarm.kind)).toEqual([]);
  });

  it('judge a rating by its own invitation, in whichever batch that came', async () => {
    const { name, site, device, set } = await hall({ required: false });
    const journal = await device();
    await rate(journal, serviceOf(site.hallId, ticket('E1')));
    expect(await found(name)).toMatchObject({ counted: [{ ticket: 'E1' }], not: [] });
    await set(true);
    const good = writeOpened(journal, signed(site, ticket('E2')));
    const bare = writeOpened(journal, serviceOf(site.hallId, ticket('E3')));
    await p.upload(journal, journal.entries.slice(-2));
    writeRated(journal, good);
    writeRated(journal, bare);
    // An invitation that nobody opened, and a service that its invitation was not for.
    writeRated(journal, {
      ...bare,
      invitation: writeOpened(await device(), signed(site, ticket('E4'))).invitation,
    });
    writeRated(journal, { ...good, serviceKey: serviceOf(site.hallId, ticket('E5')).serviceKey });
    expect((await p.upload(journal, journal.entries.slice(-12))).status).toBe(200);
    expect(await found(name)).toMatchObject({
      counted: [{ ticket: 'E1' }, { ticket: 'E2' }],
      not: [{ reason: 'absent' }, { reason: 'absent' }, { reason: 'absent' }],
    });
  });

  it('leave a receipt that proves delivery and says why the rating does not count', async () => {
    const { site, device } = await hall();
    const journal = await device();
    const page = async (code: string) =>
      (await p.province.app.inject({ url: `/r/${code}`, headers: { 'accept-language': 'zh-CN' } })).body;
    const bare = await page(await rate(journal, serviceOf(site.hallId, ticket('F1'))));
    expect(bare).toContain('您的评价已送达');
    expect(bare).toContain('不计入统计');
    expect(await page(await rate(journal, signed(site, ticket('F2'))))).not.toContain('不计入统计');
  });

  it('are asked of a site only as its administrator says, and what was judged stays', async () => {
    const key = { id: 'q1', algorithm: 'EdDSA', publicKey: Buffer.alloc(32, 9).toString('base64') };
    const rule = { hall: '规则大厅', hallId: 'R', requireTicketToken: true, ticketKeys: [key] };
    for (const wrong of [
      { ...rule, ticketKeys: [] },
      { ...rule, ticketKeys: [key, key] },
      { ...rule, ticketKeys: [{ ...key, algorithm: 'none' }] },
      { ...rule, hallId: undefined },
    ]) {
      const reply = await setSite(wrong);
      expect({ status: reply.statusCode, error: reply.json().error }).toEqual({
        status: 422,
        error: 'malformed',
      });
    }
    expect((await setSite(rule)).statusCode).toBe(201);
    expect((await setSite({ ...rule, requireTicketToken: false })).statusCode).toBe(200);
    expect(
      (await p.province.app.inject({ method: 'POST', url: '/v1/sites', payload: rule })).statusCode,
    ).toBe(401);
    const listed = await p.province.app.inject({ url: '/v1/sites', headers: ADMIN });
    expect(listed.json().sites).toContainEqual(
      expect.objectContaining({ hall: '规则大厅', requireTicketToken: false, uncounted: 0 }),
    );
    for (const table of ['token_use', 'token_check', 'rating_uncounted'])
      await expect(p.db.query(`DELETE FROM ${table}`)).rejects.toThrow(/append-only/);
  });
});
