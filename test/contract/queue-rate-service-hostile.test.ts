import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCertificates } from '../../tools/servers/certificates.ts';
import { COUNTER, linkTo, useRateServiceRig } from './queue-rate-service-rig.ts';

describe('rate-service', () => {
  const { begin, connect, told, adopt } = useRateServiceRig();

  describe('hostile server', () => {
    it('garbage is counted and neither passed on nor written down', async () => {
      const { reach, link, sim } = await begin();
      await reach('ready');
      for (const text of ['SECRET-1', '{"method":"RateQuest","param":{"rateId":""},"x":"SECRET-2"}', '[]']) {
        sim.sendRaw(COUNTER, text);
      }
      sim.sendRaw(COUNTER, '{"method":"SECRET-3","param":{}}');
      sim.pause(COUNTER);
      await told().until('paused', () => told().kinds().includes('paused'));
      expect(link.counters()).toMatchObject({ malformed: 3, unknown: 1 });
      expect(told().kinds()).toEqual(['paused']);
      expect(JSON.stringify([told().lines, told().states])).not.toContain('SECRET');
      expect(told().lines.filter((line) => line.event === 'queue.malformed')).toHaveLength(1);
    });

    it('binary frames are refused', async () => {
      const { reach, link, sim } = await begin();
      await reach('ready');
      sim.sendRaw(COUNTER, Buffer.from('{"method":"RateOperate","param":{"operate":"Pause"}}'));
      sim.resume(COUNTER);
      await told().until('resumed', () => told().kinds().includes('resumed'));
      expect(link.counters().binary).toBe(1);
      expect(told().kinds()).toEqual(['resumed']);
    });

    it('an oversized message ends the connection, and it comes back', async () => {
      const { reach, link, sim, reason } = await begin();
      await reach('ready');
      sim.sendRaw(COUNTER, JSON.stringify({ method: 'RateQuest', param: { rateId: '9'.repeat(70_000) } }));
      await reach('lost');
      expect(reason()).toContain('过大');
      expect(link.counters().oversized).toBe(1);
      await reach('ready');
    });

    it('a flood ends the connection, and it comes back', async () => {
      const { reach, link, sim, reason } = await begin();
      await reach('ready');
      for (let index = 0; index < 200; index += 1) {
        sim.sendRaw(COUNTER, `{"method":"RateOperate","param":{"operate":"Pause"}}`);
      }
      await reach('lost');
      expect(reason()).toContain('过多');
      expect(link.counters().floods).toBe(1);
      expect(told().kinds().length).toBeLessThanOrEqual(50);
      await reach('ready');
    });

    it('a server that asks for a login for ever is given up and tried again later', async () => {
      const { reach, sim, reason } = await begin();
      await reach('ready');
      for (let index = 0; index < 5; index += 1) {
        sim.sendRaw(COUNTER, '{"request":"HeartBeat","code":"1000","result":""}');
      }
      await reach('lost');
      expect(reason()).toContain('反复要求重新登录');
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
      const tls = certificates.serverFor('IP:127.0.0.1', 'right');
      const trusting = await begin({ tls }, { caFile: right });
      await trusting.reach('ready');
      const doubting = connect(trusting.sim, { caFile: wrong });
      await doubting.reach('lost');
      expect(doubting.reason()).toContain('证书不受信任');
      const unaware = connect(trusting.sim, {});
      await unaware.reach('lost');
      expect(unaware.reason()).toContain('没有填写');
    });

    it('refuses a certificate made out to another address', async () => {
      const caFile = certificates.authority('right');
      const { reach, reason } = await begin(
        { tls: certificates.serverFor('DNS:elsewhere.example', 'right') },
        { caFile },
      );
      await reach('lost');
      expect(reason()).toContain('不是发给这个地址的');
    });

    it.each(['absent.pem', 'empty.pem'])(
      'says so when the file of the authority is of no use (%s)',
      async (name) => {
        writeFileSync(certificates.file('empty.pem'), 'nothing');
        const { reach, reason } = await begin({}, { caFile: certificates.file(name) });
        await reach('lost');
        expect(reason()).toContain('读不到 CA 证书文件');
      },
    );

    it('says so when the other side does not speak TLS', async () => {
      const plain = await begin();
      const link = linkTo(plain.sim.url.replace('ws:', 'wss:'), {}, told());
      adopt(link);
      link.start();
      await told().until('lost', () => link.state().state === 'lost');
      expect(link.state()).toMatchObject({ reason: expect.stringContaining('加密连接没有建立') });
    });
  });
});
