import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultOfReasonCode, MQTT_FAULTS, mqttReason } from './reasons.ts';
import { MqttSettingsSchema } from './settings.ts';
import { clientIdOf, HEARD_TOPICS, type HeardTopic, topicsOf } from './topics.ts';
import { readMqttMessage, writeMqttMessage } from './wire.ts';

const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const read = (topic: HeardTopic, value: unknown) => readMqttMessage(topic, bytes(value));
const event = {
  v: 1,
  eventId: '77-1-served',
  kind: 'served',
  ticketNo: 'A001',
  serial: '77',
  at: 1_778_031_015_000,
};

describe('MQTT payloads', () => {
  it('reads an event, its clerk and its token', () => {
    expect(
      read('events', { ...event, clerk: { number: '1001', name: '李慧敏', stars: 9 }, token: 'a.b.c' }),
    ).toMatchObject({
      type: 'ticketEvent',
      clerk: { number: '1001', name: '李慧敏' },
      ticketEvent: { eventId: '77-1-served', kind: 'served', ticketNo: 'A001', handling: 1, token: 'a.b.c' },
    });
  });

  it('leaves out a clerk who cannot be read, and what it has no name for', () => {
    const found = read('events', { ...event, clerk: { number: '' }, transactor: '张三' });
    expect(found).toMatchObject({ type: 'ticketEvent', clerk: undefined });
    expect(JSON.stringify(found)).not.toContain('张三');
  });

  it('reads state, presence and operations', () => {
    expect(
      read('state', { v: 1, paused: false, phase: 'serving', ticket: { ticketNo: 'A001' } }),
    ).toMatchObject({
      type: 'state',
      present: { paused: false, phase: 'serving', ticket: { ticketNo: 'A001' } },
    });
    expect(read('system', { v: 1, online: false })).toEqual({ type: 'system', online: false });
    expect(read('operate', { v: 1, id: 'o-1', operate: 'pause' })).toEqual({
      type: 'operate',
      id: 'o-1',
      operation: 'pause',
    });
  });

  it.each<readonly [HeardTopic, unknown]>([
    ['events', { ...event, v: 2 }],
    ['events', { ...event, v: '1' }],
    ['events', { ...event, kind: 'exploded' }],
    ['system', { v: 2, online: true }],
  ])('does not know, and says so: %s %j', (topic, value) => {
    expect(read(topic, value).type).toBe('unknown');
  });

  it.each<readonly [HeardTopic, unknown]>([
    ['events', ''],
    ['events', 'null'],
    ['events', '[]'],
    ['events', '{"v":1'],
    ['events', { ...event, v: null }],
    ['events', { ...event, eventId: '' }],
    ['events', { ...event, ticketNo: 'x'.repeat(41) }],
    ['events', { v: 1, kind: { $gt: '' } }],
    ['system', { v: 1 }],
    ['system', { v: 1, online: 'yes' }],
    ['state', { v: 1, paused: false, phase: 'rated' }],
    ['operate', { v: 1, operate: 'pause' }],
    ['operate', { v: 1, id: 'o', operate: 'constructor' }],
  ])('refuses %s %j', (topic, value) => {
    expect(read(topic, value)).toEqual({ type: 'malformed' });
  });

  it('refuses bytes that are no text', () => {
    expect(readMqttMessage('events', Uint8Array.from([0x7b, 0xff, 0x7d]))).toEqual({ type: 'malformed' });
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...HEARD_TOPICS), fc.uint8Array(), (topic, payload) => {
        expect(readMqttMessage(topic, payload).type).toBeTypeOf('string');
      }),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...HEARD_TOPICS),
        fc.dictionary(
          fc.constantFrom(...Object.keys(event), 'online', 'paused', 'phase', 'clerk'),
          fc.jsonValue(),
        ),
        (topic, value) => {
          expect(read(topic, { ...value, v: 1 }).type).toBeTypeOf('string');
        },
      ),
    );
  });

  it('writes its version first', () => {
    expect(writeMqttMessage({ rated: true, at: 5 })).toBe('{"v":1,"rated":true,"at":5}');
  });
});

describe('MQTT topics', () => {
  it('hold no wildcard and no level of somebody else’s', () => {
    const topics = topicsOf({ hall: 'H/1', counter: '+/#' });
    expect(topics.events).toBe('yiping/v1/H%2F1/%2B%2F%23/events');
    expect(clientIdOf('H/1', '3')).toBe('yiping-H%2F1-3');
    expect(topicsOf({ root: 'hall/queue', hall: 'H1', counter: '3' }).system).toBe('hall/queue/system');
  });
  it('are what a queue system makes of the page that describes them, however long the names', () => {
    const page = readFileSync(new URL('../../../docs/queue-links/mqtt.md', import.meta.url), 'utf8');
    const [, hall = '', counter = '', topic] =
      /Hall `(.+?)`, counter `(.+?)`:\n\n```\n(\S+)\n```/.exec(page) ?? [];
    expect(topicsOf({ hall, counter }).events).toBe(topic);
    const longest = topicsOf({ hall: '政'.repeat(60), counter: '号'.repeat(32) }).events;
    expect(decodeURIComponent(longest)).toBe(`yiping/v1/${'政'.repeat(60)}/${'号'.repeat(32)}/events`);
    expect(Buffer.byteLength(longest)).toBeLessThan(1024);
    expect(clientIdOf('云溪', '综合3号')).toBe(`yiping-${topic?.split('/').slice(2, 4).join('-')}`);
  });
});

describe('MQTT settings', () => {
  const least = { kind: 'mqtt', url: 'mqtt://10.0.0.5:1883' };
  it('need an address, nothing else, and notice a dead broker within two seconds', () => {
    const settings = MqttSettingsSchema.parse(least);
    expect(settings.silenceLimitMs + settings.probeEveryMs).toBeLessThanOrEqual(2000);
  });
  it.each([
    ['a password in the address', { ...least, url: 'mqtt://u:p@10.0.0.5' }],
    ['a password in the settings', { ...least, password: 'secret' }],
    ['a path', { ...least, url: 'mqtt://10.0.0.5/x' }],
    ['another protocol', { ...least, url: 'ws://10.0.0.5' }],
    ['a wildcard', { ...least, topicRoot: 'hall/#' }],
    ['a password without a user', { ...least, passwordFile: 'p' }],
    ['a certificate without a key', { ...least, certFile: 'c.pem' }],
    ['a switched-off check', { ...least, rejectUnauthorized: false }],
  ])('refuse %s', (_, settings) => {
    expect(MqttSettingsSchema.safeParse(settings).success).toBe(false);
  });
});

describe('why an MQTT link is lost', () => {
  const context = {
    address: '10.0.0.5:8883',
    counter: '3',
    clientId: 'yiping-H1-3',
    username: 'counter-3',
    passwordFile: 'mqtt-password',
    topics: topicsOf({ hall: 'H1', counter: '3' }),
  };
  it.each(MQTT_FAULTS)('%s is said in Chinese with what to do', (fault) => {
    const reason = mqttReason(fault, context);
    expect(reason).toMatch(/请|正在自动重连/);
    expect(reason.endsWith('。')).toBe(true);
    expect(reason).not.toMatch(/undefined/);
  });
  it('knows what the broker says in one byte', () => {
    expect([0x84, 0x87, 0x85, 0x8e, 0x89, 0x95, 0x8b].map(faultOfReasonCode)).toEqual([
      'noVersion5',
      'loginRefused',
      'clientIdRefused',
      'takenOver',
      'busy',
      'protocol',
      'closed',
    ]);
  });
});
