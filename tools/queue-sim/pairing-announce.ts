/**
 * A queue system's word on the local network while it offers pairing (docs/pairing.md): one DNS-SD service over multicast
 * DNS. Written from that page, apart from the tablet's code.
 */
import { createSocket } from 'node:dgram';
import { hostname } from 'node:os';
import { decode, encode } from 'dns-packet';

const GROUP = '224.0.0.251';
const SERVICE = '_yiping-queue._tcp.local';
const LIFE_S = 120;

export interface SimAnnouncement {
  /** Takes back what it said. */
  stop(): Promise<void>;
}

export async function announceSimPairing(options: {
  readonly name: string;
  /** The pairing server: scheme and port are announced; the address is the one that it is sent from. */
  readonly address: string;
  /** Of which of this machine's addresses the network is to hear it. */
  readonly interface: string;
  readonly port?: number;
}): Promise<SimAnnouncement> {
  const { port = 5353 } = options;
  const server = new URL(options.address);
  const instance = `${options.name}.${SERVICE}`;
  const target = `${hostname()}.local`;
  const answer = (ttl: number) =>
    encode({
      type: 'response',
      flags: 1024,
      answers: [{ type: 'PTR', class: 'IN', name: SERVICE, ttl, data: instance }],
      additionals: [
        { type: 'SRV', class: 'IN', name: instance, ttl, data: { port: Number(server.port), target } },
        {
          ...({ type: 'TXT', class: 'IN', name: instance, ttl } as const),
          data: ['v=1', `scheme=${server.protocol.replace(':', '')}`],
        },
        { type: 'A', class: 'IN', name: target, ttl, data: options.interface },
      ],
    });
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  const say = (ttl: number) =>
    new Promise<void>((resolve) => {
      socket.send(answer(ttl), port, GROUP, () => resolve());
    });
  socket.on('message', (message) => {
    if (asksForUs(message)) void say(LIFE_S);
  });
  await new Promise<void>((resolve, reject) => {
    const fail = (error: unknown) => {
      socket.close();
      reject(error);
    };
    socket.once('error', fail);
    socket.bind(port, () => {
      try {
        socket.setMulticastInterface(options.interface);
        socket.addMembership(GROUP, options.interface);
        socket.setMulticastTTL(255);
        resolve();
      } catch (error) {
        fail(error);
      }
    });
  });
  socket.on('error', () => {});
  await say(LIFE_S);
  return {
    async stop() {
      await say(0);
      await new Promise<void>((resolve) => {
        socket.close(() => resolve());
      });
    },
  };
}

function asksForUs(message: Buffer): boolean {
  try {
    const { type, questions } = decode(message);
    return type === 'query' && (questions ?? []).some(({ name }) => name.toLowerCase().endsWith(SERVICE));
  } catch {
    return false;
  }
}
