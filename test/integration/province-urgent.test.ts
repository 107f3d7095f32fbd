import { describe, expect, it } from 'vitest';
import type { Db } from '../../src/province/db/db.ts';
import { openHelp } from '../../src/province/urgent/help-requests.ts';
import type { Entry } from '../../src/shared/journal/entry.ts';
import { MAX_URGENT_BYTES, URGENT_MEDIA_TYPE, urgentPath } from '../../src/shared/protocol/urgent.ts';
import { type DeviceJournal, newSigner, rateOnce, toEvent } from '../support/device-journal.ts';
import { alarmsOf, heldSeqs, type TestProvince } from '../support/province.ts';
import { provinceForEachTest } from '../support/province-suite.ts';
import { askForHelp, notify as notifyOf, strayHelp, stretchesOf } from '../support/urgent-notices.ts';

let db: Db;
let p: TestProvince;

const notify = (journal: DeviceJournal, body: unknown, wrong?: Parameters<typeof notifyOf>[3]) =>
  notifyOf(p, journal, body, wrong);
const rated = (journal: DeviceJournal, name: string) =>
  rateOnce(journal, { serviceKey: `${journal.deviceId}/${name}`, level: 4 });

const helpOf = (journal: DeviceJournal) =>
  db.query(
    'SELECT seq, level, counter, ticket_number AS ticket FROM help_request WHERE device_id = $1 ORDER BY seq',
    [journal.deviceId],
  );
const announcedOf = (journal: DeviceJournal) =>
  db.query(
    'SELECT seq, confirmed_at_ms IS NOT NULL AS confirmed FROM announced WHERE device_id = $1 ORDER BY seq',
    [journal.deviceId],
  );
const ratingsOf = (journal: DeviceJournal) =>
  db.query('SELECT seq, level FROM rating WHERE device_id = $1 ORDER BY seq', [journal.deviceId]);

describe.each(['pglite', 'postgresql'] as const)('urgent notices on %s', (kind) => {
  provinceForEachTest({ kind }, (parts) => {
    ({ db, p } = parts);
  });

  describe('a request for help that overtakes', () => {
    it('is shown at once and counted only when the journal brings it, once', async () => {
      const journal = await p.device({ counter: '7' });
      for (const name of ['a', 'b', 'c']) rated(journal, name);
      const asked = askForHelp(journal, 'd');
      const help = asked.at(-1);
      const notice = { stretches: stretchesOf(journal, asked) };
      expect(await notify(journal, notice)).toMatchObject({
        status: 200,
        body: { seq: help?.seq, hash: help?.hash, held: false },
      });
      expect(await helpOf(journal)).toEqual([{ seq: help?.seq, level: 1, counter: '3', ticket: 'B007' }]);
      expect(await openHelp(db, Date.now())).toContainEqual(
        expect.objectContaining({ counter: '3', ticketNumber: 'B007' }),
      );
      expect([await heldSeqs(db, journal), await ratingsOf(journal)]).toEqual([[], []]);

      expect(await notify(journal, notice)).toMatchObject({ status: 200, body: { held: false } });
      expect(await helpOf(journal)).toHaveLength(1);

      expect((await p.upload(journal, journal.entries)).status).toBe(200);
      expect(await announcedOf(journal)).toEqual(
        [asked[0], ...asked.slice(2)].map((entry) => ({ seq: entry?.seq, confirmed: true })),
      );
      expect(await ratingsOf(journal)).toHaveLength(4);
      expect(await helpOf(journal)).toHaveLength(1);
      expect(await alarmsOf(db, journal)).toEqual([]);
      expect(await notify(journal, notice)).toMatchObject({ status: 200, body: { held: true } });
      expect(await heldSeqs(db, journal)).toHaveLength(journal.entries.length);
    });

    it('is shown too when the ordinary delivery is the one that brings it', async () => {
      const journal = await p.device();
      const asked = askForHelp(journal, 'a', 5);
      await p.upload(journal, journal.entries.slice(0, 2));
      await p.upload(journal, journal.entries);
      expect(await helpOf(journal)).toEqual([
        { seq: asked.at(-1)?.seq, level: 5, counter: '3', ticket: 'B007' },
      ]);
      const later = await notify(journal, { stretches: stretchesOf(journal, asked) });
      expect(later).toMatchObject({ status: 200, body: { held: true } });
      expect(await announcedOf(journal)).toEqual([]);
    });

    it('is confirmed in parts, as far as the journal has come', async () => {
      const journal = await p.device();
      const asked = askForHelp(journal, 'a');
      await notify(journal, { stretches: stretchesOf(journal, asked) });
      await p.upload(journal, journal.entries.slice(0, 3));
      expect(await announcedOf(journal)).toMatchObject([
        { seq: 2, confirmed: true },
        { confirmed: false },
        { confirmed: false },
        { confirmed: false },
      ]);
      await p.upload(journal, journal.entries);
      expect(await announcedOf(journal)).not.toContainEqual(expect.objectContaining({ confirmed: false }));
    });

    it('reaches the live page without its level', async () => {
      const journal = await p.device({ hall: '甲大厅' });
      await notify(journal, { stretches: stretchesOf(journal, askForHelp(journal, 'a')) });
      const url = await p.province.start({ host: '127.0.0.1', port: 0 });
      const page = await fetch(`${url}/live`);
      const reader = page.body?.getReader();
      let text = '';
      while (reader && !text.includes('"help":')) text += Buffer.from((await reader.read()).value ?? []);
      await reader?.cancel();
      const [, state] = /event: state\ndata: (.*)\n/.exec(text) ?? [];
      const { help } = JSON.parse(state ?? '{}') as { help: readonly { hall: string }[] };
      const mine = help.find((one) => one.hall === '甲大厅');
      expect(mine).toEqual({
        hall: '甲大厅',
        counter: '3',
        ticketNumber: 'B007',
        sinceMs: expect.any(Number),
      });
    });
  });

  describe('a notice that is not what it says', () => {
    it('believes no request of another key, for another device or without a signature', async () => {
      const journal = await p.device();
      const other = await p.device();
      const notice = { stretches: stretchesOf(journal, askForHelp(journal, 'a')) };
      expect((await notify(journal, notice, { signer: newSigner() })).status).toBe(401);
      expect((await notify(journal, notice, { path: urgentPath(other.deviceId) })).status).toBe(401);
      expect((await notify(journal, notice, { path: urgentPath('nobody') })).status).toBe(404);
      const bare = await p.province.app.inject({
        method: 'POST',
        url: urgentPath(journal.deviceId),
        headers: { 'content-type': URGENT_MEDIA_TYPE },
        payload: JSON.stringify(notice),
      });
      expect(bare.statusCode).toBe(401);
      expect(await helpOf(journal)).toEqual([]);
    });

    it('believes no entry of another device, and none that was changed', async () => {
      const journal = await p.device();
      const other = await p.device();
      const foreign = { stretches: stretchesOf(other, askForHelp(other, 'a')) };
      expect(await notify(journal, foreign)).toMatchObject({ status: 422, body: { error: 'malformed' } });
      const asked = askForHelp(journal, 'b', 4);
      const bent = JSON.parse(JSON.stringify(stretchesOf(journal, asked)).replace('"level":4', '"level":1'));
      expect((await notify(journal, { stretches: bent })).status).toBe(422);
      const [opened, rest] = stretchesOf(journal, asked);
      const moved = { ...rest, prev: 'ab'.repeat(32) };
      expect((await notify(journal, { stretches: [opened, moved] })).status).toBe(422);
      expect((await alarmsOf(db, journal)).map(({ kind }) => kind)).toEqual([
        'urgentUnproven',
        'urgentUnproven',
      ]);
      expect([await helpOf(journal), await announcedOf(journal)]).toEqual([[], []]);
    });

    it('takes no notice without a rating, and no request of another invitation', async () => {
      const journal = await p.device();
      const asked = askForHelp(journal, 'a');
      const alone = asked.slice(-1);
      const run = (entries: readonly Entry[]) => ({
        prev: entries[0]?.prev ?? '',
        events: entries.map((entry) => toEvent(journal.deviceId, entry)),
      });
      expect((await notify(journal, { stretches: [run(alone)] })).status).toBe(422);
      expect((await notify(journal, { stretches: [run(asked.slice(2, 4))] })).status).toBe(422);
      const stray = strayHelp(journal, `${journal.deviceId}/a`);
      expect((await notify(journal, { stretches: [run(asked.slice(2, 4)), run(stray)] })).status).toBe(422);
      expect((await notify(journal, { stretches: [run(stray), run(asked.slice(2))] })).status).toBe(422);
      expect(await helpOf(journal)).toEqual([]);
    });

    it('takes no notice that is too long, too large or no notice', async () => {
      const journal = await p.device();
      for (let i = 0; i < 8; i++) rated(journal, `n${i}`);
      const asked = askForHelp(journal, 'a');
      const all = journal.entries.slice(1);
      expect(all.length).toBeGreaterThan(32);
      const events = all.map((entry) => toEvent(journal.deviceId, entry));
      const prev = journal.entries[0]?.hash ?? '';
      expect((await notify(journal, { stretches: [{ prev, events }] })).status).toBe(422);
      const halves = [
        { prev, events: events.slice(0, 16) },
        { prev: journal.entries[16]?.hash ?? '', events: events.slice(16) },
      ];
      expect((await notify(journal, { stretches: halves })).status).toBe(422);
      for (const body of [[], { stretches: [] }, { stretches: [{ prev, events: [7] }] }, 'help'])
        expect((await notify(journal, body)).status).toBe(422);
      const fat = { stretches: stretchesOf(journal, asked), more: 'x'.repeat(MAX_URGENT_BYTES) };
      expect((await notify(journal, fat)).status).toBe(413);
      expect((await notify(journal, null, { raw: Buffer.from('{"stretches"') })).status).toBe(422);
      expect(await helpOf(journal)).toEqual([]);
    });

    it('a revoked device asks in vain', async () => {
      const journal = await p.device();
      const asked = askForHelp(journal, 'a');
      await db.query("UPDATE device SET state = 'revoked' WHERE id = $1", [journal.deviceId]);
      expect((await notify(journal, { stretches: stretchesOf(journal, asked) })).status).toBe(403);
      expect(await helpOf(journal)).toEqual([]);
    });

    it('a device cannot fill the table ahead of its journal', async () => {
      const journal = await p.device();
      let last = 0;
      for (let i = 0; i < 60 && last !== 503; i++)
        last = (await notify(journal, { stretches: stretchesOf(journal, askForHelp(journal, `h${i}`)) }))
          .status;
      expect(last).toBe(503);
      expect((await announcedOf(journal)).length).toBeLessThanOrEqual(200);
      // Of a link that is held for longer, what came within the hour counts.
      for (const table of ['announced', 'help_request'])
        await db.query(`UPDATE ${table} SET received_at_ms = received_at_ms - 3600000 WHERE device_id = $1`, [
          journal.deviceId,
        ]);
      const asked = askForHelp(journal, 'later');
      expect((await notify(journal, { stretches: stretchesOf(journal, asked) })).status).toBe(200);
      expect(await helpOf(journal)).toContainEqual(expect.objectContaining({ seq: asked.at(-1)?.seq }));
    });

    it('requests that the journal has brought are not ahead of it', async () => {
      const journal = await p.device();
      for (let i = 0; i < 210; i++) askForHelp(journal, `old${i}`);
      for (let sent = 0; sent < journal.entries.length; ) {
        const signed = journal.entries.findLastIndex(({ sig }, at) => sig !== null && at < sent + 480);
        expect(await p.upload(journal, journal.entries.slice(sent, signed + 1))).toMatchObject({
          status: 200,
        });
        sent = signed + 1;
      }
      expect((await helpOf(journal)).length).toBe(210);
      const asked = askForHelp(journal, 'now');
      expect((await notify(journal, { stretches: stretchesOf(journal, asked) })).status).toBe(200);
      expect(await helpOf(journal)).toContainEqual(expect.objectContaining({ seq: asked.at(-1)?.seq }));
    });
  });

  describe('two histories', () => {
    it('another entry than the ledger has is a fork', async () => {
      const journal = await p.device();
      const copy = journal.copy();
      rated(journal, 'a');
      await p.upload(journal, journal.entries);
      const asked = askForHelp(copy, 'b');
      expect(await notify(copy, { stretches: stretchesOf(copy, asked) })).toMatchObject({
        status: 409,
        body: { error: 'fork', seq: 2 },
      });
      expect(await alarmsOf(db, journal)).toEqual([{ kind: 'fork', seq: 2, times: 1 }]);
      expect(await helpOf(journal)).toEqual([]);
    });

    it('another hash before the first entry is a fork too', async () => {
      const journal = await p.device();
      const copy = journal.copy();
      rated(journal, 'a');
      await p.upload(journal, journal.entries);
      rated(copy, 'x');
      const asked = askForHelp(copy, 'b');
      expect(await notify(copy, { stretches: stretchesOf(copy, asked) })).toMatchObject({ status: 409 });
    });

    it('another entry than was announced: alarm, and what the journal brings is taken', async () => {
      const journal = await p.device();
      const copy = journal.copy();
      const asked = askForHelp(copy, 'a');
      expect((await notify(copy, { stretches: stretchesOf(copy, asked) })).status).toBe(200);
      rated(journal, 'b');
      expect((await p.upload(journal, journal.entries)).status).toBe(200);
      expect((await alarmsOf(db, journal)).map(({ kind, seq }) => [kind, seq])).toEqual([
        ['fork', 2],
        ['fork', 4],
        ['fork', 5],
      ]);
    });
  });
});
