import { chmodSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { QueueSettingsSchema } from '../../src/queue/links.ts';
import { createQueueSim } from '../../tools/queue-sim/queue-sim.ts';
import { type PadOptions, padWire } from '../../tools/queue-sim/wires/pad.ts';
import { bearer, post, useHttpRig } from './queue-http-rig.ts';

const QUICK = { probeEveryMs: 50, silenceLimitMs: 2000, loginLimitMs: 2000 };
const CASE = {
  evalProcess: '2',
  affairDealNo: '1001',
  affairSerialNo: 'CASE-7',
  affairName: '社保参保登记',
  affairDealOfficer: '李慧敏',
  affairApplyTime: '20260506090000',
  affairHandleItem: '11440100007482532N344201400100003',
  userName: 'SECRET-name',
  contactPhone: 'SECRET-phone',
  certificateNo: 'SECRET-id',
  passportName: 'SECRET-passport',
};

describe('pad', () => {
  const { link, told, file, keyFile, atEnd, freePort } = useHttpRig();

  const begin = async (options: PadOptions = {}, settings: object = {}) => {
    const sim = await createQueueSim({ wire: padWire(options) });
    atEnd(() => sim.stop());
    sim.onChange(told().poke);
    const messages: string[] = [];
    sim.onMessage(({ text }) => void messages.push(text));
    const given = { ...sim.settings('3'), ...QUICK, ...settings };
    return { sim, messages, given, ...link(given) };
  };
  const kinds = () => told().kinds();
  const ask = (address: unknown) => JSON.stringify({ code: 50100, state: 1, msg: '打开网址', data: address });
  /** Only notifies, no pad server. */
  const notified = async (notify: object = {}) => {
    const port = await freePort();
    const one = link({ kind: 'pad', workNo: '1001', notify: { port, ...notify } });
    await one.reach('ready');
    return { ...one, url: `http://127.0.0.1:${port}/notify` };
  };
  const form = (more: object = {}) => new URLSearchParams({ ...CASE, ...more }).toString();
  const asForm = { 'content-type': 'application/x-www-form-urlencoded' };

  it('logs in when asked to, with number and key, and beats every minute', async () => {
    const { messages, reach } = await begin({}, { heartbeatEveryMs: 1000, probe: 'ping' });
    await reach('ready');
    expect(JSON.parse(messages[0] ?? '')).toMatchObject({ code: 40001, state: 0 });
    expect(JSON.parse(messages[1] ?? '')).toMatchObject({ code: 40001, data: { work_no: '1001' } });
    const beaten = () => messages.some((text) => /^\{"code":40000,"data":\d{13}\}$/.test(text));
    const poking = setInterval(told().poke, 20);
    await told().until('a heartbeat', beaten);
    clearInterval(poking);
    const delivered = QueueSettingsSchema.parse({ kind: 'pad', workNo: '1', url: 'ws://a', keyFile: 'k' });
    expect(delivered).toMatchObject({ heartbeatEveryMs: 60_000 });
  });

  it('says what to correct when number or key are refused, without the key', async () => {
    writeFileSync(file('wrong'), 'SECRET', { mode: 0o600 });
    const { reach, reason } = await begin({}, { keyFile: file('wrong') });
    await reach('lost');
    expect(reason()).toContain('工号“1001”或通讯密钥');
    expect(JSON.stringify([told().lines, told().states])).not.toContain('SECRET');
  });

  it('counts garbage and binary, and neither passes it on nor writes it down', async () => {
    const { sim, reach, link: one } = await begin();
    await reach('ready');
    const lines = [
      'SECRET',
      '[]',
      '{"code":"SECRET"}',
      ask(7),
      ask('javascript:SECRET'),
      ask('https://u:SECRET@a/'),
    ];
    for (const text of lines) sim.sendRaw('3', text);
    sim.sendRaw('3', '{"code":60000,"data":"SECRET"}');
    sim.sendRaw('3', '{"code":40002,"state":0,"msg":"SECRET"}');
    sim.sendRaw('3', Buffer.from(ask('https://rating.example/?id=1')));
    await sim.settled('3');
    expect(one.counters()).toMatchObject({ malformed: 6, unknown: 1, binary: 1 });
    expect(kinds()).toEqual([]);
    expect(JSON.stringify([told().lines, told().states])).not.toContain('SECRET');
    expect(one.state().state).toBe('ready');
  });

  it.each([
    ['oversized', (text: string) => [text.padEnd(70_000)], '过大'],
    ['flood', (text: string) => Array.from({ length: 120 }, () => text), '过多'],
  ])(
    'ends the connection at a message that is too much (%s), and comes back',
    async (_, messages, reason) => {
      const one = await begin();
      await one.reach('ready');
      for (const text of messages(ask('https://rating.example/?id=1'))) one.sim.sendRaw('3', text);
      await one.reach('lost');
      expect(one.reason()).toContain(reason);
      await one.reach('ready');
    },
  );

  it('never takes an address that is not pinned for a request, unless it names a case that was notified', async () => {
    const { sim, reach, link: one } = await begin({ ratingOrigin: 'https://elsewhere.example' });
    await reach('ready');
    sim.sendRaw('3', ask('https://elsewhere.example/frame?affairSerialNo=SECRET-7'));
    sim.sendRaw('3', ask('https://rating.example.evil.example/?id=1'));
    sim.sendRaw('3', ask('http://rating.example/?id=1'));
    await sim.settled('3');
    expect(kinds()).toEqual([]);
    expect(one.counters().refused).toBe(3);
    expect(JSON.stringify(told().lines)).toContain('https://elsewhere.example');
    expect(JSON.stringify(told().lines)).not.toMatch(/SECRET|frame/);
    const { projectNo } = sim.callNext('3');
    sim.served('3');
    await told().until('served', () => kinds().includes('served'));
    await sim.settled('3');
    expect(kinds()).toEqual(['called', 'served']);
    expect(told().events.at(-1)).toMatchObject({ service: { case: { projectNo }, manual: false } });
  });

  it('takes a pinned address without a case for one request, however often it comes', async () => {
    const { sim, reach } = await begin();
    await reach('ready');
    for (const tail of ['#a', '#b', '']) sim.sendRaw('3', ask(`https://rating.example/frame.php${tail}`));
    await sim.settled('3');
    expect(kinds()).toEqual(['served']);
  });

  it.each(['json', 'query'] as const)('reads notifies as %s too', async (notifyAs) => {
    const { sim, reach } = await begin({ notifyAs });
    await reach('ready');
    sim.callNext('3');
    sim.served('3');
    await told().until('served', () => kinds().includes('served'));
    expect(kinds()).toEqual(['called', 'served']);
  });

  it('keeps nothing of the citizen in a notify, and names case and clerk', async () => {
    const { url } = await notified();
    expect(await post(url, form(), asForm)).toMatchObject({ status: 200, text: '{"code":0,"msg":"成功"}' });
    const served = told().events.find((event) => event.kind === 'served');
    expect(served).toMatchObject({
      service: {
        serviceKey: 'H1/-/-/-/CASE-7/3/1',
        case: { projectNo: 'CASE-7', taskName: '社保参保登记', taskCode: CASE.affairHandleItem },
        clerk: { number: '1001', name: '李慧敏' },
      },
    });
    expect(JSON.stringify([told().events, told().lines, told().states])).not.toContain('SECRET');
  });

  it('refuses a notify for another clerk, a malformed one and another path, and answers for a rated case', async () => {
    const { url, link: one } = await notified();
    const answer = async (more: object) => JSON.parse((await post(url, form(more), asForm)).text) as unknown;
    expect(await answer({ affairDealNo: '1002' })).toMatchObject({ code: 409 });
    expect(await answer({ evalProcess: '3' })).toMatchObject({ code: 40002 });
    expect(await answer({ affairSerialNo: 'x'.repeat(51) })).toMatchObject({ code: 40002 });
    expect((await post(`${url}/x`, form(), asForm)).status).toBe(404);
    expect(kinds()).toEqual([]);
    expect(one.counters()).toMatchObject({ refused: 1, malformed: 2 });

    expect(await answer({})).toMatchObject({ code: 0 });
    expect(await answer({})).toMatchObject({ code: 0 });
    expect(kinds()).toEqual(['served']);
    const served = told().events.find((event) => event.kind === 'served');
    if (served?.kind !== 'served') throw new Error('nothing was served');
    one.report({ serviceKey: served.service.serviceKey, rated: true, atMs: Date.now() });
    expect(await answer({})).toEqual({ code: 1, msg: '该办件已评价' });
    expect(kinds()).toEqual(['served']);
  });

  it('asks nobody about a case whose end is told right after the next was called', async () => {
    const { url } = await notified();
    const say = (evalProcess: string, affairSerialNo: string) =>
      post(url, form({ evalProcess, affairSerialNo }), asForm);
    for (const [process, serialNo] of [
      ['1', 'A'],
      ['1', 'B'],
      ['2', 'A'],
      ['2', 'B'],
    ] as const)
      expect(await say(process, serialNo)).toMatchObject({
        status: 200,
        text: expect.stringContaining('"code":0'),
      });
    expect(kinds()).toEqual(['called', 'called', 'served']);
    expect(told().events.at(-1)).toMatchObject({ service: { case: { projectNo: 'B' } } });
    expect(told().lines).toContainEqual({ level: 'warn', event: 'queue.finishOvertaken', data: {} });
  });

  it('says of the key file for notifies whether it is absent or open to others', async () => {
    const absent = link({ kind: 'pad', workNo: '1001', notify: { port: 8474, keyFile: file('absent') } });
    await absent.reach('lost');
    expect(absent.reason()).toContain('absent”：请检查文件是否存在');
    writeFileSync(file('open'), 'SECRET');
    chmodSync(file('open'), 0o644);
    const open = link({ kind: 'pad', workNo: '1001', notify: { port: 8474, keyFile: file('open') } });
    await open.reach('lost');
    expect(open.reason()).toContain('chmod 600');
    expect(open.reason()).toContain(file('open'));
  });

  it('takes a notify only from who has the key, where the site gave one', async () => {
    const { url } = await notified({ keyFile: keyFile() });
    expect((await post(url, form(), asForm)).status).toBe(401);
    expect((await post(url, form(), { ...asForm, ...bearer })).status).toBe(200);
  });
});

describe('pad: settings', () => {
  const least = { kind: 'pad', workNo: '1001', url: 'ws://10.0.0.5:9501', keyFile: 'k' };
  it.each([
    ['nothing to hear', { kind: 'pad', workNo: '1001' }],
    ['an address without a key', { ...least, keyFile: undefined }],
    ['a pinned page instead of an origin', { ...least, pinnedOrigins: ['https://rating.example/frame'] }],
    ['notifies from anybody in the network', { ...least, notify: { host: '10.0.0.7', port: 8080 } }],
  ])('refuse %s', (_, settings) => {
    expect(QueueSettingsSchema.safeParse(settings).success).toBe(false);
  });
});
