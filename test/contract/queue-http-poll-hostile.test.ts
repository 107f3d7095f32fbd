import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { QueueSettingsSchema } from '../../src/queue/links.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { createQueueSim, type QueueSim } from '../../tools/queue-sim/queue-sim.ts';
import { type HttpPollOptions, httpPollWire } from '../../tools/queue-sim/wires/http-poll.ts';
import type { HttpAnswer } from '../../tools/queue-sim/wires/http-server.ts';
import { createCertificates } from '../../tools/servers/certificates.ts';
import { until } from '../support/until.ts';
import { useHttpRig } from './queue-http-rig.ts';

const QUICK = { pollEveryMs: 30, requestLimitMs: 800 };

describe('http-poll: whoever is asked', () => {
  const { link, told, file, atEnd } = useHttpRig();

  const begin = async (options: HttpPollOptions = {}, settings: object = {}, clock = systemClock) => {
    const sim = await createQueueSim({ wire: httpPollWire(options) });
    atEnd(() => sim.stop());
    sim.onChange(told().poke);
    return { sim, ...link({ ...sim.settings('3'), ...QUICK, ...settings }, clock) };
  };
  /** A server that does as it should until told otherwise. */
  const beginWith = async (settings: object = {}, clock = systemClock) => {
    let wrong: HttpAnswer | undefined;
    let asked = 0;
    const last = { ifNoneMatch: '' };
    const begun = await begin(
      {
        instead({ ifNoneMatch }) {
          asked += 1;
          last.ifNoneMatch = ifNoneMatch;
          return wrong;
        },
      },
      settings,
      clock,
    );
    await begun.reach('ready');
    return {
      ...begun,
      answer(next: HttpAnswer | undefined) {
        wrong = next;
      },
      asked: () => asked,
      last,
    };
  };

  it.each([
    ['no JSON', 'SECRET', '看不懂'],
    ['another shape', '{"paused":"SECRET"}', '看不懂'],
    ['bytes', Buffer.from([0xff, 0, 1]), '看不懂'],
    ['another version', '{"v":2,"paused":false,"phase":"idle"}', '看不懂'],
    ['another counter', '{"counter":"9","paused":false,"phase":"idle"}', '不是窗口“3”'],
    ['too much', `{"x":"${'9'.repeat(70_000)}"}`, '过大'],
  ])('is not believed when it says %s; it is tried again', async (_, text, reason) => {
    const one = await beginWith();
    one.answer({ status: 200, text });
    await one.reach('lost');
    expect(one.reason()).toContain(reason);
    one.answer(undefined);
    await one.reach('ready');
    const { malformed, refused, oversized } = one.link.counters();
    expect(malformed + refused + oversized).toBeGreaterThan(0);
    expect(JSON.stringify([told().lines, told().states])).not.toContain('SECRET');
  });

  it.each([
    [302, '最终地址'],
    [401, '密钥'],
    [404, '没有这个接口'],
    [500, '内部出错'],
  ])('is lost with a remedy when it answers %i, and no redirect is followed', async (status, reason) => {
    const one = await beginWith();
    one.answer({ status, text: '', headers: { location: `${one.sim.url}/elsewhere` } });
    await one.reach('lost');
    expect(one.reason()).toContain(reason);
  });

  it('is asked again when it said to be, and not before', async () => {
    const one = await beginWith();
    one.answer({ status: 503, text: '', headers: { 'retry-after': '1' } });
    await one.reach('lost');
    expect(one.reason()).toContain('稍后再查');
    const asked = one.asked();
    one.answer(undefined);
    await one.reach('ready');
    expect(one.asked()).toBe(asked + 1);
  });

  it.each([
    ['no time at all', '0'],
    ['a time that is past', 'Wed, 06 May 2020 01:00:00 GMT'],
  ])(
    'that wants to be asked again in %s is left in peace for as long as any that is lost',
    async (_, value) => {
      const waits: number[] = [];
      const after = (ms: number, run: () => void) => {
        waits.push(ms);
        return systemClock.after(ms, run);
      };
      const retry = { retryFirstMs: 200, retryCapMs: 200 };
      const one = await beginWith({ ...retry, pollEveryMs: 200 }, { ...systemClock, after });
      one.answer({ status: 503, text: '', headers: { 'retry-after': value } });
      await one.reach('lost');
      const asked = one.asked();
      await until(() => expect(one.asked()).toBeGreaterThan(asked + 1));
      // The upper half of the first wait, as after every loss.
      expect(Math.min(...waits)).toBeGreaterThanOrEqual(100);
    },
  );

  it('says only what is new: what did not change is not sent again', async () => {
    const one = await beginWith();
    const before = one.link.counters().messages;
    await one.sim.settled('3');
    expect(one.last.ifNoneMatch).toMatch(/^"[0-9a-f]{32}"$/);
    expect(one.link.counters().messages).toBe(before);
  });

  it('is told rated or not after it could not be when it arose, and never a citizen’s name or a key is written down', async () => {
    const one = await begin();
    await one.reach('ready');
    const { transactor } = one.sim.callNext('3');
    one.sim.served('3');
    await told().until('served', () => told().kinds().includes('served'));
    one.sim.cut();
    await one.reach('lost');
    const served = told().events.find((event) => event.kind === 'served');
    if (served?.kind !== 'served') throw new Error('nothing was served');
    one.link.report({ serviceKey: served.service.serviceKey, rated: true, atMs: Date.now() });
    one.sim.restore();
    await told().until('the result there', () => one.sim.state('3').lastRated === true);
    const said = JSON.stringify([told().events, told().lines, told().states]);
    expect(said).not.toContain(transactor);
  });

  it('trusts the authority the site named, and no other', async () => {
    const certificates = createCertificates();
    atEnd(async () => certificates.remove());
    const caFile = certificates.authority('right');
    const tls = certificates.serverFor('IP:127.0.0.1', 'right');
    const one = await begin({ tls }, { caFile });
    await one.reach('ready');
    const doubting = link({ ...one.sim.settings('3'), ...QUICK });
    await doubting.reach('lost');
    expect(doubting.reason()).toContain('证书不受信任');
    const absent = link({ ...one.sim.settings('3'), ...QUICK, caFile: file('absent.pem') });
    await absent.reach('lost');
    expect(absent.reason()).toContain('读不到 CA 证书文件');
  });

  it('names the key file that is missing or wrong', async () => {
    const sim = await createQueueSim({ wire: httpPollWire() });
    atEnd(() => sim.stop());
    const absent = link({ ...sim.settings('3'), ...QUICK, keyFile: file('absent') });
    await absent.reach('lost');
    expect(absent.reason()).toContain('读不到密钥文件');
    writeFileSync(file('wrong'), 'SECRET', { mode: 0o600 });
    const wrong = link({ ...sim.settings('3'), ...QUICK, keyFile: file('wrong') });
    await wrong.reach('lost');
    expect(wrong.reason()).toContain('不接受本机的密钥');
    expect(JSON.stringify([told().lines, told().states])).not.toContain('SECRET');
  });
});

describe('http-poll: FQM as published, which sets Processed when a ticket is pulled', () => {
  const { link, told, atEnd } = useHttpRig();
  const begin = async (): Promise<QueueSim> => {
    const sim = await createQueueSim({ wire: httpPollWire({ profile: 'fqm', processedMeans: 'called' }) });
    atEnd(() => sim.stop());
    await link({ ...sim.settings('3'), ...QUICK }).reach('ready');
    return sim;
  };
  const kinds = () => told().kinds();

  it('invites nobody: it cannot know when the service is over', async () => {
    const sim = await begin();
    sim.callNext('3');
    await told().until('called', () => kinds().length === 1);
    sim.served('3');
    await sim.settled('3');
    sim.recall('3');
    await told().until('recalled', () => kinds().length === 2);
    sim.skip('3');
    await told().until('skipped', () => kinds().length === 3);
    expect(kinds()).toEqual(['called', 'recalled', 'skipped']);
    expect(told().events[0]).toMatchObject({ service: { ticketNumber: expect.stringMatching(/^10/) } });
  });

  it('sees only its own office, also in a list of many chunks, and no name', async () => {
    const sim = await begin();
    const names = new Set<string>();
    for (let index = 0; index < 45; index += 1) names.add(sim.callNext('4').transactor);
    names.add(sim.callNext('3').transactor);
    await told().until('called', () => kinds().length === 1);
    expect(kinds()).toEqual(['called']);
    const said = JSON.stringify([told().events, told().lines]);
    for (const name of names) expect(said).not.toContain(name);
  });
});

describe('http-poll: a system derived from FQM, which sets Processed when the service is over', () => {
  const { link, told, atEnd } = useHttpRig();

  it('asks nobody about what was finished before the tablet started, and about the next as ever', async () => {
    const sim = await createQueueSim({ wire: httpPollWire({ profile: 'fqm', processedMeans: 'served' }) });
    atEnd(() => sim.stop());
    sim.callNext('3');
    sim.served('3');
    await link({ ...sim.settings('3'), ...QUICK }).reach('ready');
    await sim.settled('3');
    expect(told().kinds()).toEqual([]);
    const { number } = sim.callNext('3');
    sim.served('3');
    await told().until('the next served', () => told().kinds().includes('served'));
    expect(told().kinds()).toEqual(['called', 'served']);
    expect(told().events.at(-1)).toMatchObject({
      service: { ticketNumber: String(100 + Number(number.slice(1))) },
    });
  });
});

describe('http-poll: settings', () => {
  const least = { kind: 'http-poll', url: 'http://10.0.0.5/counters/{counter}' };
  it('notice a loss within two seconds as delivered, and have the state three seconds after it', () => {
    const settings = QueueSettingsSchema.parse(least);
    if (settings.kind !== 'http-poll') throw new Error('another make');
    expect(settings.pollEveryMs + settings.requestLimitMs).toBeLessThanOrEqual(2000);
    expect(settings.requestLimitMs + settings.retryCapMs).toBeLessThan(3000);
  });
  it.each([
    ['a password in the address', { ...least, url: 'http://u:p@10.0.0.5/' }],
    ['another protocol', { ...least, url: 'file:///etc/passwd' }],
    ['FQM without an office', { ...least, profile: 'fqm' }],
    ['FQM with a place for results', { ...least, profile: 'fqm', offices: { 1: '3' }, resultUrl: least.url }],
  ])('refuse %s', (_, settings) => {
    expect(QueueSettingsSchema.safeParse(settings).success).toBe(false);
  });
});
