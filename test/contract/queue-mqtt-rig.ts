import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { afterEach, beforeEach } from 'vitest';
import { createQueueLink, type QueueLink, QueueSettingsSchema } from '../../src/queue/links.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { createQueueSim } from '../../tools/queue-sim/queue-sim.ts';
import { mqttWire } from '../../tools/queue-sim/wires/mqtt.ts';
import {
  type MqttBroker,
  type MqttBrokerOptions,
  startMosquitto,
} from '../../tools/queue-sim/wires/mqtt-broker.ts';
import { createRecorder, type Recorder } from './queue-link-contract.ts';

export const COUNTER = '3';
/** The delays of the delivered settings, shortened; their order is the same. */
export const QUICK = {
  probeEveryMs: 50,
  silenceLimitMs: 500,
  connectLimitMs: 2000,
  retryFirstMs: 50,
  retryCapMs: 100,
};

/** Brokers, halls and links of one test, cleared away after it. */
export function useMqttRig() {
  const ends: (() => Promise<unknown> | undefined)[] = [];
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'queue-mqtt-'));
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    rmSync(folder, { recursive: true, force: true });
  });

  const link = (settings: object) => {
    const told = createRecorder();
    const one: QueueLink = createQueueLink({
      settings: QueueSettingsSchema.parse({ kind: 'mqtt', ...QUICK, ...settings }),
      hall: 'H1',
      counter: COUNTER,
      timezone: 'Asia/Shanghai',
      clock: systemClock,
      ...told,
    });
    ends.push(() => one.stop());
    one.start();
    const reach = (state: 'ready' | 'lost') => told.until(state, () => one.state().state === state);
    const reason = () => {
      const state = one.state();
      return state.state === 'lost' ? state.reason : '';
    };
    return { link: one, told, reach, reason };
  };

  const begin = async (broker: MqttBrokerOptions = {}) => {
    const started = await startMosquitto(broker);
    const sim = await createQueueSim({ wire: mqttWire({ broker: started, tls: broker.tls !== undefined }) });
    ends.push(() => sim.stop());
    const tablet = (settings: object = {}) => link({ ...sim.settings(COUNTER), ...settings });
    return { sim, broker: started, tablet };
  };

  return {
    begin,
    link,
    secret(name: string, text: string, mode = 0o600) {
      const file = join(folder, name);
      writeFileSync(file, text);
      chmodSync(file, mode);
      return file;
    },
    /** Somebody else who may write at the broker. */
    async stranger(broker: MqttBroker) {
      const client = await new Promise<mqtt.MqttClient>((resolve) => {
        const opened = new mqtt.MqttClient(() => connect(broker.hallSocket), {
          protocolVersion: 5,
          ...broker.hallLogin,
          reconnectPeriod: 0,
        });
        opened.once('connect', () => resolve(opened));
      });
      ends.push(() => client.endAsync(true));
      return (topic: string, payload: string | Buffer, retain = false) =>
        client.publishAsync(`yiping/v1/SIM/${topic}`, payload, { qos: 1, retain });
    },
    /** A broker of no good: accepts the connection and what is subscribed, then does as it likes. */
    async impostor(afterwards: (socket: Socket) => void, connack = 0) {
      const sockets = new Set<Socket>();
      const server: Server = createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('data', (bytes) => {
          for (const packet of packetsOf(bytes)) {
            if (packet.kind === 1) socket.write(Buffer.from([0x20, 3, 0, connack, 0]));
            if (packet.kind === 8) {
              socket.write(Buffer.from([0x90, 8, ...packet.body.subarray(0, 2), 0, 0, 1, 1, 1, 0]));
              afterwards(socket);
            }
            if (packet.kind === 12) socket.write(Buffer.from([0xd0, 0]));
          }
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      ends.push(async () => {
        for (const socket of sockets) socket.destroy();
        await new Promise((resolve) => server.close(resolve));
      });
      return `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
  };
}

/** A PUBLISH of QoS 0, not retained. */
export function publishPacket(topic: string, payload: string): Buffer {
  const name = Buffer.from(topic);
  const body = Buffer.concat([Buffer.from([0, name.length]), name, Buffer.from([0]), Buffer.from(payload)]);
  const length: number[] = [];
  let rest = body.length;
  do {
    length.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.concat([Buffer.from([0x30, ...length]), body]);
}

function* packetsOf(bytes: Buffer): Generator<{ readonly kind: number; readonly body: Buffer }> {
  let at = 0;
  while (at < bytes.length) {
    const kind = (bytes[at] ?? 0) >> 4;
    let length = 0;
    let factor = 1;
    for (;;) {
      at += 1;
      const byte = bytes[at] ?? 0;
      length += (byte & 0x7f) * factor;
      factor *= 128;
      if ((byte & 0x80) === 0) break;
    }
    yield { kind, body: bytes.subarray(at + 1, at + 1 + length) };
    at += 1 + length;
  }
}

export const kinds = (told: Recorder, kind: string) => told.kinds().filter((one) => one === kind).length;
