import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createChanges } from './changes.ts';
import { faultOfDatabaseError } from './errors.ts';
import { DATABASE_FAULTS, databaseReason } from './reasons.ts';
import { type RowStatus, readViewRows, type ViewRow } from './rows.ts';
import { DatabaseSettingsSchema } from './settings.ts';
import { canWrite, pollStatement } from './sql.ts';

const LEAST = {
  kind: 'database',
  engine: 'postgresql',
  host: '10.0.0.5',
  database: 'queue',
  user: 'yiping',
  passwordFile: 'queue.password',
  view: 'public.counter_tickets',
  columns: { ticketNo: 'no', status: 'state', counter: 'win', updatedAt: 'changed' },
  statuses: { called: ['1'], served: ['2'], skipped: ['-1'], ignored: ['0'] },
};
const settings = DatabaseSettingsSchema.parse(LEAST);

const raw = (fields: object = {}) => ({
  ticketNo: 'A001',
  status: '1',
  counter: '3',
  mark: '1778031015.000001',
  ageMs: '20',
  ...fields,
});
const read = (...rows: unknown[]) => readViewRows(rows, settings, '3');

describe('settings of the database link', () => {
  it('ask for encryption and look twice a second unless told otherwise', () => {
    expect(settings).toMatchObject({ tls: 'required', lookEveryMs: 500, writableAccount: 'warn' });
    expect(settings.lookEveryMs + settings.queryLimitMs).toBeLessThanOrEqual(2000);
  });

  it.each([
    ['a statement in place of a view', { view: 'v; DROP TABLE t' }],
    ['a quotation mark in a name', { view: 'v"w' }],
    ['a backtick in a column', { columns: { ...LEAST.columns, queue: 'a`b' } }],
    ['a database of a database', { view: 'a.b.c' }],
    ['a status that means two things', { statuses: { called: ['1'], served: ['1'] } }],
    ['no word for served', { statuses: { called: ['1'] } }],
    ['a password', { password: 'secret' }],
    ['a look every minute', { lookEveryMs: 60_000 }],
  ])('refuse %s', (_, more) => {
    expect(DatabaseSettingsSchema.safeParse({ ...LEAST, ...more }).success).toBe(false);
  });

  it('take names in Chinese, and quote them', () => {
    const chinese = DatabaseSettingsSchema.parse({ ...LEAST, view: '叫号视图', engine: 'mariadb' });
    expect(pollStatement(chinese)).toContain('FROM `叫号视图` WHERE `win` = ?');
    expect(pollStatement(settings)).toContain('FROM "public"."counter_tickets" WHERE "win" = $1');
  });
});

describe('rows of a view', () => {
  it('come cleaned and oldest first', () => {
    const { rows } = read(
      raw({ ticketNo: ' A002 ', mark: '1778031016.5' }),
      raw({ status: '2', item: '社保\u0000登记', handling: '2', serial: '' }),
    );
    expect(rows.map((row) => row.ticket.ticketNo)).toEqual(['A001', 'A002']);
    expect(rows[0]).toMatchObject({
      status: 'served',
      ticket: { item: '社保 登记', handling: 2, serial: '' },
    });
  });

  it('of one ticket count once, the newest; within one tick the end counts', () => {
    const { rows } = read(
      raw({ status: '2' }),
      raw({ status: '1' }),
      raw({ status: '1', mark: '1778031014.0' }),
    );
    expect(rows.map((row) => row.status)).toEqual(['served']);
  });

  it('within one tick, one ticket ends before the next is called', () => {
    const { rows } = read(raw({ ticketNo: 'A002' }), raw({ status: '2' }));
    expect(rows.map((row) => row.ticket.ticketNo)).toEqual(['A001', 'A002']);
  });

  it.each([
    ['no ticket number', { ticketNo: null }],
    ['an empty one', { ticketNo: '   ' }],
    ['a huge one', { ticketNo: 'A'.repeat(5000) }],
    ['no time', { mark: null }],
    ['no real time', { mark: 'Infinity' }],
    ['an age without bounds', { ageMs: '9'.repeat(40) }],
    ['a handling that is no number', { handling: 'once' }],
    ['bytes', { ticketNo: Buffer.from('A001') }],
  ])('with %s are malformed', (_, more) => {
    expect(read(raw(more))).toMatchObject({ rows: [], malformed: 1 });
  });

  it('of other counters and unknown meaning are counted apart', () => {
    expect(read(raw({ counter: '4' }), raw({ status: '7' }), raw({ status: '0' }))).toMatchObject({
      rows: [],
      elsewhere: 1,
      unknown: 1,
      ignored: 1,
      malformed: 0,
    });
  });

  it('whatever they are, nothing is thrown and no more is taken than was asked for', () => {
    fc.assert(
      fc.property(fc.anything(), (given) => {
        readViewRows(given, settings, '3');
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.constantFrom(...Object.keys(raw())), fc.anything())), (given) => {
        readViewRows(given, settings, '3');
      }),
    );
    const many = Array.from({ length: 900 }, (_, index) => raw({ ticketNo: `A${index}` }));
    expect(read(...many)).toMatchObject({ oversized: true, rows: { length: settings.maxRows } });
  });
});

describe('what happened between two looks', () => {
  let tick = 0;
  const row = (
    ticketNo: string,
    status: RowStatus,
    more: { mark?: string; ageMs?: number } = {},
  ): ViewRow => {
    tick += 1;
    const ticket = read(raw({ ticketNo })).rows[0]?.ticket;
    if (!ticket) throw new Error('the row was not read');
    return { key: ticketNo, status, mark: `17780310${10 + tick}.0`, ageMs: 100, ticket, ...more };
  };
  const begin = (...rows: ViewRow[]) => {
    tick = 0;
    const changes = createChanges({ openForMs: 60_000 });
    changes.look(rows);
    return changes;
  };
  const kinds = (changes: ReturnType<typeof begin>, ...rows: ViewRow[]) => {
    const look = changes.look(rows);
    return look.type === 'changes' ? look.changes.map((one) => `${one.kind} ${one.row.key}`) : look;
  };

  it('a ticket finished and the next called are both told, in order', () => {
    const changes = begin(row('A1', 'called'));
    expect(kinds(changes, row('A1', 'served'), row('A2', 'called'))).toEqual(['served A1', 'called A2']);
  });

  it('the same again is nothing; called again is a recall; written again is a repetition', () => {
    const called = row('A1', 'called');
    const changes = begin(called);
    expect(kinds(changes, called)).toEqual([]);
    expect(kinds(changes, row('A1', 'called'))).toEqual(['recalled A1']);
    expect(kinds(changes, row('A1', 'served'))).toEqual(['served A1']);
    expect(changes.look([row('A1', 'served')])).toMatchObject({ changes: [], repeated: 1 });
  });

  it('called and taken up is one call', () => {
    const changes = begin(row('A1', 'called'));
    expect(kinds(changes, row('A1', 'serving'))).toEqual([]);
    expect(kinds(changes, row('A2', 'serving'))).toEqual(['called A2']);
  });

  it('what comes to light after a later ticket is not acted on: that citizen has left', () => {
    const early = row('A1', 'served');
    const changes = begin(row('A2', 'called'));
    const second = row('A2', 'called');
    changes.look([second]);
    expect(changes.look([{ ...early, mark: '1778031000.0' }, second])).toMatchObject({
      changes: [],
      late: 1,
    });
  });

  it('the open ticket’s row leaves the view: gone; that of a finished one: nothing', () => {
    const changes = begin(row('A1', 'called'));
    expect(changes.look([])).toMatchObject({ gone: true });
    expect(changes.look([])).toMatchObject({ gone: false });
    const finished = begin(row('A1', 'served'));
    expect(finished.look([])).toMatchObject({ gone: false, changes: [] });
  });

  it('a test call beside it comes and goes, and the ticket at the counter stays', () => {
    const mine = row('A1', 'called');
    const test = row('YPTEST0042', 'called');
    const changes = begin(mine);
    changes.look([mine]);
    expect(changes.look([mine, test])).toMatchObject({
      changes: [{ kind: 'called', row: test }],
      gone: false,
    });
    expect(changes.look([mine])).toMatchObject({ changes: [], gone: false });
    // Nor is a row that was left there the present, whether the link comes back or the ticket goes on.
    changes.resume();
    expect(changes.look([mine, test])).toMatchObject({ phase: 'serving', row: mine });
    const finished = row('A1', 'served');
    expect(changes.look([finished, test])).toMatchObject({
      changes: [{ kind: 'served', row: finished }],
      late: 0,
    });
  });

  it('after a loss only how it is now counts, and what ended long ago is not opened', () => {
    const changes = begin(row('A1', 'called'));
    changes.resume();
    expect(changes.look([row('A1', 'served'), row('A2', 'served', { ageMs: 500 })])).toMatchObject({
      type: 'present',
      phase: 'rating',
      row: { key: 'A2' },
    });
    changes.resume();
    expect(changes.look([row('A3', 'served', { ageMs: 61_000 })])).toEqual({
      type: 'present',
      phase: 'idle',
    });
    changes.resume();
    // Known to be finished already: the citizen may still be choosing.
    expect(changes.look([row('A3', 'served', { ageMs: 61_000 })])).toMatchObject({ phase: 'rating' });
  });
});

describe('faults', () => {
  const context = {
    ...settings,
    address: '10.0.0.5:5432',
    counterValue: '3',
    counterColumn: 'win',
    statusColumn: 'state',
    timeColumn: 'changed',
    ticketColumn: 'no',
  };
  it.each(DATABASE_FAULTS)('%s is said in Chinese with a remedy', (fault) => {
    expect(databaseReason(fault, context, 'win')).toMatch(/请|自动重/);
    expect(databaseReason(fault, context, 'win')).not.toMatch(/undefined/);
  });

  it.each([
    [{ code: '28P01' }, 'wrongPassword'],
    [{ code: 'ER_BAD_FIELD_ERROR', errno: 1054 }, 'noColumn'],
    [{ code: 'EPIPE' }, 'closed'],
    [{ code: 'XX000' }, 'queryRefused'],
    [{ code: 'HANDSHAKE_SSL_ERROR', message: 'certificate has expired' }, 'tlsExpired'],
    [{ code: 'PROTOCOL_CONNECTION_LOST' }, 'closed'],
  ])('%j is %s', (error, fault) => {
    expect(faultOfDatabaseError(Object.assign(new Error(), error))).toBe(fault);
  });

  it('knows an account that may write by its grants, whatever tables are called', () => {
    const grants = (line: string) => canWrite('mariadb', [{ grants: line }]);
    expect(grants('GRANT SELECT ON `insert`.`update` TO `r`@`%`')).toBe(false);
    expect(grants("GRANT USAGE ON *.* TO `r`@`%` IDENTIFIED BY PASSWORD '*X'")).toBe(false);
    expect(grants('GRANT SELECT, INSERT ON `q`.* TO `r`@`%`')).toBe(true);
    expect(grants('GRANT ALL PRIVILEGES ON *.* TO `r`@`%`')).toBe(true);
  });
});
