import { access, chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createQueueSim, type QueueSim } from '../../tools/queue-sim/queue-sim.ts';
import { type HeadlessKiosk, startHeadless } from '../support/headless-kiosk.ts';

/** Whatever is wrong around it: a screen that says so, a line that names the thing and the remedy, nothing lost. */
let folder: string;
let data: string;
let config: string;
let sim: QueueSim;
const running: HeadlessKiosk[] = [];
const servers: Server[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yiping-bad-'));
  data = join(folder, 'data');
  config = join(folder, 'kiosk.json');
  sim = await createQueueSim({});
});
afterEach(async () => {
  for (const kiosk of running.splice(0)) await kiosk.kill();
  for (const server of servers.splice(0)) server.close();
  await sim.stop();
  await rm(folder, { recursive: true, force: true });
});

async function settings(more: object = {}): Promise<void> {
  await writeFile(
    config,
    JSON.stringify({
      device: 'bad-input-1',
      hall: { id: 'h', name: { 'zh-CN': '云溪市政务服务中心' } },
      counter: { number: '3' },
      queue: [{ kind: 'rate-service', url: sim.url, userCode: '1001', extensions: true }],
      ...more,
    }),
  );
}

function start(): HeadlessKiosk {
  const kiosk = startHeadless({ config, data });
  running.push(kiosk);
  return kiosk;
}

const fault = (name: string) => (snapshot: { screen: { name: string; fault?: string } }) =>
  snapshot.screen.name === 'outOfService' && snapshot.screen.fault === name;

/** Rates one ticket by touch and gives the screen after it. */
async function rateOne(kiosk: HeadlessKiosk): Promise<string> {
  sim.callNext('3');
  await kiosk.until('serving', ({ screen }) => screen.name === 'serving');
  sim.served('3');
  const { screen } = await kiosk.until('inviting', (snapshot) => snapshot.screen.name === 'inviting');
  if (screen.name !== 'inviting') throw new Error('not inviting');
  expect(await kiosk.call('choose', { invitation: screen.invitation, level: 4 })).toEqual({ accepted: true });
  return (await kiosk.until('chosen', (snapshot) => snapshot.screen.name === 'chosen')).screen.name;
}

describe('settings', () => {
  it('that are wrong are named one by one, and mended ones are taken up without a restart', async () => {
    await writeFile(config, JSON.stringify({ device: '!', queue: [{ kind: 'telepathy' }] }));
    const kiosk = start();
    await kiosk.until('a screen that says so', fault('config'));
    await kiosk.untilLog(/设置有误.*device/);
    await kiosk.untilLog(/设置有误.*queue\.0\.kind/);
    await settings();
    await kiosk.until('idle', ({ screen }) => screen.name === 'idle');
    expect(await rateOne(kiosk)).toBe('chosen');
  });

  it('that name an unknown box name the file that is missing', async () => {
    await settings({
      buttons: [{ model: 'nobody-1', path: '/dev/null', address: 1, acknowledge: 'A', levels: { '0': 1 } }],
    });
    const kiosk = start();
    await kiosk.until('a screen that says so', fault('config'));
    await kiosk.untilLog(/nobody-1\.json/);
  });

  it('that name a certificate which is not there say which', async () => {
    await settings({ province: { url: 'https://127.0.0.1:1', caFile: '/nowhere/ca.pem' } });
    const kiosk = start();
    await kiosk.until('a screen that says so', fault('config'));
    await kiosk.untilLog(/province\.caFile.*nowhere/);
  });
});

describe('the box', () => {
  it('whose port is absent is shown as lost, and touch works', async () => {
    await settings({
      buttons: [
        {
          model: 'ff68',
          path: join(folder, 'no-port'),
          address: 129,
          acknowledge: 'A',
          levels: { '0': 2, '1': 3, '2': 4, '3': 5 },
        },
      ],
    });
    const kiosk = start();
    await kiosk.until('lost box', ({ buttons }) => buttons === 'lost');
    expect(await rateOne(kiosk)).toBe('chosen');
  });
});

describe('the province', () => {
  it('that is out of reach costs nothing but time', async () => {
    await settings({ province: { url: 'http://127.0.0.1:9' } });
    const kiosk = start();
    expect(await rateOne(kiosk)).toBe('chosen');
    await kiosk.untilLog(/uploadTrouble/);
  });

  it.each([
    ['a page instead of an answer', 200, '<html>maintenance</html>'],
    [
      'an acknowledgement of what was never sent',
      200,
      '{"ackedSeq":999999,"serverTimeMs":1,"configVersion":0,"commands":[]}',
    ],
    ['a refusal nobody knows', 418, '{"error":"teapot"}'],
  ])('that says %s is not believed', async (_what, status, body) => {
    const server = createServer((_request, reply) => reply.writeHead(status).end(body));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await settings({ province: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` } });
    const kiosk = start();
    expect(await rateOne(kiosk)).toBe('chosen');
    await kiosk.untilLog(/uploadTrouble/);
    kiosk.process.stdin?.write('status\n');
    await kiosk.stop();
    const db = new DatabaseSync(join(data, 'journal.sqlite'), { readOnly: true });
    const waiting = db.prepare('SELECT count(*) AS n FROM journal').get();
    db.close();
    expect(Number(waiting?.['n'])).toBeGreaterThan(3);
  });
});

describe('the data folder', () => {
  it('of a newer version is left alone, and its version is named', async () => {
    await settings();
    const first = start();
    expect(await rateOne(first)).toBe('chosen');
    await first.stop();
    const db = new DatabaseSync(join(data, 'journal.sqlite'));
    // Schemas count by tens; another number is a bent file's.
    db.exec('PRAGMA user_version = 999990');
    db.close();
    const before = await readFile(join(data, 'journal.sqlite'));
    const kiosk = start();
    await kiosk.until('a screen that says so', fault('store'));
    await kiosk.untilLog(/999990|newer/);
    await kiosk.stop();
    expect((await readFile(join(data, 'journal.sqlite'))).equals(before)).toBe(true);
  });

  it('that is a file, or below one, is named', async () => {
    await settings();
    await writeFile(data, '');
    const kiosk = start();
    await kiosk.until('a screen that says so', fault('store'));
    await kiosk.untilLog(new RegExp(data));
  });

  it('without its key does not get a new one', async () => {
    await settings();
    const first = start();
    expect(await rateOne(first)).toBe('chosen');
    await first.stop();
    await rm(join(data, 'device-key.pem'));
    const kiosk = start();
    await kiosk.until('a screen that says so', fault('store'));
    await kiosk.untilLog(/设备密钥/);
  });

  it('that is damaged is not begun anew while the province cannot be asked, and the line says why', async () => {
    await settings();
    const first = start();
    expect(await rateOne(first)).toBe('chosen');
    await first.stop();
    await settings({ province: { url: 'http://127.0.0.1:9' } });
    await writeFile(join(data, 'journal.sqlite'), Buffer.alloc(8192, 7));
    const kiosk = start();
    await kiosk.until('a screen that says so', fault('store'));
    await kiosk.untilLog(/set-aside.*省平台/);
    await kiosk.stop();
    await expect(access(join(data, 'journal.sqlite'))).rejects.toThrow(/ENOENT/);
  });

  it('that is another program’s is left alone', async () => {
    await settings();
    const first = start();
    expect(await rateOne(first)).toBe('chosen');
    await first.stop();
    await rm(join(data, 'journal.sqlite'));
    const db = new DatabaseSync(join(data, 'journal.sqlite'));
    db.exec('CREATE TABLE theirs (a)');
    db.close();
    const before = await readFile(join(data, 'journal.sqlite'));
    const kiosk = start();
    await kiosk.until('a screen that says so', fault('store'));
    await kiosk.untilLog(/another program/);
    await kiosk.stop();
    expect((await readFile(join(data, 'journal.sqlite'))).subarray(100).equals(before.subarray(100))).toBe(
      true,
    );
  });

  it('that cannot be written to heals when it can', async () => {
    await settings();
    await mkdir(join(folder, 'ro'));
    await writeFile(join(folder, 'ro', 'file'), '');
    data = join(folder, 'ro', 'file', 'data');
    const kiosk = start();
    await kiosk.until('a screen that says so', fault('store'));
    await rm(join(folder, 'ro', 'file'));
    await chmod(join(folder, 'ro'), 0o755);
    await kiosk.until('idle', ({ screen }) => screen.name === 'idle');
    expect(await rateOne(kiosk)).toBe('chosen');
  });

  it('in use by another kiosk is not shared', async () => {
    await settings();
    const first = start();
    await first.until('idle', ({ screen }) => screen.name === 'idle');
    const second = start();
    await second.until('a screen that says so', fault('store'));
    expect(await rateOne(first)).toBe('chosen');
  });
});

describe('the queue system', () => {
  it('that sends nonsense is counted and ignored', async () => {
    await settings();
    const kiosk = start();
    await kiosk.until('idle', ({ screen }) => screen.name === 'idle');
    await kiosk.untilLog(/queue\.ready/);
    for (const nonsense of ['{', '[]', '{"method":"RateQuest"}', `{"method":"${'x'.repeat(1000)}"}`])
      sim.sendRaw('3', nonsense);
    await kiosk.untilLog(/malformed/);
    expect(await rateOne(kiosk)).toBe('chosen');
  });
});
