import { createHash, createHmac } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { QueueSettingsSchema } from '../../src/queue/links.ts';
import { createCertificates } from '../../tools/servers/certificates.ts';
import { bearer, KEY, post, raw, useHttpRig } from './queue-http-rig.ts';

const STATE = JSON.stringify({ v: 1, type: 'state', counter: '3', paused: false, phase: 'idle' });
const ticket = (more: object = {}) =>
  JSON.stringify({ type: 'ticket', eventId: 'e1', kind: 'served', ticketNo: 'A001', serial: '77', ...more });

describe('http-push: whoever sends', () => {
  const { link, told, keyFile, file, atEnd, freePort } = useHttpRig();

  const listening = async (settings: object = {}) => {
    const port = await freePort();
    const one = link({ kind: 'http-push', port, keyFile: keyFile(), silenceLimitMs: 0, ...settings });
    await one.reach('ready');
    return { ...one, port, url: `http://127.0.0.1:${port}/queue` };
  };

  it('is turned away without the key, and nothing of the request is read, passed on or written down', async () => {
    const { url, link: one } = await listening();
    for (const headers of [{}, { authorization: 'Bearer SECRET-wrong' }, { authorization: KEY }]) {
      expect((await post(url, ticket({ item: 'SECRET-item' }), headers)).status).toBe(401);
    }
    expect(one.counters()).toMatchObject({ refused: 3, messages: 0, events: 0 });
    expect(JSON.stringify([told().lines, told().states])).not.toMatch(/SECRET|s3cret/);
  });

  it('is refused what is malformed, binary, of another version, another counter or another path', async () => {
    const { url, link: one } = await listening();
    const status = async (body: string | Uint8Array) => (await post(url, body, bearer)).status;
    expect(await status('{"type":"ticket"')).toBe(400);
    expect(await status(Buffer.from([0xff, 0xfe, 0, 1]))).toBe(400);
    expect(await status('{"type":"OpenPage","url":"http://evil.example/SECRET"}')).toBe(400);
    expect(await post(url, ticket({ v: 2 }), bearer)).toMatchObject({
      status: 400,
      text: '{"error":"version"}',
    });
    expect(await status(ticket({ counter: '4' }))).toBe(409);
    expect((await post(`${url}/other`, STATE, bearer)).status).toBe(404);
    expect((await fetch(url, { method: 'DELETE', headers: bearer })).status).toBe(405);
    expect(told().events).toEqual([]);
    expect(one.counters()).toMatchObject({ malformed: 4, refused: 1 });
    expect(JSON.stringify(told().lines)).not.toContain('SECRET');
    expect((await post(url, ticket(), bearer)).status).toBe(200);
    expect(told().kinds()).toEqual(['served']);
  });

  it('is cut off at 64 kB, said beforehand or not', async () => {
    const { url, link: one, port } = await listening();
    const large = await post(url, ticket({ item: 'x'.repeat(70_000) }), bearer).catch(() => ({
      status: 413,
    }));
    expect(large.status).toBe(413);
    const head = `POST /queue HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer ${KEY}\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const answer = await raw(port, `${head}11170\r\n${'x'.repeat(70_000)}\r\n0\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 413/);
    expect(one.counters().oversized).toBe(2);
    expect((await post(url, STATE, bearer)).status).toBe(200);
  });

  it('is told to come later when it sends too often', async () => {
    const { url, link: one } = await listening({ maxRequestsPerSecond: 5 });
    const answers = await Promise.all(Array.from({ length: 14 }, () => post(url, STATE, bearer)));
    const slowed = answers.filter((answer) => answer.status === 429);
    expect(slowed.length).toBeGreaterThan(0);
    expect(slowed[0]?.headers.get('retry-after')).toBe('1');
    expect(one.counters().floods).toBe(slowed.length);
  });

  it('cannot hold a connection by dripping, by silence or by noise', async () => {
    const { port, url } = await listening();
    const answers = await Promise.all([
      raw(port, 'POST /queue HTTP/1.1\r\nHost: t\r\n'),
      raw(
        port,
        `POST /queue HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer ${KEY}\r\nContent-Length: 50\r\n\r\n{`,
      ),
      raw(port, ''),
      raw(port, '\u0000\u0001SECRET\r\n\r\n'),
      raw(port, `GET /queue HTTP/1.1\r\nHost: t\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`),
    ]);
    expect(answers[0]).toMatch(/408/);
    expect(answers[1]).toMatch(/408/);
    expect(answers[3]).toMatch(/400/);
    expect((await post(url, STATE, bearer)).status).toBe(200);
  });

  it('may send only from the addresses the site names', async () => {
    const { url, link: one } = await listening({ allowFrom: ['10.0.0.5'] });
    await expect(post(url, STATE, bearer)).rejects.toThrow();
    expect(one.counters().refused).toBe(1);
  });

  it('cannot say a signed request twice, or one from another time or changed on its way', async () => {
    const { url, link: one } = await listening({ auth: 'hmac' });
    const signed = (body: string, timeMs = Date.now(), key = KEY) => {
      const digest = createHash('sha256').update(body).digest('hex');
      const time = String(timeMs);
      const signature = createHmac('sha256', key).update(`POST\n/queue\n${time}\n${digest}`).digest('hex');
      return { 'x-yiping-time': time, 'x-yiping-signature': signature };
    };
    const headers = signed(ticket());
    expect((await post(url, ticket(), headers)).status).toBe(200);
    expect((await post(url, ticket(), headers)).status).toBe(401);
    expect((await post(url, ticket({ ticketNo: 'A002' }), signed(ticket()))).status).toBe(401);
    expect((await post(url, STATE, signed(STATE, Date.now() - 600_000))).status).toBe(401);
    expect((await post(url, STATE, signed(STATE, Date.now(), 'other'))).status).toBe(401);
    expect((await post(url, STATE, bearer)).status).toBe(401);
    expect(one.counters()).toMatchObject({ refused: 5, events: 1 });
  });

  it('is asked for the state until it gave it, and a state overtaken on its way changes nothing', async () => {
    const { url } = await listening();
    const called = ticket({ kind: 'called', at: 1_778_031_015_000 });
    expect(JSON.parse((await post(url, called, bearer)).text)).toMatchObject({ wants: 'state' });
    const idle = { type: 'state', paused: false, phase: 'idle', at: 1_778_031_014_000 };
    await post(url, JSON.stringify(idle), bearer);
    expect(told().kinds()).toEqual(['called']);
    const now = await post(url, JSON.stringify({ ...idle, at: 1_778_031_016_000 }), bearer);
    expect(JSON.parse(now.text)).not.toHaveProperty('wants');
    expect(told().kinds()).toEqual(['called', 'reset', 'resumed']);
  });

  it('fetches rated or not, and the same again until it says that it has it', async () => {
    const { url, link: one } = await listening();
    await post(url, ticket({ token: 'SECRET.token.x' }), bearer);
    const served = told().events.find((event) => event.kind === 'served');
    if (served?.kind !== 'served') throw new Error('nothing was served');
    expect(served.service.servedToken).toBe('SECRET.token.x');
    one.report({ serviceKey: served.service.serviceKey, rated: true, atMs: 5 });
    const ask = async (query: string): Promise<{ box: string; results: unknown[] }> =>
      (await fetch(url + query, { headers: bearer })).json() as Promise<{ box: string; results: unknown[] }>;
    const first = await ask('');
    expect(first.results).toEqual([{ n: 1, ticketNo: 'A001', serial: '77', rated: true, at: 5 }]);
    expect((await ask('?box=other&after=1')).results).toHaveLength(1);
    expect((await ask(`?box=${first.box}&after=1`)).results).toEqual([]);
    expect(JSON.stringify(told().lines)).not.toContain('SECRET');
  });

  it('is asked for by name when it is silent, and the clerk reads why it is turned away', async () => {
    const port = await freePort();
    const { reach, reason } = link({ kind: 'http-push', port, keyFile: keyFile(), silenceLimitMs: 300 });
    const url = `http://127.0.0.1:${port}/queue`;
    await reach('lost');
    expect(reason()).toContain(`推送地址填写为（${url}）`);
    await post(url, STATE, { authorization: 'Bearer wrong' });
    expect(reason()).toContain('密钥');
    await post(url, JSON.stringify({ ...JSON.parse(STATE), counter: '9' }), bearer);
    expect(reason()).toContain('本机是窗口“3”');
    await post(url, STATE, bearer);
    await reach('ready');
    await reach('lost');
    expect(reason()).toContain('不再发来消息');
  });

  it('finds nobody where the port is taken, the key is of no use, or the certificate is missing; the reason says so', async () => {
    const port = await freePort();
    const squatter = createServer().listen(port, '127.0.0.1');
    atEnd(() => new Promise((resolve) => squatter.close(resolve)));
    const taken = link({ kind: 'http-push', port, keyFile: keyFile() });
    await told().until('portTaken', () => taken.reason().includes('已被别的程序占用'));

    writeFileSync(file('open'), KEY);
    chmodSync(file('open'), 0o644);
    const open = link({ kind: 'http-push', port: await freePort(), keyFile: file('open') });
    await told().until('secretOpen', () => open.reason().includes('chmod 600'));

    const tls = { keyFile: file('absent.key'), certFile: file('absent.pem') };
    const bare = link({ kind: 'http-push', port: await freePort(), keyFile: keyFile(), tls });
    await told().until('tlsFiles', () => bare.reason().includes('tls.keyFile'));
  });

  it('speaks TLS where the site gave a certificate', async () => {
    const certificates = createCertificates();
    atEnd(async () => certificates.remove());
    const ca = certificates.authority('hall');
    const { key, cert } = certificates.serverFor('IP:127.0.0.1', 'hall');
    writeFileSync(file('tls.key'), key);
    writeFileSync(file('tls.pem'), cert);
    const { port } = await listening({ tls: { keyFile: file('tls.key'), certFile: file('tls.pem') } });
    const { request } = await import('node:https');
    const status = await new Promise((resolve, reject) => {
      const asking = request(
        { host: '127.0.0.1', port, path: '/queue', method: 'POST', headers: bearer, ca: readFileSync(ca) },
        (response) => resolve(response.statusCode),
      );
      asking.on('error', reject);
      asking.end(STATE);
    });
    expect(status).toBe(200);
    expect(await raw(port, 'GET /queue HTTP/1.1\r\n\r\n')).not.toContain('200');
  });
});

describe('http-push: settings', () => {
  const least = { kind: 'http-push', port: 8443, keyFile: 'k' };
  const tls = { keyFile: 'a', certFile: 'b' };
  it.each([
    ['every address of the machine', { ...least, host: '0.0.0.0', tls }],
    ['every address of the machine, in IPv6', { ...least, host: '::', tls }],
    ['a name', { ...least, host: 'tablet' }],
    ['a key in clear over the network', { ...least, host: '10.0.0.7' }],
    ['the key itself', { ...least, key: 'secret' }],
    ['a path with a query', { ...least, path: '/queue?x' }],
  ])('refuse %s', (_, settings) => {
    expect(QueueSettingsSchema.safeParse(settings).success).toBe(false);
  });

  it('take an address of the network with TLS, or with signed requests', () => {
    expect(QueueSettingsSchema.safeParse({ ...least, host: '10.0.0.7', tls }).success).toBe(true);
    expect(QueueSettingsSchema.safeParse({ ...least, host: '10.0.0.7', auth: 'hmac' }).success).toBe(true);
  });
});
