import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { encode } from 'dns-packet';
import { afterEach, describe, expect, it } from 'vitest';
import { announceSimPairing } from '../../tools/queue-sim/pairing-announce.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { until } from '../support/until.ts';
import { createPairingTablet } from './pairing-rig.ts';

/** Real datagrams over real multicast, on the machine's own network and a port of the test's own. */
const GROUP = '224.0.0.251';
const SERVICE = '_yiping-queue._tcp.local';
const HERE = '127.0.0.1';

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function tabletAt(port: number, parts: Parameters<typeof createPairingTablet>[0] = {}) {
  const tablet = createPairingTablet({
    ...parts,
    settings: { search: true, searchFrom: HERE, searchPort: port, ...parts.settings },
  });
  ends.push(tablet.remove);
  const found = () => tablet.view().search?.found.map(({ name, address }) => `${name} ${address}`);
  return { ...tablet, found, state: () => tablet.view().search?.state };
}

const anyPort = () => randomInt(20_000, 30_000);

async function announced(name: string, port: number, address = 'https://127.0.0.1:7348') {
  const one = await announceSimPairing({ name, address, interface: HERE, port });
  ends.push(one.stop);
}

/** Somebody who answers every question with what they please. */
async function neighbour(
  port: number,
  parts: {
    readonly at?: string;
    readonly from?: number;
    readonly says: (round: number) => readonly Buffer[];
  },
) {
  const ear = createSocket({ type: 'udp4', reuseAddr: true });
  const mouth = createSocket({ type: 'udp4', reuseAddr: true });
  let rounds = 0;
  await new Promise<void>((resolve) => {
    mouth.bind(parts.from ?? port, parts.at ?? HERE, resolve);
  });
  await new Promise<void>((resolve) => {
    ear.bind(port, GROUP, resolve);
  });
  ear.addMembership(GROUP, HERE);
  mouth.setMulticastInterface(HERE);
  ear.on('message', (_message, from) => {
    if (from.port !== port || from.address !== HERE) return;
    rounds++;
    for (const said of parts.says(rounds)) mouth.send(said, port, GROUP);
  });
  ends.push(() => {
    ear.close();
    mouth.close();
  });
  return { rounds: () => rounds };
}

function reply(name: string, port = 7348): Buffer {
  const instance = `${name}.${SERVICE}`;
  return encode({
    type: 'response',
    answers: [
      { type: 'PTR', name: SERVICE, ttl: 120, data: instance },
      { type: 'SRV', name: instance, ttl: 120, data: { port, target: 'a.local' } },
      { type: 'TXT', name: instance, ttl: 120, data: ['v=1'] },
    ],
  });
}

/** Nobody else has the port, as the system sees it. */
async function canListenAlone(port: number): Promise<boolean> {
  const socket = createSocket({ type: 'udp4', reuseAddr: false });
  return await new Promise((resolve) => {
    socket.once('error', () => resolve(false));
    socket.bind(port, () => socket.close(() => resolve(true)));
  });
}

describe('the search of the local network', () => {
  it('finds the queue system that announces itself, and ends after five seconds with nothing left open', async () => {
    const port = anyPort();
    const clock = createFakeClock();
    const tablet = tabletAt(port, { clock });
    await announced('云溪叫号', port);
    expect(tablet.state()).toBe('untried');
    tablet.pairing.opened();
    expect(tablet.state()).toBe('searching');
    await until(() => expect(tablet.found()).toEqual(['云溪叫号 https://127.0.0.1:7348']));
    clock.advance(4_999);
    expect(tablet.state()).toBe('searching');
    clock.advance(1);
    expect(tablet.state()).toBe('done');
    // Its announcer has gone too; nobody else is there.
    await ends.pop()?.();
    expect(await canListenAlone(port)).toBe(true);
    // Once at the first look at the page, then when somebody asks for it.
    tablet.pairing.opened();
    expect(tablet.state()).toBe('done');
    expect(tablet.pairing.act({ act: 'search' })).toEqual({ accepted: true });
    expect(tablet.state()).toBe('searching');
    expect(tablet.found()).toEqual([]);
  });

  it('ends as soon as one is taken, which is then as good as a typed address', async () => {
    const port = anyPort();
    const tablet = tabletAt(port);
    await announced('云溪叫号', port, 'http://127.0.0.1:7348');
    tablet.pairing.opened();
    await until(() => expect(tablet.found()).toHaveLength(1));
    const address = tablet.view().search?.found[0]?.address ?? '';
    tablet.pairing.act({ act: 'ask', address });
    expect(tablet.view()).toMatchObject({ stage: { name: 'code', address }, search: { state: 'done' } });
  });

  it('does not begin where the site has not allowed it, nor by itself where the tablet is paired', async () => {
    const closed = tabletAt(anyPort(), { settings: { search: false } });
    closed.pairing.opened();
    expect(closed.pairing.act({ act: 'search' })).toMatchObject({ accepted: false, reason: 'notOffered' });
    expect(closed.view().search).toBeUndefined();
    const paired = tabletAt(anyPort(), {
      self: {
        paired: {
          settings: { kind: 'manual' } as never,
          ...{ origin: 'https://127.0.0.1:1', system: 'Q', pairedAtMs: 0 },
        },
      },
    });
    paired.pairing.opened();
    expect(paired.state()).toBe('untried');
  });

  it('names a network that is not there', async () => {
    const tablet = tabletAt(anyPort(), { settings: { searchFrom: '192.0.2.1' } });
    tablet.pairing.opened();
    await until(() => expect(tablet.state()).toBe('failed'));
    expect(tablet.lines.join()).toContain('noNetwork');
  });

  it('says so where somebody has the port for themselves', async () => {
    const port = anyPort();
    const owner = createSocket({ type: 'udp4', reuseAddr: false });
    ends.push(() => {
      owner.close();
    });
    await new Promise<void>((resolve) => {
      owner.bind(port, resolve);
    });
    const tablet = tabletAt(port);
    tablet.pairing.opened();
    await until(() => expect(tablet.state()).toBe('failed'));
    expect(tablet.lines.join()).toContain('notOpened');
  });

  it('ends with the sitting', async () => {
    const port = anyPort();
    const tablet = tabletAt(port);
    tablet.pairing.opened();
    tablet.pairing.end();
    expect(tablet.state()).toBe('untried');
    expect(await canListenAlone(port)).toBe(true);
  });
});

describe('neighbours that mean no good', () => {
  it('show three at most, in the order in which they came, each once', async () => {
    const port = anyPort();
    const tablet = tabletAt(port);
    await neighbour(port, {
      says: () => ['a', 'b', 'a', 'c', 'd'].map((name) => reply(name, name.charCodeAt(0))),
    });
    tablet.pairing.opened();
    await until(() => expect(tablet.found()).toHaveLength(3));
    expect(tablet.found()).toEqual([
      ...['a https://127.0.0.1:97', 'b https://127.0.0.1:98', 'c https://127.0.0.1:99'],
    ]);
    tablet.pairing.act({ act: 'ask', address: 'x' });
    tablet.pairing.act({ act: 'stop' });
    expect(tablet.view().search).toMatchObject({ state: 'done', more: true });
  });

  it('speak for themselves only, from the protocol’s port, and what cannot be read is counted', async () => {
    const port = anyPort();
    const clock = createFakeClock();
    const tablet = tabletAt(port, { clock });
    await neighbour(port, { from: anyPort() - 10_000, says: () => [reply('legacy')] });
    await neighbour(port, { at: '127.0.0.9', says: () => [reply('beside')] });
    await neighbour(port, { says: () => [Buffer.alloc(900, 0xff), Buffer.alloc(9_000), reply('last')] });
    tablet.pairing.opened();
    await until(() => expect(tablet.found()).toHaveLength(2));
    clock.advance(5_000);
    expect(tablet.state()).toBe('done');
    expect(tablet.found()?.sort()).toEqual(['beside https://127.0.0.9:7348', 'last https://127.0.0.1:7348']);
    const line = tablet.lines.find((text) => text.includes('pairingSearched')) ?? '';
    expect(JSON.parse(line)[2]).toMatchObject({ found: 2 });
    expect(JSON.parse(line)[2].refused).toBeGreaterThanOrEqual(2);
    expect(line).not.toContain('beside');
  });

  it('flood in vain: after a thousand messages nobody listens any more', async () => {
    const port = anyPort();
    // Its five seconds never pass.
    const tablet = tabletAt(port, { clock: createFakeClock() });
    const mouth = createSocket({ type: 'udp4', reuseAddr: true });
    ends.push(() => {
      mouth.close();
    });
    await new Promise<void>((resolve) => {
      mouth.bind(port, HERE, resolve);
    });
    mouth.setMulticastInterface(HERE);
    tablet.pairing.opened();
    let said = 0;
    await until(() => {
      for (let at = 0; at < 100; at++, said++)
        mouth.send(reply(`n${said}`, 1 + (said % 60_000)), port, GROUP);
      expect(tablet.state()).toBe('done');
    });
    expect(tablet.found()).toHaveLength(3);
  });
});
