import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseSettingsSchema } from '../../src/queue/database/settings.ts';
import { createDatabaseLink } from '../../src/queue/database.ts';
import { createConductor } from '../../src/queue/links.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { createQueueSim, type QueueSim } from '../../tools/queue-sim/queue-sim.ts';
import { databaseWire, type HallDatabase } from '../../tools/queue-sim/wires/database.ts';
import { type RealServer, startRealServer } from '../../tools/servers/database.ts';
import { createRecorder } from './queue-link-contract.ts';

const QUICK = { lookEveryMs: 60, retryFirstMs: 50, retryCapMs: 100, queryLimitMs: 1000 };

describe.each(['postgresql', 'mariadb'] as const)('database, %s', (engine) => {
  let real: RealServer;
  let sim: QueueSim;
  let hall: HallDatabase;
  let told: ReturnType<typeof createRecorder>;
  let folder: string;
  const links: { stop(): Promise<void> }[] = [];
  const servers: Server[] = [];
  const sockets = new Set<Socket>();

  beforeAll(async () => {
    real = await startRealServer(engine, 'IP:127.0.0.1');
    folder = mkdtempSync(join(tmpdir(), 'queue-hostile-'));
  });
  afterAll(async () => {
    await real.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    told = createRecorder();
    sim = await createQueueSim({
      wire: databaseWire({
        server: real.server,
        caFile: real.caFile,
        onDatabase: (database) => {
          hall = database;
        },
      }),
    });
  });
  afterEach(async () => {
    await Promise.all(links.splice(0).map((link) => link.stop()));
    await sim.stop();
    for (const socket of sockets) socket.destroy();
    await Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done))));
  });

  const linkTo = (more: object = {}, clock = systemClock) => {
    const settings = DatabaseSettingsSchema.parse({ ...sim.settings('3'), ...QUICK, ...more });
    const parts = { hall: 'H1', counter: '3', timezone: 'Asia/Shanghai', clock };
    const { onEvent, onState, log } = told;
    const link = createDatabaseLink({ ...parts, settings, onEvent, onState, log });
    links.push(link);
    link.start();
    return link;
  };
  const reason = () => told.states.flatMap((one) => (one.state === 'lost' ? [one.reason] : [])).at(-1) ?? '';
  const lostFor = (words: string) => told.until(`lost: ${words}`, () => reason().includes(words));
  const ready = () => told.until('ready', () => told.states.at(-1)?.state === 'ready');
  const columns = (more: object) => ({ columns: { ...Object(sim.settings('3')['columns']), ...more } });
  /** The view anew, with other columns. */
  const replaceView = async (selected: string) => {
    await hall.run('DROP VIEW counter_tickets');
    await hall.run(`CREATE VIEW counter_tickets AS SELECT ${selected} FROM handling`);
    await hall.run(`GRANT SELECT ON counter_tickets TO ${account()}`);
  };
  const account = () => `${hall.name}_r${engine === 'mariadb' ? "@'%'" : ''}`;
  const insert = (
    serial: string,
    ticket: string | null,
    state: string | null,
    business: string | null = null,
  ) => {
    const [a, b, c, d] = engine === 'postgresql' ? ['$1', '$2', '$3', '$4'] : ['?', '?', '?', '?'];
    const now = engine === 'postgresql' ? 'clock_timestamp()' : 'NOW(6)';
    return hall.run(
      `INSERT INTO handling (serial_no, window_no, times, ticket_number, state_name, business, changed_at) VALUES (${a}, '3', 1, ${b}, ${c}, ${d}, ${now})`,
      [serial, ticket, state, business],
    );
  };
  /** Something at that address that is no database. */
  const stranger = async (greet: (socket: Socket) => void): Promise<object> => {
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      greet(socket);
    });
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return { port: (server.address() as AddressInfo).port };
  };
  const secretFile = (text: string, mode = 0o600) => {
    const path = join(folder, `secret-${mode}-${text.length}`);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return { passwordFile: path };
  };

  describe('what somebody must correct is named', () => {
    it('a wrong password, without the password', async () => {
      linkTo(secretFile('SECRET-PASSWORD'));
      await lostFor(`不接受账号“${hall.name}_r”`);
      expect(JSON.stringify([told.lines, told.states])).not.toContain('SECRET');
    });

    it('a password file that is absent, or that everybody may read', async () => {
      linkTo({ passwordFile: join(folder, 'absent') });
      await lostFor('absent”：请检查文件是否存在');
      linkTo(secretFile('x', 0o644));
      await lostFor('chmod 600');
    });

    it('a database and a view that are not there', async () => {
      linkTo({ database: 'elsewhere' });
      await lostFor('没有数据库“elsewhere”');
      linkTo({ view: 'no_such_view' });
      await lostFor(engine === 'postgresql' ? '没有视图“no_such_view”' : '无权读取视图“no_such_view”');
    });

    it('a column that is not there, by its name', async () => {
      linkTo(columns({ item: 'no_such_column' }));
      await lostFor('视图“counter_tickets”中没有列“no_such_column”');
    });

    it('a view the account may not read', async () => {
      await hall.run(`REVOKE SELECT ON counter_tickets FROM ${account()}`);
      // Without any right MariaDB lets nobody into the database at all.
      await hall.run(`GRANT SELECT (serial_no) ON handling TO ${account()}`);
      linkTo();
      await lostFor('无权读取视图“counter_tickets”');
    });

    it('a column of times that holds none', async () => {
      linkTo(columns({ updatedAt: 'serial_no' }));
      await lostFor('列“serial_no”不是日期时间');
    });

    it('a column of states with nothing we know, and rows nobody can read', async () => {
      await insert('1', 'A001', '未知');
      linkTo();
      await lostFor('状态列“state_name”里没有一个值');
      await hall.run("UPDATE handling SET state_name = '呼叫', ticket_number = NULL");
      await lostFor('ticketNo（现为“ticket_number”）');
    });

    it('a view that takes too long', async () => {
      const sleep = engine === 'postgresql' ? 'pg_sleep(5)::text AS slow' : 'SLEEP(5) AS slow';
      await replaceView(`ticket_number, state_name, window_no, changed_at, ${sleep}`);
      await insert('1', 'A001', '呼叫');
      const { ticketNo, status, counter, updatedAt } = Object(sim.settings('3')['columns']);
      linkTo({ queryLimitMs: 500, columns: { ticketNo, status, counter, updatedAt, item: 'slow' } });
      await lostFor('为列“window_no”和“changed_at”建立索引');
    });

    it('an account that may write: said in the log, or refused where the site wants that', async () => {
      await hall.run(`GRANT INSERT ON handling TO ${account()}`);
      linkTo();
      await ready();
      expect(told.lines.map((line) => line.event)).toContain('queue.accountCanWrite');
      linkTo({ writableAccount: 'refuse' });
      await lostFor('改发只能读取视图“counter_tickets”的只读账号');
    });
  });

  describe('certificates', () => {
    it('another authority, none named, another address', async () => {
      linkTo({ caFile: real.otherCaFile });
      await lostFor('现在填写的文件与服务器证书不符');
      linkTo({ caFile: undefined });
      await lostFor('现在没有填写');
      linkTo({ host: 'localhost' });
      await lostFor('证书不是发给这个地址的');
      expect(told.states.some((one) => one.state === 'ready')).toBe(false);
    });
  });

  describe('hostile contents and servers', () => {
    it('odd rows are counted once and left out, and nothing of them is written down', async () => {
      const link = linkTo();
      await ready();
      await insert('1', 'SECRET'.repeat(15), '呼叫');
      await insert('2', null, '呼叫');
      await insert('3', 'A003', 'SECRET');
      await insert('4', 'A004', null);
      await insert('5', 'A005', '办结', '社会\u0001保险');
      await told.until('served', () => told.kinds().includes('served'));
      await sim.settled('3');
      expect(told.kinds()).toEqual(['served']);
      expect(link.counters()).toMatchObject({ malformed: 3, unknown: 1 });
      expect(told.events.at(-1)).toMatchObject({ service: { queueName: '社会 保险' } });
      expect(JSON.stringify([told.lines, told.states])).not.toContain('SECRET');
    });

    it('a counter whose name the view spells otherwise', async () => {
      linkTo({ counterValue: '4' });
      await ready();
      sim.callNext('3');
      sim.callNext('4');
      await told.until('called', () => told.kinds().includes('called'));
      await sim.settled('4');
      expect(told.events.filter((event) => event.kind === 'called')).toMatchObject([{ counter: '3' }]);
    });

    it('a server that is frozen does not hold up the end', async () => {
      const link = linkTo();
      await ready();
      sim.cut('freeze');
      await link.stop();
      sim.restore();
      expect(told.states.at(-1)).toMatchObject({ state: 'ready' });
    });

    it('a row that leaves the view takes its page away', async () => {
      linkTo();
      await ready();
      sim.callNext('3');
      await told.until('called', () => told.kinds().includes('called'));
      sim.reset('3');
      await told.until('reset', () => told.kinds().includes('reset'));
    });

    it('bytes that are no answer end the connection, and it comes back', async () => {
      linkTo({ tls: 'off', caFile: undefined });
      await ready();
      sim.sendRaw('3', 'SECRET'.repeat(2000));
      await told.until('lost', () => told.states.at(-1)?.state === 'lost');
      await ready();
      expect(JSON.stringify([told.lines, told.states])).not.toContain('SECRET');
    });

    it('a server that never stops speaking, one that says nothing, one that is something else', async () => {
      const endless = Buffer.alloc(1 << 16, 0x44);
      const talk = (socket: Socket) => {
        const more = () => {
          while (!socket.destroyed && socket.write(endless));
        };
        // A message that says of itself that it is a gigabyte long.
        socket.write(
          engine === 'postgresql' ? Buffer.from([0x44, 0x40, 0, 0, 0]) : Buffer.from([0xff, 0xff, 0xff, 0]),
        );
        socket.on('drain', more);
        more();
      };
      const plain = { tls: 'off', caFile: undefined, connectLimitMs: 1000 };
      linkTo({ ...(await stranger(talk)), ...plain });
      await told.until('lost', () => reason() !== '');
      await Promise.all(links.splice(0).map((link) => link.stop()));
      linkTo({ ...(await stranger(() => undefined)), ...plain, connectLimitMs: 300 });
      await lostFor('没有应答');
      linkTo({
        ...(await stranger((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))),
        ...plain,
      });
      await told.until('lost again', () => !reason().includes('没有应答'));
      expect(reason()).toMatch(/请/);
    });
  });

  it.each([
    ['eight hours, as from local time', 8 * 3_600_000],
    ['a minute and a half', 90_000],
  ])('a tablet’s clock that is set back by %s takes nothing away', async (_, byMs) => {
    let backMs = 0;
    const clock = { ...systemClock, nowMs: () => Date.now() - backMs };
    linkTo({}, clock);
    await ready();
    sim.callNext('3');
    await told.until('called', () => told.kinds().includes('called'));
    backMs = byMs;
    sim.served('3');
    await told.until('served', () => told.kinds().includes('served'));
    sim.callNext('3');
    await told.until('the next called', () => told.kinds().length === 3);
    const conductor = createConductor({
      links: [{ byHand: false }],
      counter: '3',
      runId: 'run',
      nowMs: clock.nowMs,
    });
    const heeded = told.events.filter((event) => conductor.event(0, event).passed.length > 0);
    expect(heeded).toEqual(told.events);
  });

  it('a view that is made anew while it is looked at is read as it is now', async () => {
    linkTo();
    await ready();
    await replaceView(
      `${Object.values(Object(sim.settings('3')['columns'])).filter((name) => name !== 'times')}, 7 AS times`,
    );
    const { number } = sim.callNext('3');
    await told.until('called', () => told.events.some((event) => event.kind === 'called'));
    expect(JSON.stringify(told.events)).toContain(number);
  });

  it('a link that ends as it begins leaves no connection behind', async () => {
    let came = 0;
    const at = await stranger(() => {
      came += 1;
    });
    const plain = { ...at, tls: 'off', caFile: undefined, connectLimitMs: 300, retryFirstMs: 2000 };
    const link = linkTo({ ...plain, retryCapMs: 15_000 });
    await link.stop();
    // Another that goes the same way and is not stopped: whatever the first did is done when it is there.
    linkTo({ ...plain, retryCapMs: 15_000 });
    await lostFor('没有应答');
    expect(came).toBe(1);
  });

  it('cannot write even where the account may', async () => {
    await hall.run(`GRANT INSERT ON handling TO ${account()}`);
    const { openPostgresql } = await import('../../src/queue/database/postgresql.ts');
    const { openMariadb } = await import('../../src/queue/database/mariadb.ts');
    const { sessionStatements } = await import('../../src/queue/database/sql.ts');
    const { Socket: NetSocket } = await import('node:net');
    const { readFileSync } = await import('node:fs');
    const settings = DatabaseSettingsSchema.parse(sim.settings('3'));
    const connection = await (engine === 'postgresql' ? openPostgresql : openMariadb)({
      ...settings,
      port: Number(settings.port),
      socket: new NetSocket(),
      password: readFileSync(settings.passwordFile, 'utf8').trim(),
      tls: { ca: readFileSync(real.caFile, 'utf8') },
      onLost: () => undefined,
    });
    for (const sql of sessionStatements(engine, 1000)) await connection.query(sql);
    await expect(
      connection.query("INSERT INTO handling (serial_no, window_no, times) VALUES ('x', '3', 1)"),
    ).rejects.toThrow(/read.only/i);
    await connection.close();
  });
});
