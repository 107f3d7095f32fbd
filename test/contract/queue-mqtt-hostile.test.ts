import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCertificates } from '../../tools/servers/certificates.ts';
import { COUNTER, kinds, publishPacket, useMqttRig } from './queue-mqtt-rig.ts';

const USERS = { 'counter-3': 'the-password-of-3' };
const TOPICS = ['read yiping/v1/SIM/system', 'read yiping/v1/SIM/3/#'];

describe('mqtt', () => {
  const rig = useMqttRig();
  const begin = rig.begin;

  describe('at a broker with rights', () => {
    const asUser = (password: string) => ({
      username: 'counter-3',
      passwordFile: rig.secret('password', password),
    });
    const may = (...topics: string[]) => ['user counter-3', ...topics.map((topic) => `topic ${topic}`)];

    it('logs in, and names the user where the password is wrong, never the password', async () => {
      const { tablet } = await begin({ users: USERS });
      const right = tablet(asUser('the-password-of-3\n'));
      await right.reach('ready');
      const wrong = tablet({ ...asUser('SECRET-GUESS'), winNum: '4' });
      await wrong.reach('lost');
      expect(wrong.reason()).toContain('拒绝登录');
      expect(wrong.reason()).toContain('“counter-3”');
      expect(JSON.stringify([wrong.told.states, wrong.told.lines])).not.toContain('SECRET-GUESS');
    });

    it('names the file where the password cannot be had, or anybody can have it', async () => {
      const { tablet } = await begin({ users: USERS });
      const absent = tablet({ username: 'counter-3', passwordFile: '/nowhere/password' });
      await absent.reach('lost');
      expect(absent.reason()).toContain('“/nowhere/password”');
      const open = rig.secret('open', 'the-password-of-3', 0o644);
      const careless = tablet({ username: 'counter-3', passwordFile: open });
      await careless.reach('lost');
      expect(careless.reason()).toContain('chmod 600');
    });

    it('names the topic it may not write', async () => {
      const { tablet } = await begin({ users: USERS, acl: may(...TOPICS) });
      const { reach, reason } = tablet(asUser('the-password-of-3'));
      await reach('lost');
      expect(reason()).toContain('yiping/v1/SIM/3/tablet');
    });

    it('names the topic it may not read', async () => {
      const { tablet } = await begin({ users: USERS, acl: may('write yiping/v1/SIM/3/#') });
      const { reach, reason } = tablet(asUser('the-password-of-3'));
      await reach('lost');
      expect(reason()).toContain('yiping/v1/SIM/system');
      expect(reason()).toContain('读权限');
    });

    it('goes on following where its results are refused, and says so in the log', async () => {
      const acl = may(...TOPICS, 'write yiping/v1/SIM/3/tablet');
      const { tablet, sim } = await begin({ users: USERS, acl });
      const { reach, link, told } = tablet(asUser('the-password-of-3'));
      await reach('ready');
      sim.callNext(COUNTER);
      sim.served(COUNTER);
      await told.until('served', () => kinds(told, 'served') === 1);
      const served = told.events.find((event) => event.kind === 'served');
      if (served?.kind !== 'served') throw new Error('nothing was served');
      link.report({ serviceKey: served.service.serviceKey, rated: true, atMs: Date.now() });
      await told.until('the refusal', () => told.lines.some((line) => line.event === 'queue.resultRefused'));
      expect(link.counters().resultsDropped).toBe(1);
      expect(link.state().state).toBe('ready');
    });
  });

  it('says that another tablet stands at the same counter', async () => {
    const { tablet } = await begin();
    const first = tablet();
    await first.reach('ready');
    tablet({ retryFirstMs: 2000, retryCapMs: 15_000 });
    await first.told.until('taken over', () =>
      first.told.states.some((one) => 'reason' in one && one.reason.includes('两台平板')),
    );
  });

  it('shows a queue system that is gone while the broker stays, and goes on without a new connection', async () => {
    const { tablet, broker } = await begin();
    const { reach, reason, link } = tablet();
    await reach('ready');
    const say = await rig.stranger(broker);
    await say('system', '{"v":1,"online":false}', true);
    await reach('lost');
    expect(reason()).toContain('叫号系统已离线');
    await say('system', '{"v":1,"online":true}', true);
    await reach('ready');
    expect(link.counters().connections).toBe(1);
  });

  it('says so when the queue system speaks another version', async () => {
    const { tablet, broker } = await begin();
    const { reach, reason } = tablet();
    await reach('ready');
    const say = await rig.stranger(broker);
    await say('system', '{"v":2,"online":true}');
    await reach('lost');
    expect(reason()).toContain('版本');
  });

  it('counts garbage and neither passes it on nor writes it down', async () => {
    const { tablet, broker, sim } = await begin();
    const { reach, link, told } = tablet();
    await reach('ready');
    const say = await rig.stranger(broker);
    await say('3/events', 'SECRET-1');
    await say('3/events', '{"v":1,"eventId":"","kind":"served","x":"SECRET-2"}');
    await say('3/state', Buffer.from([0x7b, 0xff, 0xfe]));
    await say('3/events', '{"v":1,"kind":"SECRET-3"}');
    await say('3/operate', '{"v":9,"operate":"SECRET-4"}');
    sim.pause(COUNTER);
    await told.until('paused', () => kinds(told, 'paused') === 1);
    expect(link.counters()).toMatchObject({ malformed: 3, unknown: 2 });
    expect(JSON.stringify([told.lines, told.states, told.events])).not.toContain('SECRET');
    expect(told.lines.filter((line) => line.event === 'queue.malformed')).toHaveLength(1);
  });

  it('is not called again by an event that somebody wrongly retained', async () => {
    const { tablet, broker, sim } = await begin();
    const say = await rig.stranger(broker);
    await say('3/events', '{"v":1,"eventId":"old","kind":"served","ticketNo":"Z099"}', true);
    const { reach, told } = tablet();
    await reach('ready');
    sim.pause(COUNTER);
    await told.until('paused', () => kinds(told, 'paused') === 1);
    expect(kinds(told, 'served')).toBe(0);
  });

  it('takes a long absence at its own pace: nothing lost, nothing double, no flood', async () => {
    const { tablet, sim } = await begin();
    const { reach, told, link } = tablet({ maxMessagesPerSecond: 200 });
    await reach('ready');
    sim.cut();
    await reach('lost');
    for (let index = 0; index < 60; index += 1) {
      sim.callNext(COUNTER);
      sim.served(COUNTER);
    }
    sim.restore();
    await told.until('all of them', () => kinds(told, 'served') === 60);
    const keys = told.events.flatMap((event) => (event.kind === 'served' ? [event.service.serviceKey] : []));
    expect(new Set(keys).size).toBe(60);
    expect(link.counters()).toMatchObject({ floods: 0, connections: 2 });
  });

  describe('and a broker that is none', () => {
    it('cuts off a packet that is too large at its header', async () => {
      const url = await rig.impostor((socket) => socket.write(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])));
      const { reach, reason, link } = rig.link({ url });
      await reach('lost');
      expect(reason()).toContain('过大');
      expect(link.counters().oversized).toBe(1);
    });

    it('cuts off a flood', async () => {
      const packet = publishPacket('yiping/v1/H1/3/events', '{"v":1}');
      const url = await rig.impostor((socket) => {
        for (let index = 0; index < 1000; index += 1) socket.write(packet);
      });
      const { reach, reason, link } = rig.link({ url });
      await reach('lost');
      expect(reason()).toContain('过多');
      expect(link.counters().floods).toBe(1);
    });

    it.each([
      [
        'speaks nonsense',
        (socket: { write(bytes: Uint8Array): void }) => socket.write(Buffer.from([0x00, 0x00])),
        '不合规范',
      ],
      [
        'takes the right away while connected',
        (socket: { write(bytes: Uint8Array): void }) => socket.write(Buffer.from([0xe0, 2, 0x87, 0])),
        '拒绝登录',
      ],
    ])('%s', async (_, act, words) => {
      const { reach, reason } = rig.link({ url: await rig.impostor(act) });
      await reach('lost');
      expect(reason()).toContain(words);
    });

    it('does not know MQTT 5', async () => {
      const { reach, reason } = rig.link({ url: await rig.impostor(() => undefined, 0x84) });
      await reach('lost');
      expect(reason()).toContain('不支持 MQTT 5');
    });

    it('is another service', async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      const { reach, reason, link } = rig.link({
        url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
      });
      await reach('lost');
      expect(reason()).toContain('不是 MQTT 服务');
      await link.stop();
      server.close();
    });
  });

  describe('with TLS', () => {
    let certificates: ReturnType<typeof createCertificates>;
    beforeEach(() => {
      certificates = createCertificates();
    });
    afterEach(() => certificates.remove());

    it('trusts the authority the site named, and no other', async () => {
      const right = certificates.authority('right');
      const wrong = certificates.authority('wrong');
      const { tablet, sim } = await begin({ tls: certificates.serverFor('IP:127.0.0.1', 'right') });
      const trusting = tablet({ caFile: right });
      await trusting.reach('ready');
      const doubting = tablet({ caFile: wrong, winNum: '4' });
      await doubting.reach('lost');
      expect(doubting.reason()).toContain('证书不受信任');
      const plain = tablet({ url: sim.url.replace('mqtts:', 'mqtt:'), winNum: '5' });
      await plain.reach('lost');
      expect(plain.reason()).toMatch(/不是 MQTT 服务|请/);
    });

    it('refuses a certificate made out to another address', async () => {
      const caFile = certificates.authority('right');
      const { tablet } = await begin({ tls: certificates.serverFor('DNS:elsewhere.example', 'right') });
      const { reach, reason } = tablet({ caFile });
      await reach('lost');
      expect(reason()).toContain('不是发给这个地址的');
    });

    it('shows a certificate of its own where the broker asks for one', async () => {
      const caFile = certificates.authority('right');
      const server = certificates.serverFor('IP:127.0.0.1', 'right');
      const { tablet } = await begin({ tls: { ...server, clientCaFile: caFile } });
      const without = tablet({ caFile, winNum: '4' });
      await without.reach('lost');
      expect(without.reason()).toContain('证书');
      const own = certificates.serverFor('DNS:counter-3', 'right');
      const certFile = rig.secret('own.pem', own.cert);
      const keyFile = rig.secret('own.key', own.key);
      const { reach } = tablet({ caFile, certFile, keyFile });
      await reach('ready');
      const careless = tablet({
        caFile,
        certFile,
        keyFile: rig.secret('open.key', own.key, 0o644),
        winNum: '5',
      });
      await careless.reach('lost');
      expect(careless.reason()).toContain('chmod 600');
    });

    it('says so when the other side does not speak TLS', async () => {
      const { tablet, sim } = await begin();
      const { reach, reason } = tablet({ url: sim.url.replace('mqtt:', 'mqtts:') });
      await reach('lost');
      expect(reason()).toContain('加密连接没有建立');
    });
  });
});
