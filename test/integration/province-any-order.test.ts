import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../src/shared/journal/entry.ts';
import { type DeviceJournal, rateOnce } from '../support/device-journal.ts';
import type { TestProvince } from '../support/province.ts';
import { provinceForSuite } from '../support/province-for-suite.ts';

/** What one citizen's rating is about, and where the journal is cut into batches. */
const service = fc.record({
  key: fc.integer({ min: 1, max: 6 }),
  level: fc.constantFrom(1, 2, 3, 4, 5),
  codes: fc.constantFrom<readonly string[]>([], ['207'], ['208', '214']),
});
const plan = fc.record({
  services: fc.array(service, { minLength: 2, maxLength: 10 }),
  /** Batches as parts of the journal: anywhere, in any order, again and again. */
  tries: fc.array(fc.record({ from: fc.nat(40), length: fc.integer({ min: 1, max: 40 }) }), {
    minLength: 3,
    maxLength: 9,
  }),
});

/**
 * However a journal comes – at once, commit by commit, parts again, parts that overlap, parts ahead of what is held, parts of
 * another history, all small or large enough for a thread – what is held of it is the same.
 */
describe.each([
  ['pglite', 10],
  ['postgresql', 10],
] as const)('the province on %s', (kind, numRuns) => {
  let p: TestProvince;
  let made = 0;

  provinceForSuite(kind, (started) => {
    p = started;
  });

  it('holds the same of a journal in whichever pieces it came', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(plan, async ({ services, tries }) => {
        made++;
        const [plain, tangled] = [await p.device(), await p.device()];
        for (const [journal, place] of [
          [plain, 'plain'],
          [tangled, 'tangled'],
        ] as const)
          for (const { key, level, codes } of services)
            rateOnce(journal, { serviceKey: `${kind}/${made}/${place}/${key}`, level, codes });

        for (const commit of commitsOf(plain)) expect((await p.upload(plain, commit)).status).toBe(200);

        const other = tangled.copy();
        rateOnce(tangled, { serviceKey: `${kind}/${made}/tangled/last`, level: 5 });
        rateOnce(plain, { serviceKey: `${kind}/${made}/plain/last`, level: 5 });
        rateOnce(other, { serviceKey: `${kind}/${made}/tangled/other`, level: 1 });
        expect((await p.upload(plain, plain.entries)).status).toBe(200);
        for (const { from, length } of tries) {
          const entries = partOf(tangled, from, length);
          if (entries.length === 0) continue;
          const held = await headOf(tangled);
          const answer = await p.upload(tangled, entries);
          expect(answer.status).toBe(Number(entries[0]?.seq) > held + 1 ? 409 : 200);
        }
        expect((await p.upload(tangled, tangled.entries)).status).toBe(200);
        expect((await p.upload(tangled, other.entries)).body).toMatchObject({ error: 'fork' });
        expect(await heldOf(tangled)).toEqual(await heldOf(plain));
        await expectsLedger(tangled);
        await expectsLedger(plain);
      }),
      { numRuns },
    );
  });

  it('keeps nothing of a batch that the ledger refuses, and goes on with the others', async () => {
    const [journal, other] = [await p.device(), await p.device()];
    rateOnce(journal, { serviceKey: `${kind}/refused`, level: 5 });
    expect((await p.upload(journal, journal.entries.slice(0, 1))).status).toBe(200);
    // An entry that nobody sent, as a hand in the database might leave it.
    await p.db.query(
      `INSERT INTO ledger (device_id, seq, id, kind, at_ms, boot, mono_ms, body, hash, received_at_ms)
       SELECT device_id, 4, id, kind, at_ms, boot, mono_ms, body, hash, received_at_ms FROM ledger WHERE device_id = $1`,
      [journal.deviceId],
    );
    for (let n = 0; n < 3; n++) {
      expect((await p.upload(journal, journal.entries)).body).toMatchObject({ error: 'internal' });
      rateOnce(other, { serviceKey: `${kind}/others/${n}`, level: 4 });
      expect((await p.upload(other, other.entries)).status).toBe(200);
    }
    expect(await headOf(journal)).toBe(1);
    expect((await heldOf(journal)).ledger).toHaveLength(2);
    expect((await heldOf(journal)).ratings).toEqual([]);
    await expectsLedger(other);
  });

  async function headOf(journal: DeviceJournal): Promise<number> {
    const [row] = await p.db.query<{ head: number }>('SELECT head_seq AS head FROM device WHERE id = $1', [
      journal.deviceId,
    ]);
    return row?.head ?? 0;
  }

  /** Everything but times of receipt, and with what two journals cannot share by its place. */
  async function heldOf(journal: DeviceJournal) {
    const id = [journal.deviceId];
    return {
      ledger: await p.db.query(
        'SELECT seq, kind, boot, mono_ms FROM ledger WHERE device_id = $1 ORDER BY seq',
        id,
      ),
      invitations: await p.db.query(
        `SELECT l.seq, i.counter, i.ticket_number, i.clerk_number, i.codes, split_part(i.service_key, '/', 4) AS service
         FROM invitation i JOIN ledger l ON l.device_id = i.device_id AND l.kind = 'invitation.opened'
           AND l.body::json ->> 'invitation' = i.invitation
         WHERE i.device_id = $1 ORDER BY l.seq`,
        id,
      ),
      ratings: await p.db.query(
        `SELECT seq, level, codes, hall, counter, ticket_number, clerk_number, split_part(service_key, '/', 4) AS service
         FROM rating WHERE device_id = $1 ORDER BY seq`,
        id,
      ),
      secondRatings: await p.db.query(
        `SELECT seq, times FROM alarm WHERE device_id = $1 AND kind = 'secondRating' ORDER BY seq`,
        id,
      ),
    };
  }

  async function expectsLedger(journal: DeviceJournal): Promise<void> {
    const rows = await p.db.query(
      `SELECT seq, id, kind, at_ms AS at, boot, mono_ms AS mono, body::json AS body, encode(hash, 'hex') AS hash, sig
       FROM ledger WHERE device_id = $1 ORDER BY seq`,
      [journal.deviceId],
    );
    expect(rows).toEqual(journal.entries.map(({ prev: _, ...entry }) => entry));
  }
});

function commitsOf({ entries }: DeviceJournal): readonly (readonly Entry[])[] {
  const commits: Entry[][] = [[]];
  for (const entry of entries) {
    commits.at(-1)?.push(entry);
    if (entry.sig !== null) commits.push([]);
  }
  return commits.filter((commit) => commit.length > 0);
}

/** Entries from about there on, up to the end of a commit. */
function partOf({ entries }: DeviceJournal, from: number, length: number): readonly Entry[] {
  const start = from % entries.length;
  const end = entries.findIndex(
    (entry, at) => at >= Math.min(start + length, entries.length) - 1 && entry.sig !== null,
  );
  return entries.slice(start, end + 1);
}
