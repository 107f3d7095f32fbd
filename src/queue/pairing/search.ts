import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import type { Clock } from '../../shared/clock.ts';
import type { FoundPairing, Heard } from './announcement.ts';
import { type LocalNetwork, localNetworks } from './local-networks.ts';

/** What multicast DNS uses everywhere. */
export const MULTICAST_GROUP = '224.0.0.251';
export const MULTICAST_PORT = 5353;
/** A search ends by itself. */
export const SEARCH_MS = 5_000;
/** As many as a person can tell apart at a glance; who has more scans or types. */
export const MOST_FOUND = 3;
/** Asked again, because a datagram may be lost: so long after the beginning. */
const ASK_AT_MS = [0, 1_000, 3_000] as const;
/** Of whatever kind: a hall's network carries other talk, and may carry a flood. */
const MOST_DATAGRAMS = 1_000;
const MOST_SENDERS = 32;
const MOST_LABELS_A_SENDER = 4;

export interface SearchEnd {
  /** What could not be read, was too large, or did not come from beside us. */
  readonly refused: number;
  /** Found and not shown. */
  readonly more: boolean;
  /** No network to search, or no socket to do it with. */
  readonly failed?: 'noNetwork' | 'notOpened';
}

/**
 * Looks once over the local network for queue systems that offer pairing. While it lasts one socket a network is open;
 * before and after nothing listens.
 */
export function searchForPairing(parts: {
  readonly clock: Pick<Clock, 'after'>;
  /** An address of this machine: its network only. */
  readonly only?: string | undefined;
  readonly port?: number | undefined;
  readonly onFound: (found: FoundPairing) => void;
  readonly onEnd: (end: SearchEnd) => void;
}): { stop(): void } {
  const { clock, port = MULTICAST_PORT } = parts;
  const sockets: Socket[] = [];
  const cancels: (() => void)[] = [];
  /** By sender and label: what is said of one machine by another is not mixed into it. */
  const senders = new Map<string, Map<string, Heard>>();
  const told = new Set<string>();
  let over = false;
  let more = false;
  let datagrams = 0;
  let refused = 0;

  function end(failed?: SearchEnd['failed']): void {
    if (over) return;
    over = true;
    for (const cancel of cancels) cancel();
    for (const socket of sockets) socket.close();
    parts.onEnd({ refused, more, ...(failed === undefined ? {} : { failed }) });
  }

  async function begin(): Promise<void> {
    const networks = localNetworks(networkInterfaces(), parts.only);
    if (networks.length === 0) return end('noNetwork');
    // Nobody who never searches loads it.
    const words = await import('./announcement.ts');
    if (over) return;
    let opened = 0;
    let failures = 0;
    const ask = (socket: Socket) => {
      const incomplete = [...senders.values()].flatMap((labels) =>
        [...labels].filter(([, heard]) => heard.port === undefined || !heard.scheme).map(([label]) => label),
      );
      const query = words.writeSearch(
        [...new Set(incomplete)].filter((label) => !label.includes('.')).slice(0, 4),
      );
      // A network that is just going away; the others are asked.
      socket.send(query, port, MULTICAST_GROUP, () => {});
    };
    const hear = (message: Buffer, from: RemoteInfo) => {
      if (over) return;
      datagrams++;
      // What is left of a flood is not read.
      if (datagrams > MOST_DATAGRAMS) return end();
      const isBeside = networks.some((network) => network.has(from.address));
      const reply = isBeside ? words.readReply(message) : null;
      // Replies come from the protocol's own port and no other (RFC 6762, section 6).
      if (!reply || (reply.size > 0 && from.port !== port)) {
        refused++;
        return;
      }
      for (const [label, heard] of reply) note(label, heard, from.address);
    };
    const note = (label: string, heard: Heard, from: string) => {
      const labels = senders.get(from) ?? new Map<string, Heard>();
      if (!senders.has(from) && senders.size >= MOST_SENDERS) return;
      if (!labels.has(label) && labels.size >= MOST_LABELS_A_SENDER) return;
      senders.set(from, labels);
      const known = { ...labels.get(label), ...heard };
      labels.set(label, known);
      const found = words.foundPairing(label, known, from);
      if (!found || told.has(found.address.origin)) return;
      if (told.size >= MOST_FOUND) {
        more = true;
        return;
      }
      told.add(found.address.origin);
      parts.onFound(found);
    };
    for (const network of networks) {
      const socket = open(network, port, {
        hear,
        ready() {
          opened++;
          for (const atMs of ASK_AT_MS)
            if (atMs === 0) ask(socket);
            else cancels.push(clock.after(atMs, () => ask(socket)));
        },
        failed() {
          failures++;
          if (opened === 0 && failures === networks.length) end('notOpened');
        },
      });
      sockets.push(socket);
    }
  }

  cancels.push(clock.after(SEARCH_MS, () => end()));
  void begin();
  return { stop: () => end() };
}

function open(
  { address }: LocalNetwork,
  port: number,
  on: {
    readonly hear: (message: Buffer, from: RemoteInfo) => void;
    readonly ready: () => void;
    readonly failed: () => void;
  },
): Socket {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  socket.on('message', on.hear);
  socket.on('error', on.failed);
  // Multicast comes to no socket that is bound to an address of ours; who may speak is looked at for every datagram.
  socket.bind(port, () => {
    try {
      socket.setMulticastInterface(address);
      socket.addMembership(MULTICAST_GROUP, address);
      socket.setMulticastTTL(255);
      on.ready();
    } catch {
      on.failed();
    }
  });
  return socket;
}
