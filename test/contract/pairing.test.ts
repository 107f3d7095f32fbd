import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PAIRED_JSON, readPaired, sweepPairings } from '../../src/core/paired.ts';
import { createQueueLink, QueueSettingsSchema } from '../../src/queue/links.ts';
import { readSecretFile } from '../../src/queue/secret-file.ts';
import { systemClock } from '../../src/shared/clock.ts';
import type { QueueEvent } from '../../src/shared/queue-event.ts';
import { type SimPairingOptions, startSimPairing } from '../../tools/queue-sim/pairing.ts';
import { createQueueSim } from '../../tools/queue-sim/queue-sim.ts';
import { httpPollWire } from '../../tools/queue-sim/wires/http-poll.ts';
import { mqttWire } from '../../tools/queue-sim/wires/mqtt.ts';
import { createCertificates } from '../../tools/servers/certificates.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { until } from '../support/until.ts';
import { createPairingTablet, startStranger } from './pairing-rig.ts';

const COUNTER = '3';

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function tabletWith(parts: Parameters<typeof createPairingTablet>[0] = {}) {
  const tablet = createPairingTablet(parts);
  ends.push(tablet.remove);
  return tablet;
}

async function queueWith(options: Partial<SimPairingOptions> = {}) {
  const sim = await createQueueSim({
    counters: [COUNTER, '4'],
    users: [{ code: '1003', name: '王芳', counters: [COUNTER, '4'] }],
  });
  ends.push(sim.stop);
  const desk = await startSimPairing({ sim, counters: [COUNTER, '4'], ...options });
  ends.push(desk.stop);
  return { sim, desk };
}

async function strangerWith(hear: Parameters<typeof startStranger>[0]) {
  const stranger = await startStranger(hear);
  ends.push(stranger.stop);
  return stranger;
}

const ready = (tablet: ReturnType<typeof tabletWith>) =>
  until(() => expect(tablet.view().stage).toMatchObject({ name: 'trial', mayAccept: true }));
const failed = (tablet: ReturnType<typeof tabletWith>, trouble: string) =>
  until(() => expect(tablet.trouble()).toBe(trouble));

/** Without encryption nothing stands between the address and the code. */
function typed({ pairing }: ReturnType<typeof tabletWith>, address: string, code: string): void {
  pairing.act({ act: 'ask', address });
  pairing.act({ act: 'code', code });
}

describe('pairing with a queue system', () => {
  it('tries the link, sees a test call and the ticket that is open, and changes nothing before it is accepted', async () => {
    const { sim, desk } = await queueWith({ files: { keyFile: 'unused' }, settings: {} });
    const tablet = tabletWith();
    const open = sim.callNext(COUNTER);
    // RateService names no secret: such a file is a setting it does not know.
    tablet.pairing.act({ act: 'scan', text: desk.current().text });
    await failed(tablet, 'settings');
    expect(readdirSync(tablet.folder)).toEqual([]);
    expect(tablet.view().stage).toMatchObject({ address: desk.current().address });

    const plain = await startSimPairing({ sim, counters: [COUNTER] });
    ends.push(plain.stop);
    tablet.pairing.act({ act: 'scan', text: plain.current().text });
    await ready(tablet);
    expect(tablet.check('reached')).toMatchObject({ state: 'good', text: plain.current().address });
    expect(tablet.check('counter')).toMatchObject({ state: 'good', text: '3 号窗口' });
    expect(tablet.check('clock')?.state).toBe('good');
    expect(tablet.check('loggedIn')).toMatchObject({ state: 'good', text: 'rate-service' });
    expect(tablet.check('lastTicket')).toMatchObject({ state: 'good', text: open.number });
    expect(tablet.check('testCall')?.text).toMatch(/^YPTEST\d{4}$/);
    expect(existsSync(join(tablet.folder, PAIRED_JSON))).toBe(false);
    // The hall is as it was: a test call is nobody's turn.
    expect(sim.state(COUNTER)).toMatchObject({ phase: 'serving', ticket: { number: open.number } });

    expect(tablet.pairing.act({ act: 'accept' })).toEqual({ accepted: true });
    await until(() => expect(tablet.restarts).toHaveLength(1));
    await until(() => expect(plain.paired().get(COUNTER)).toBe('tablet-1'));
    expect(readPaired(tablet.folder)).toMatchObject({
      ok: true,
      paired: { settings: { kind: 'rate-service', url: sim.url }, system: '模拟叫号系统' },
    });
    expect(tablet.view()).toMatchObject({ stage: { name: 'none' }, paired: { kind: 'rate-service' } });
    expect(tablet.lines.join()).not.toContain(plain.current().code);

    expect(tablet.pairing.act({ act: 'unpair' })).toEqual({ accepted: true });
    expect(readPaired(tablet.folder)).toEqual({ ok: true, paired: null });
    expect(readdirSync(tablet.folder)).toEqual([]);
  });

  it('lets no test call through the link in service, and leaves the ticket at the counter alone', async () => {
    const { sim } = await queueWith();
    const heard: QueueEvent[] = [];
    const link = createQueueLink({
      settings: QueueSettingsSchema.parse(sim.settings(COUNTER)),
      hall: 'H1',
      counter: COUNTER,
      timezone: 'Asia/Shanghai',
      clock: systemClock,
      onEvent: (event) => heard.push(event),
      onState: () => {},
      log: () => {},
    });
    ends.push(() => link.stop());
    link.start();
    await until(() => expect(link.state().state).toBe('ready'));
    const open = sim.callNext(COUNTER);
    sim.testCall(COUNTER, 'YPTEST0001');
    sim.served(COUNTER);
    await until(() => expect(heard.some(({ kind }) => kind === 'served')).toBe(true));
    const tickets = heard.flatMap((event) => ('service' in event ? [event.service.ticketNumber] : []));
    expect(new Set(tickets)).toEqual(new Set([open.number]));
  });

  it('tries a broker without pushing the link in service aside', async () => {
    const sim = await createQueueSim({ counters: [COUNTER], wire: mqttWire() });
    ends.push(sim.stop);
    const states: string[] = [];
    const link = createQueueLink({
      settings: QueueSettingsSchema.parse(sim.settings(COUNTER)),
      hall: 'H1',
      counter: COUNTER,
      timezone: 'Asia/Shanghai',
      clock: systemClock,
      onEvent: () => {},
      onState: ({ state }) => states.push(state),
      log: () => {},
    });
    ends.push(() => link.stop());
    link.start();
    await until(() => expect(states.at(-1)).toBe('ready'));
    const before = states.length;
    const desk = await startSimPairing({ sim, counters: [COUNTER] });
    ends.push(desk.stop);
    const tablet = tabletWith();
    tablet.pairing.act({ act: 'scan', text: desk.current().text });
    await ready(tablet);
    expect(tablet.view().stage).toMatchObject({ kind: 'mqtt' });
    expect(states.slice(before)).toEqual([]);
  });

  it('seals what it is given, and links read it', async () => {
    const sim = await createQueueSim({ counters: [COUNTER], wire: httpPollWire() });
    ends.push(sim.stop);
    const theirs = sim.settings(COUNTER)['keyFile'];
    const secret = readFileSync(String(theirs), 'utf8').trim();
    const desk = await startSimPairing({ sim, counters: [COUNTER], testCalls: false });
    ends.push(desk.stop);
    const tablet = tabletWith();
    tablet.pairing.act({ act: 'scan', text: desk.current().text });
    await until(() => expect(tablet.check('loggedIn')?.state).toBe('good'));
    expect(tablet.view().stage).toMatchObject({ mayAccept: false });
    sim.callNext(COUNTER);
    // It makes no test calls: a real ticket that is seen stands for one.
    await ready(tablet);
    tablet.pairing.act({ act: 'accept' });
    await until(() => expect(tablet.restarts).toHaveLength(1));
    const found = readPaired(tablet.folder);
    const paired = found.ok ? found.paired : null;
    const file = paired?.settings.kind === 'http-poll' ? (paired.settings.keyFile ?? '') : '';
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(readFileSync(file, 'utf8')).not.toContain(secret);
    expect(readSecretFile(file)).toEqual({ secret });
    expect(readFileSync(join(tablet.folder, PAIRED_JSON), 'utf8')).not.toContain(secret);
    expect(tablet.lines.join()).not.toContain(secret);
  });

  it('gives up what was being tried when nobody looks any more, and sweeps what a power cut left', async () => {
    const { sim, desk } = await queueWith();
    const tablet = tabletWith();
    tablet.pairing.act({ act: 'scan', text: desk.current().text });
    await ready(tablet);
    expect(readdirSync(tablet.folder)).toHaveLength(1);
    tablet.pairing.end();
    await until(() => expect(sim.state(COUNTER).tablets).toBe(0));
    await until(() => expect(readdirSync(tablet.folder)).toEqual([]));
    expect(tablet.pairing.act({ act: 'accept' })).toMatchObject({ accepted: false });

    desk.offer();
    tablet.pairing.act({ act: 'scan', text: desk.current().text });
    await ready(tablet);
    sweepPairings(tablet.folder);
    expect(readdirSync(tablet.folder)).toEqual([]);
    // Nothing is adopted whose secrets are gone.
    expect(tablet.pairing.act({ act: 'accept' })).toMatchObject({ accepted: false });
    await failed(tablet, 'notStored');
    expect(readdirSync(tablet.folder)).toEqual([]);
  });

  it('waits with the change while somebody is asked', async () => {
    const { desk } = await queueWith();
    const tablet = tabletWith({ self: { isFree: () => false } });
    tablet.pairing.act({ act: 'scan', text: desk.current().text });
    await ready(tablet);
    expect(tablet.pairing.act({ act: 'accept' })).toMatchObject({ accepted: false });
    expect(tablet.restarts).toEqual([]);
  });

  it('names a pairing file that nobody can read, and does not follow it', () => {
    const tablet = tabletWith();
    for (const text of ['', '{', '{"v":1}', 'x'.repeat(20_000)]) {
      writeFileSync(join(tablet.folder, PAIRED_JSON), text);
      expect(readPaired(tablet.folder)).toMatchObject({
        ok: false,
        message: expect.stringContaining('重新配对'),
      });
    }
  });
});

describe('a queue system that refuses, or is another', () => {
  it('names wrong, spent and tried codes, the wrong and the taken counter', async () => {
    const { desk } = await queueWith();
    const tablet = tabletWith();
    const { address, code } = desk.current();
    const wrong = code === '000000' ? '111111' : '000000';
    for (const trouble of ['codeWrong', 'codeWrong', 'codeWrong', 'codeWrong', 'tooManyTries']) {
      typed(tablet, address, wrong);
      await failed(tablet, trouble);
    }
    typed(tablet, address, code);
    await failed(tablet, 'tooManyTries');

    const other = tabletWith({ self: { counter: '9' } });
    other.pairing.act({ act: 'scan', text: desk.offer().text });
    await failed(other, 'counterUnknown');
    expect(other.view().stage).toMatchObject({ detail: '3、4' });

    const first = tabletWith({ self: { deviceId: 'tablet-0' } });
    first.pairing.act({ act: 'scan', text: desk.offer().text });
    await ready(first);
    first.pairing.act({ act: 'accept' });
    await until(() => expect(desk.paired().get(COUNTER)).toBe('tablet-0'));
    typed(tablet, address, desk.current().code);
    await failed(tablet, 'codeExpired');
    tablet.pairing.act({ act: 'scan', text: desk.offer().text });
    await failed(tablet, 'counterTaken');
    expect(tablet.view().stage).toMatchObject({ detail: 'tablet-0' });
    expect(tablet.lines.join()).not.toContain(code);
  });

  it('shows what the link says when the settings do not fit, and a clock that is off', async () => {
    const { desk } = await queueWith({ clockOffByMs: -94_000, settings: { winNum: '77' } });
    const tablet = tabletWith();
    tablet.pairing.act({ act: 'scan', text: desk.current().text });
    await until(() => expect(tablet.check('loggedIn')?.state).toBe('bad'));
    expect(tablet.check('loggedIn')?.reason).toContain('77');
    expect(tablet.check('clock')).toMatchObject({ state: 'off' });
    expect(tablet.view().stage).toMatchObject({ mayAccept: false });
    expect(tablet.pairing.act({ act: 'accept' })).toMatchObject({ accepted: false });
  });

  it('is not reached without encryption over a network, unless the site says so', async () => {
    const tablet = tabletWith();
    tablet.pairing.act({ act: 'ask', address: 'http://192.0.2.1' });
    expect(tablet.trouble()).toBe('plainHttp');
    tablet.pairing.act({ act: 'scan', text: 'https://example.invalid/' });
    expect(tablet.trouble()).toBe('notAnOffer');
    expect(tabletWith({ settings: { offered: false } }).pairing.act({ act: 'stop' })).toEqual({
      accepted: false,
      reason: 'notOffered',
    });
  });

  it.each([
    ['a redirect', 'redirected', 302, { location: 'http://127.0.0.1:9/' }, ''],
    ['a page', 'notPairing', 200, {}, '<html>'],
    ['a page too large', 'oversized', 200, {}, 'x'.repeat(100_000)],
    ['headers too large', 'oversized', 200, { 'x-large': 'x'.repeat(9_000) }, ''],
  ] as const)('%s is a fault with a name', async (_what, trouble, status, headers, body) => {
    const { address } = await strangerWith({
      http: (_request, response) => response.writeHead(status, headers).end(body),
    });
    const tablet = tabletWith();
    typed(tablet, address, '123456');
    await failed(tablet, trouble);
  });

  it('who drips has five seconds, whatever still comes', async () => {
    const came: string[] = [];
    const { address } = await strangerWith({
      raw(socket) {
        socket.write('HTTP/1.1 200 OK\r\nx: ');
        const timer = setInterval(() => socket.write('a'), 20);
        socket.once('data', () => came.push('asked'));
        socket.once('close', () => {
          clearInterval(timer);
          came.push('left');
        });
      },
    });
    const clock = createFakeClock();
    const tablet = tabletWith({ clock });
    typed(tablet, address, '123456');
    await until(() => expect(came).toEqual(['asked']));
    clock.advance(4_999);
    expect(tablet.trouble()).toBe('asking');
    clock.advance(1);
    await failed(tablet, 'silent');
    await until(() => expect(came).toEqual(['asked', 'left']));
  });

  it('who sends noise or is not there is a fault with a name', async () => {
    const { address } = await strangerWith({ raw: (socket) => socket.end(Buffer.alloc(4_000, 0xfe)) });
    const tablet = tabletWith();
    typed(tablet, address, '123456');
    await failed(tablet, 'notPairing');
    typed(tablet, 'http://127.0.0.1:1', '123456');
    await failed(tablet, 'unreachable');
  });
});

describe('over TLS', () => {
  let certificates: ReturnType<typeof createCertificates>;
  beforeAll(() => {
    certificates = createCertificates();
    certificates.authority('hall');
  });
  afterAll(() => certificates.remove());

  it('trusts the certificate of the QR code and no other, and sends another nothing', async () => {
    const { desk } = await queueWith({ tls: certificates.serverFor('IP:127.0.0.1', 'hall') });
    const impostor = await queueWith({ tls: certificates.serverFor('IP:127.0.0.1', 'hall') });
    const tablet = tabletWith();
    tablet.pairing.act({ act: 'scan', text: desk.current().text });
    await ready(tablet);

    const pin = new URLSearchParams(desk.current().text.split('?')[1]).get('f') ?? '';
    const { address, code } = impostor.desk.current();
    tablet.pairing.act({
      act: 'scan',
      text: `yiping-pair:1?a=${encodeURIComponent(address)}&c=${code}&f=${pin}`,
    });
    await failed(tablet, 'otherCertificate');
    expect(impostor.desk.asked).toEqual([]);
  });

  it('shows the fingerprint beside the code that is typed, and says nothing before it is; a wrong one is typed anew', async () => {
    const { desk } = await queueWith({ tls: certificates.serverFor('IP:127.0.0.1', 'hall') });
    const tablet = tabletWith();
    const { address, code, fingerprint } = desk.current();
    tablet.pairing.act({ act: 'ask', address: address.replace('https://', '') });
    // The code belongs to the certificate that is shown: there is none yet.
    expect(tablet.pairing.act({ act: 'code', code })).toMatchObject({ accepted: false });
    await until(() => expect(tablet.view().stage).toEqual({ name: 'code', address, fingerprint }));
    expect(desk.asked).toEqual([]);
    tablet.pairing.act({ act: 'code', code: code === '000000' ? '111111' : '000000' });
    await until(() =>
      expect(tablet.view().stage).toEqual({ name: 'code', address, fingerprint, trouble: 'codeWrong' }),
    );
    tablet.pairing.act({ act: 'code', code });
    await ready(tablet);
  });

  it('sends the code to the certificate that was shown and to no other', async () => {
    const { desk } = await queueWith({ tls: certificates.serverFor('IP:127.0.0.1', 'hall') });
    const tablet = tabletWith();
    const { address, code } = desk.current();
    tablet.pairing.act({ act: 'ask', address });
    await until(() => expect(tablet.view().stage).toMatchObject({ name: 'code' }));
    // Between the look and the code somebody else takes the address.
    await desk.stop();
    const impostor = await queueWith({
      tls: certificates.serverFor('IP:127.0.0.1', 'hall'),
      port: Number(new URL(address).port),
    });
    tablet.pairing.act({ act: 'code', code });
    await failed(tablet, 'otherCertificate');
    expect(impostor.desk.asked).toEqual([]);
  });
});
