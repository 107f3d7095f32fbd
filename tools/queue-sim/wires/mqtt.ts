import { connect } from 'node:net';
import mqtt from 'mqtt';
import type { SimTicket } from '../hall.ts';
import type { SimWire, SimWorld, StartWire } from '../wire.ts';
import { type MqttBroker, startMosquitto } from './mqtt-broker.ts';
import { startRelay } from './mqtt-relay.ts';

export interface MqttWireOptions {
  /** Default: a mosquitto of its own, without passwords. It is stopped with the wire. */
  readonly broker?: MqttBroker;
  /** Whether tablets reach the broker by TLS. */
  readonly tls?: boolean;
  /** Over what a tablet must be set to. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

const ROOT = 'yiping/v1/SIM';
const STATE_EVERY_MS = 5_000;
/** A state that nobody renews goes: the retained copy too. */
const STATE_EXPIRY_S = 60;

/** The hall's queue system as docs/queue-links/mqtt.md has it, by a real broker. */
export function mqttWire(options: MqttWireOptions = {}): StartWire {
  return (world) => start(world, options);
}

async function start(world: SimWorld, options: MqttWireOptions): Promise<SimWire> {
  const { hall, users, host } = world;
  const broker = options.broker ?? (await startMosquitto());
  const relay = await startRelay({ host, port: world.port, to: broker.tabletSocket }).catch(
    async (error: unknown) => {
      if (!options.broker) await broker.stop();
      throw error;
    },
  );
  const url = `${options.tls ? 'mqtts' : 'mqtt'}://${host.includes(':') ? `[${host}]` : host}:${relay.port}`;
  const present = new Set<string>();
  const lastServed = new Map<string, string>();
  let operations = 0;

  const client = new mqtt.MqttClient(() => connect(broker.hallSocket), {
    protocolVersion: 5,
    clientId: 'queue-system',
    ...broker.hallLogin,
    clean: false,
    properties: { sessionExpiryInterval: 3600 },
    reconnectPeriod: 50,
    will: { topic: `${ROOT}/system`, payload: Buffer.from('{"v":1,"online":false}'), qos: 1, retain: true },
  });
  client.on('error', () => undefined);

  const say = (counter: string | null, topic: string, text: string | Uint8Array, retain: boolean) => {
    const shown = typeof text === 'string' ? text : `<${text.byteLength} bytes>`;
    world.onMessage({ direction: 'out', counter, text: `${topic} ${shown}`, atMs: world.nowMs() });
    client.publish(`${ROOT}/${topic}`, typeof text === 'string' ? text : Buffer.from(text), {
      qos: 1,
      retain,
      ...(topic.endsWith('/state') ? { properties: { messageExpiryInterval: STATE_EXPIRY_S } } : {}),
    });
  };
  const sayState = (counter: string) => {
    const { paused, phase, ticket } = hall.read(counter);
    const clerk = users.find((user) => user.counters.includes(counter));
    const state = {
      v: 1,
      paused,
      phase,
      ticket: ticket ? ticketFields(ticket) : null,
      ...(clerk ? { clerk: { number: clerk.code, name: clerk.name } } : {}),
    };
    say(counter, `${counter}/state`, JSON.stringify(state), true);
  };

  const heard = (topic: string, text: string) => {
    const [counter = '', about] = topic.slice(ROOT.length + 1).split('/');
    const message = parse(text);
    if (!hall.has(counter) || !message) return;
    if (about === 'tablet') {
      if (message['online'] === true) present.add(counter);
      else present.delete(counter);
    }
    if (about === 'results' && typeof message['rateId'] === 'string') {
      hall.rated(counter, message['rateId'], message['rated'] === true);
      sayState(counter);
    }
    world.onMessage({ direction: 'in', counter, text: `${counter}/${about} ${text}`, atMs: world.nowMs() });
    world.changed();
  };
  client.on('message', (topic, payload) => heard(topic, payload.toString()));
  const begin = async () => {
    await client.subscribeAsync([`${ROOT}/+/tablet`, `${ROOT}/+/results`], { qos: 1 });
    for (const counter of hall.counters()) sayState(counter);
    await client.publishAsync(`${ROOT}/system`, '{"v":1,"online":true}', { qos: 1, retain: true });
  };
  await new Promise<void>((resolve) => {
    // Again after each restart of the broker; it may go away in the middle, and comes back.
    client.on('connect', () => begin().then(resolve, () => undefined));
  });

  const beats = setInterval(() => {
    if (client.connected) for (const counter of hall.counters()) sayState(counter);
  }, STATE_EVERY_MS);

  return {
    url,
    beat: sayState,
    settings: () => ({ kind: 'mqtt', url, topicRoot: ROOT, ...options.settings }),
    tell({ id, kind, counter, ticket, atMs }) {
      const event = JSON.stringify({ v: 1, eventId: id, kind, ...ticketFields(ticket), at: atMs });
      if (kind === 'served') lastServed.set(counter, event);
      say(counter, `${counter}/events`, event, false);
      sayState(counter);
    },
    operate(counter, operation) {
      operations += 1;
      const id = `operate-${world.nowMs()}-${operations}`;
      say(counter, `${counter}/operate`, JSON.stringify({ v: 1, id, operate: operation }), false);
      sayState(counter);
    },
    repeat(counter) {
      const last = lastServed.get(counter);
      if (last !== undefined) say(counter, `${counter}/events`, last, false);
    },
    tablets: (counter) => (present.has(counter) ? 1 : 0),
    raw: (counter, data) => say(counter, `${counter}/events`, data, false),
    cut: relay.cut,
    restore: relay.restore,
    async restart() {
      const back = new Promise<void>((resolve) => client.once('connect', () => resolve()));
      await broker.restart();
      await back;
    },
    async stop() {
      clearInterval(beats);
      await client.endAsync(true);
      await relay.stop();
      await broker.stop();
    },
  };
}

function ticketFields({ number, queue, serial, handling, rateId, item, projectNo, date }: SimTicket) {
  return { ticketNo: number, queue, serial, handling, rateId, item, projectNo, date };
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
