import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SimHappening, SimKind, SimWire, SimWorld, StartWire } from '../wire.ts';
import { openGate } from './database-gate.ts';
import { createHallDatabase, type DatabaseServer, type HallDatabase } from './database-server.ts';

export type { DatabaseServer, HallDatabase } from './database-server.ts';

export interface DatabaseWireOptions {
  readonly server: DatabaseServer;
  /** The authority behind the server's certificate; without it tablets are told to connect in the clear. */
  readonly caFile?: string;
  /** By the hall's time: a ticket that is over at its counter leaves the view after so long. Without it none does. */
  readonly keepForMs?: number;
  /** Handed the hall's side of the database; for hostile tests. */
  readonly onDatabase?: (database: HallDatabase) => void;
}

/** The view as a vendor would offer it, by names that are the vendor's own. */
const COLUMNS = {
  ticketNo: 'ticket_number',
  status: 'state_name',
  counter: 'window_no',
  updatedAt: 'changed_at',
  queue: 'business',
  serial: 'serial_no',
  handling: 'times',
  rateId: 'rate_id',
  date: 'work_date',
  item: 'item_name',
  projectNo: 'project_no',
  clerk: 'clerk_no',
  clerkName: 'clerk_name',
} as const;

const STATES: Readonly<Record<SimKind, string>> = {
  called: '呼叫',
  recalled: '呼叫',
  served: '办结',
  skipped: '过号',
  transferred: '转出',
};

/** A queue system that offers only a view of its database, on a real server. */
export function databaseWire(options: DatabaseWireOptions): StartWire {
  return (world) => start(world, options);
}

async function start(world: SimWorld, options: DatabaseWireOptions): Promise<SimWire> {
  const { server } = options;
  const name = `sim_${randomBytes(6).toString('hex')}`;
  const account = `${name}_r`;
  const password = randomBytes(12).toString('hex');
  const database = await createHallDatabase(server, name);
  for (const statement of schema(server.engine, account, password)) await database.run(statement);
  options.onDatabase?.(database);
  const folder = mkdtempSync(join(tmpdir(), 'queue-sim-db-'));
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });

  const placeholders = (count: number) =>
    Array.from({ length: count }, (_, index) => (server.engine === 'postgresql' ? `$${index + 1}` : '?'));
  const lastServed = new Map<string, SimHappening>();
  let failure: Error | undefined;
  let unwritten = 0;
  let writing: Promise<unknown> = Promise.resolve();
  /** In order, one after the other; whoever waits for the hall to be settled is told what went wrong. */
  const write = (sql: string, params: readonly (string | number | null)[]) => {
    unwritten += 1;
    writing = writing
      .then(() => database.run(sql, params))
      .catch((error: unknown) => {
        failure ??= error instanceof Error ? error : new Error(String(error));
      })
      .then(() => {
        unwritten -= 1;
        world.changed();
      });
  };
  const { keepForMs = Number.POSITIVE_INFINITY } = options;
  /** Rows whose ticket is over at its counter, by when that was. */
  const over = new Map<string, { readonly row: readonly (string | number)[]; readonly atMs: number }>();
  const newest = new Map<string, SimHappening>();
  const endOf = ({ counter, ticket }: SimHappening, atMs: number) => {
    const row = [ticket.serial, counter, ticket.handling];
    over.delete(row.join());
    if (keepForMs !== Number.POSITIVE_INFINITY) over.set(row.join(), { row, atMs });
  };
  const takeOldOut = () => {
    const [serial, counter, times] = placeholders(3);
    for (const [key, { row, atMs }] of over) {
      if (world.nowMs() - atMs < keepForMs) break;
      over.delete(key);
      write(
        `DELETE FROM handling WHERE serial_no = ${serial} AND window_no = ${counter} AND times = ${times}`,
        row,
      );
    }
  };
  const put = (happening: SimHappening) => {
    const { kind, counter, ticket } = happening;
    takeOldOut();
    const before = newest.get(counter);
    newest.set(counter, happening);
    // Whoever is called sends home whoever was there.
    if (before && before.ticket.serial !== ticket.serial) endOf(before, world.nowMs());
    if (kind === 'called' || kind === 'recalled')
      over.delete([ticket.serial, counter, ticket.handling].join());
    else endOf(happening, world.nowMs());
    const clerk = world.users.find((user) => user.counters.includes(counter));
    const fields = {
      serial_no: ticket.serial,
      window_no: counter,
      times: ticket.handling,
      ticket_number: ticket.number,
      business: ticket.queue,
      rate_id: ticket.rateId,
      work_date: ticket.date,
      item_name: ticket.item,
      project_no: ticket.projectNo,
      clerk_no: clerk?.code ?? null,
      clerk_name: clerk?.name ?? null,
      citizen: ticket.transactor,
      state_name: STATES[kind],
    };
    const names = Object.keys(fields);
    const now = server.engine === 'postgresql' ? 'clock_timestamp()' : 'NOW(6)';
    const conflict =
      server.engine === 'postgresql'
        ? `ON CONFLICT (serial_no, window_no, times) DO UPDATE SET state_name = excluded.state_name, changed_at = ${now}`
        : `ON DUPLICATE KEY UPDATE state_name = VALUES(state_name), changed_at = ${now}`;
    write(
      `INSERT INTO handling (${names.join(', ')}, changed_at) VALUES (${placeholders(names.length).join(', ')}, ${now}) ${conflict}`,
      Object.values(fields),
    );
    world.onMessage({
      direction: 'out',
      counter,
      text: `${STATES[kind]} ${ticket.number}`,
      atMs: world.nowMs(),
    });
  };

  const gate = await openGate({
    host: world.host,
    port: world.port,
    target: server,
    changed: world.changed,
    ...(options.keepForMs === undefined
      ? {}
      : {
          before: () => {
            takeOldOut();
            return writing;
          },
        }),
  });
  return {
    url: `${server.engine}://${world.host}:${gate.port}/${name}`,
    settings: () => ({
      kind: 'database',
      engine: server.engine,
      host: world.host,
      port: gate.port,
      database: name,
      user: account,
      passwordFile,
      ...(options.caFile === undefined ? { tls: 'off' } : { caFile: options.caFile }),
      view: 'counter_tickets',
      columns: COLUMNS,
      statuses: {
        called: [STATES.called],
        served: [STATES.served],
        skipped: [STATES.skipped],
        transferred: [STATES.transferred],
        ignored: ['等待'],
      },
    }),
    tell(happening) {
      if (happening.kind === 'served') lastServed.set(happening.counter, happening);
      put(happening);
    },
    operate(counter, operation) {
      // A view of tickets has no word for a pause. A counter that is reset has no ticket any more.
      if (operation !== 'reset') return;
      const [one] = placeholders(1);
      write(`DELETE FROM handling WHERE window_no = ${one} AND state_name = '${STATES.called}'`, [counter]);
    },
    repeat(counter) {
      const last = lastServed.get(counter);
      if (last) put(last);
    },
    tablets: () => gate.count(),
    raw: (_, data) => gate.inject(data),
    busy: () => unwritten > 0 || gate.busy(),
    async settled() {
      await writing;
      if (failure) throw failure;
      // One look may have been under way; the next sees it all; the one after that is asked when that is dealt with.
      await gate.turns(3);
    },
    cut: gate.cut,
    restore: gate.restore,
    async restart() {
      await writing;
      await database.endSessionsOf(account);
      gate.break();
    },
    async stop() {
      await writing;
      await gate.stop();
      await database.endSessionsOf(account);
      if (server.engine === 'mariadb') await database.run(`DROP USER ${account}`);
      else await database.run(`DROP OWNED BY ${account}`);
      if (server.engine === 'postgresql') await database.run(`DROP ROLE ${account}`);
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function schema(engine: DatabaseServer['engine'], account: string, password: string): readonly string[] {
  const text = engine === 'postgresql' ? 'text' : 'varchar(120)';
  const time = engine === 'postgresql' ? 'timestamptz' : 'datetime(6)';
  const columns = [
    'ticket_number',
    'state_name',
    'business',
    'rate_id',
    'item_name',
    'project_no',
    'clerk_no',
    'clerk_name',
    'citizen',
  ].map((column) => `${column} ${text}`);
  return [
    `CREATE TABLE handling (serial_no ${text}, window_no ${text}, times int, work_date date, changed_at ${time}, ${columns.join(', ')},
       PRIMARY KEY (serial_no, window_no, times))`,
    'CREATE INDEX newest ON handling (window_no, changed_at)',
    `CREATE VIEW counter_tickets AS SELECT ${Object.values(COLUMNS).join(', ')} FROM handling`,
    ...(engine === 'postgresql'
      ? [
          `CREATE ROLE ${account} LOGIN PASSWORD '${password}'`,
          `GRANT SELECT ON counter_tickets TO ${account}`,
        ]
      : [
          `CREATE USER ${account}@'%' IDENTIFIED BY '${password}'`,
          `GRANT SELECT ON counter_tickets TO ${account}@'%'`,
        ]),
  ];
}
