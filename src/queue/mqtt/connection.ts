import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { IConnackPacket, IPublishPacket, ISubscriptionMap, MqttClient } from 'mqtt';
import type { Clock } from '../../shared/clock.ts';
import type { CounterName } from '../queue-link.ts';
import { createPacer, createRateGate } from '../rate-gate.ts';
import { faultOfError } from '../reasons.ts';
import { readSecretFile } from '../secret-file.ts';
import { createHistoryEnd } from './history-end.ts';
import { createPacketGuard } from './packet-guard.ts';
import { faultOfReasonCode, type MqttFault } from './reasons.ts';
import type { MqttSettings } from './settings.ts';
import { isCertificateAlert, readTlsFiles, type TlsFiles } from './tls-files.ts';
import { HEARD_TOPICS, type HeardTopic, type MqttTopics } from './topics.ts';

/** One message is some hundred bytes, with a served-ticket token some thousand. */
export const MAX_PACKET_BYTES = 16 * 1024;
/** So many messages may be on their way before the first is acknowledged. */
const RECEIVE_MAXIMUM = 20;
/** How long a broker may take over a goodbye. */
const CLOSE_LIMIT_MS = 300;
const GRACE_MS = 50;
/** What a broker kept is over and done with: it is taken faster than what happens now. */
const HISTORY_FACTOR = 8;
/** A broker that comes to no end is left; what was taken until then does not come again. */
const HISTORY_LIMIT_MS = 30_000;
const NOT_AUTHORIZED = 0x87;

export interface MqttConnectionParts {
  readonly settings: MqttSettings;
  readonly clock: Clock;
  readonly topics: MqttTopics;
  readonly clientId: string;
  /**
   * What the tablet's presence says while it is there, and what the broker says for it when it is not. Absent: it is
   * neither said nor read; somebody else speaks for this counter.
   */
  readonly presence?: { readonly online: string; readonly offline: string } | undefined;
  /** The broker knows us and will tell; `resumed` if it kept what happened since the last connection. */
  readonly onOpen: (resumed: boolean) => void;
  /** What it kept has been said; from now on things happen as they are told. Once, after `onOpen`. */
  readonly onCaughtUp: () => void;
  /** `retained`: how things stand, told because we subscribed. */
  readonly onMessage: (topic: HeardTopic, payload: Uint8Array, retained: boolean) => void;
  /** What stood at the broker as the tablet's presence before ours: of an earlier connection, or of another tablet. */
  readonly onTablet: (payload: Uint8Array) => void;
  /** Exactly once, unless `close` was called before. */
  readonly onEnded: (fault: MqttFault) => void;
  readonly count: (name: CounterName) => void;
}

export interface MqttConnection {
  /** At least once. `answer` says whether the broker took it; it is not called if the connection ends before. */
  publish(topic: string, text: string, answer: (taken: boolean) => void): void;
  /** Ends it for a reason found further up; `onEnded` is told. */
  fail(fault: MqttFault): void;
  /** Says goodbye; `onEnded` is not told. Settles when the socket is gone. */
  close(): Promise<void>;
}

/** One connection to a broker, with limits on everything the other side decides: size, rate, silence, time. */
export function openMqttConnection(parts: MqttConnectionParts): MqttConnection {
  const { settings, clock, topics, presence } = parts;
  const { hostname, port, protocol } = new URL(settings.url);
  const secure = protocol === 'mqtts:';
  const host = hostname.replace(/^\[|\]$/g, '');
  const limitsFor = (perSecond: number) => ({
    pacer: createPacer(clock, perSecond),
    // Paced messages, those on their way, answers to probes: more than this nobody asked for.
    flooding: createRateGate(clock, perSecond * 2 + RECEIVE_MAXIMUM + 50),
  });
  const present = limitsFor(settings.maxMessagesPerSecond);
  const past = limitsFor(settings.maxMessagesPerSecond * HISTORY_FACTOR);
  const history = createHistoryEnd({
    sendPing: () => client?.sendPing(),
    onFound() {
      cancels.get('history')?.();
      parts.onCaughtUp();
    },
  });
  const limits = () => (history.isFound() ? present : past);
  const guard = createPacketGuard(MAX_PACKET_BYTES);
  const cancels = new Map<string, () => void>();
  let over = false;
  let known = false;
  let encrypted = false;
  let socket: Socket | undefined;
  let client: MqttClient | undefined;

  const arm = (name: string, ms: number, run: () => void) => {
    cancels.get(name)?.();
    cancels.set(name, clock.after(ms, run));
  };
  const letGo = () => {
    over = true;
    for (const cancel of cancels.values()) cancel();
    cancels.clear();
  };
  const fail = (fault: MqttFault) => {
    if (over) return;
    letGo();
    if (fault === 'flood') parts.count('floods');
    if (fault === 'oversized') parts.count('oversized');
    client?.end(true);
    socket?.destroy();
    parts.onEnded(fault);
  };
  /** Why a connection that just closed never came to anything is seen from how far it came. */
  const closedFault = (): MqttFault => {
    if (known) return 'closed';
    return secure && !encrypted ? 'tlsFailed' : 'handshake';
  };

  const heard = () => {
    if (!known) return;
    // What arrived while this process itself was held up is read first: our own pause is no silence of theirs.
    arm('silence', settings.silenceLimitMs, () => arm('silence', GRACE_MS, () => fail('silent')));
  };
  const probe = () => {
    if (client?.connected) history.ping();
    arm('probe', settings.probeEveryMs, probe);
  };

  const openSocket = (files: TlsFiles): Socket => {
    const address = { host, port: Number(port) || (secure ? 8883 : 1883) };
    const opened = secure
      ? connectTls({
          ...address,
          ...files,
          ...(isIP(host) === 0 ? { servername: host } : {}),
          minVersion: 'TLSv1.2',
        })
      : connectTcp(address);
    opened.setNoDelay(true);
    opened.on('secureConnect', () => {
      encrypted = true;
    });
    opened.on('data', (bytes: Buffer) => {
      if (over) return;
      const packets = guard.take(bytes);
      if (typeof packets === 'string') return fail(packets);
      heard();
      if (limits().flooding(packets)) fail('flood');
    });
    opened.on('error', (error) => {
      const fault = isCertificateAlert(error) ? 'certificateRefused' : faultOfError(error);
      fail(fault === 'closed' ? closedFault() : fault);
    });
    opened.on('close', () => fail(closedFault()));
    socket = opened;
    return opened;
  };

  const subscribe = (resumed: boolean) => {
    // Present things are told at once, past ones are not: a retained event would be called again at each start. How
    // things stand is asked for at QoS 0: of that a broker keeps the last only, and nothing for who is away.
    const wanted: ISubscriptionMap = {
      [topics.system]: { qos: 0, rh: 0 },
      [topics.events]: { qos: 1, rh: 2 },
      [topics.operate]: { qos: 1, rh: 2 },
      [topics.state]: { qos: 0, rh: 0 },
      ...(presence ? { [topics.tablet]: { qos: 0, rh: 0, nl: true } } : {}),
    };
    client?.subscribe(wanted, (error) => {
      if (over) return;
      if (error) return fail('readRefused');
      cancels.get('connect')?.();
      arm('history', HISTORY_LIMIT_MS, () => fail('silent'));
      parts.onOpen(resumed);
      if (!over) history.begin();
    });
  };

  const onConnected = ({ sessionPresent }: IConnackPacket) => {
    known = true;
    parts.count('connections');
    parts.count('logins');
    heard();
    probe();
    subscribe(sessionPresent);
    if (presence)
      publish(topics.tablet, presence.online, (taken) => {
        if (!taken) fail('writeRefused');
      });
  };

  const publish = (topic: string, text: string, answer: (taken: boolean) => void) => {
    const retain = topic === topics.tablet;
    client?.publish(topic, text, { qos: 1, retain }, (error) => {
      if (over) return;
      if (!error) answer(true);
      else if ('code' in error && error.code === NOT_AUTHORIZED) answer(false);
    });
  };

  const topicOf = (topic: string): HeardTopic | undefined =>
    HEARD_TOPICS.find((one) => topics[one] === topic);
  const onMessage = (topic: string, payload: Buffer, packet: IPublishPacket) => {
    if (over) return;
    parts.count('messages');
    if (topic === topics.tablet) return parts.onTablet(payload);
    const heardOn = topicOf(topic);
    if (heardOn === undefined) return parts.count('unknown');
    // Kept for an earlier version of this program, which asked for it so: how things stood then.
    if (heardOn === 'state' && packet.qos > 0) return parts.count('duplicates');
    parts.onMessage(heardOn, payload, packet.retain);
  };

  const begin = async () => {
    const files = readTlsFiles(settings);
    const password = settings.passwordFile === undefined ? undefined : readSecretFile(settings.passwordFile);
    const { MqttClient: Client } = await import('mqtt');
    if (over) return;
    if (typeof files === 'string') return fail(files);
    if (password !== undefined && 'fault' in password) return fail(password.fault);
    arm('connect', settings.connectLimitMs, () => fail('connectTimeout'));
    const opened = new Client(() => openSocket(files), {
      protocolVersion: 5,
      clientId: parts.clientId,
      clean: false,
      keepalive: settings.keepaliveS,
      // Probes and every wait are ours, by the clock we were given.
      timerVariant: { set: () => 0, clear: () => undefined },
      connectTimeout: 2 ** 31 - 1,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      ...(settings.username === undefined ? {} : { username: settings.username }),
      ...(password === undefined ? {} : { password: password.secret }),
      properties: {
        sessionExpiryInterval: settings.sessionExpiryS,
        receiveMaximum: RECEIVE_MAXIMUM,
        maximumPacketSize: MAX_PACKET_BYTES,
      },
      ...(presence
        ? { will: { topic: topics.tablet, payload: Buffer.from(presence.offline), qos: 1, retain: true } }
        : {}),
      // What is acknowledged only when it was taken comes no faster than it is taken.
      customHandleAcks: (_topic, _payload, _packet, taken) => {
        history.message();
        const waitMs = limits().pacer();
        if (waitMs === 0) return taken(0);
        heard();
        return arm('pace', waitMs, () => taken(0));
      },
    });
    client = opened;
    opened.on('packetreceive', (packet) => {
      if (packet.cmd === 'connack' && packet.reasonCode) fail(faultOfReasonCode(packet.reasonCode));
      // What is left of a chunk in which this connection was given up is still read.
      if (packet.cmd === 'pingresp' && !over) history.pong();
      if (packet.cmd === 'disconnect') fail(faultOfReasonCode(packet.reasonCode ?? 0));
    });
    opened.on('connect', onConnected);
    opened.on('message', onMessage);
    // Errors of the socket were dealt with above; what is left is what the library could not read.
    opened.on('error', () => fail(known ? 'protocol' : 'handshake'));
  };
  // Nothing above rejects; were it ever to, the link must not stay silent.
  begin().catch(() => fail('closed'));

  return {
    publish,
    fail,
    close() {
      const leaving = client;
      const wasOver = over;
      letGo();
      if (wasOver || !leaving || !socket || socket.destroyed) {
        socket?.destroy();
        return Promise.resolve();
      }
      const closing = socket;
      return new Promise((resolve) => {
        const cancel = clock.after(CLOSE_LIMIT_MS, () => closing.destroy());
        closing.once('close', () => {
          cancel();
          resolve();
        });
        if (!leaving.connected) return void closing.destroy();
        if (!presence) return void leaving.end();
        leaving.publish(topics.tablet, presence.offline, { qos: 1, retain: true }, () => leaving.end());
      });
    },
  };
}
