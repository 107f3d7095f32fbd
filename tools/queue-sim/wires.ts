/**
 * Every wire of the simulator by the name of its link, and what the wire can do to a message on its way. Loaded when
 * asked for: a broker or a database is started for the one that needs it.
 */
import type { DayAct } from './days.ts';
import type { StartWire } from './wire.ts';

/** Faults that can befall single messages between the hall and a tablet, beside the loss of the whole network. */
export const MESSAGE_FAULTS = ['drop', 'double', 'reorder', 'delay'] as const;
export type MessageFault = (typeof MESSAGE_FAULTS)[number];

export interface SimLink {
  /** zh-CN, for people. */
  readonly title: string;
  /** What it needs beside this program, for people; '' if nothing. */
  readonly needs: string;
  readonly faults: readonly MessageFault[];
  /** Which of a clerk's acts it can tell of. */
  readonly tells: readonly DayAct['act'][];
  /** Acts of several counters within so long are played as if at once, where each moment costs a look at every counter. */
  readonly togetherMs?: number;
  /** What a tablet learns of a printed number, where that is not all of it. */
  readonly numberOf?: (printed: string) => string;
  /** Within so long a message that was lost is made good: the system says again how a counter is, or the tablet asks. */
  readonly healsMs?: number;
  /** It cannot tell what is so now: a tablet that starts knows of no ticket until the next is called. */
  readonly forgets?: true;
  /** No system tells the tablet: a clerk does, by hand. */
  readonly byHand?: true;
  /** How often a tablet looks for itself; 0 where it is told. */
  readonly looksEveryMs: number;
  /** Settings of a tablet whose time runs in strides: it looks for a dead line seldom. */
  readonly calm: Readonly<Record<string, unknown>>;
  load(): Promise<StartWire>;
}

const ALL = ['call', 'recall', 'served', 'skip', 'transfer', 'pause', 'resume'] as const;
const TICKETS = ['call', 'recall', 'served', 'skip', 'transfer'] as const;

/** A tablet whose time runs in strides looks for a dead line seldom, and gives every answer a stride. */
const CALM = { probeEveryMs: 60_000, silenceLimitMs: 300_000, connectLimitMs: 60_000 };
const CLOSE_LOOK_MS = 500;
/** A database is looked at seldom by the hall's time, and gives every answer a stride. */
const CALM_LOOKS = { lookEveryMs: 1_000, queryLimitMs: 60_000, connectLimitMs: 60_000, openForMs: 3_600_000 };
/** The vendor's view: whoever is through is in it for a little while. (The link's own limit is by the database's clock.) */
const OFFERED = { keepForMs: 180_000 };

export const SIM_LINKS = {
  'rate-service': {
    title: 'RateService 评价服务（WebSocket）',
    needs: '',
    faults: MESSAGE_FAULTS,
    tells: ALL,
    healsMs: 10_000,
    looksEveryMs: 0,
    calm: { ...CALM, loginLimitMs: 60_000 },
    load: async () => (await import('./wires/rate-service.ts')).rateServiceWire(),
  },
  mqtt: {
    title: 'MQTT 5',
    needs: 'mosquitto',
    faults: MESSAGE_FAULTS,
    tells: ALL,
    healsMs: 5_000,
    looksEveryMs: 0,
    calm: { ...CALM, maxMessagesPerSecond: 1_000 },
    load: async () => (await import('./wires/mqtt.ts')).mqttWire(),
  },
  'http-push': {
    title: 'HTTP 推送',
    needs: '',
    faults: MESSAGE_FAULTS,
    tells: ALL,
    healsMs: 1_000,
    looksEveryMs: 0,
    calm: { silenceLimitMs: 0, maxRequestsPerSecond: 1_000 },
    load: async () =>
      (await import('./wires/http-push.ts')).httpPushWire({ stateEveryMs: 200, restartMs: 20 }),
  },
  'http-poll': {
    title: 'HTTP 轮询',
    needs: '',
    faults: [],
    tells: ALL,
    looksEveryMs: CLOSE_LOOK_MS,
    calm: { pollEveryMs: 800, requestLimitMs: 60_000 },
    load: async () => (await import('./wires/http-poll.ts')).httpPollWire(),
  },
  pad: {
    title: '窗口评价平板服务（通知 + WebSocket）',
    needs: '',
    faults: MESSAGE_FAULTS,
    tells: ['call', 'served'],
    looksEveryMs: 0,
    calm: { ...CALM, loginLimitMs: 60_000 },
    load: async () => (await import('./wires/pad.ts')).padWire(),
  },
  postgresql: {
    title: '数据库视图 · PostgreSQL',
    needs: 'postgresql',
    faults: [],
    tells: TICKETS,
    looksEveryMs: CALM_LOOKS.lookEveryMs,
    togetherMs: 8_900,
    calm: CALM_LOOKS,
    load: async () => (await import('./wires/database-own.ts')).ownDatabaseWire('postgresql', OFFERED),
  },
  mariadb: {
    title: '数据库视图 · MariaDB',
    needs: 'mariadb-server',
    faults: [],
    tells: TICKETS,
    looksEveryMs: CALM_LOOKS.lookEveryMs,
    togetherMs: 8_900,
    calm: CALM_LOOKS,
    load: async () => (await import('./wires/database-own.ts')).ownDatabaseWire('mariadb', OFFERED),
  },
  'ff68-caller': {
    title: 'FF-68 呼叫器按键（按键总线）',
    needs: '',
    // A clerk whose key is not answered presses it again: nothing is dropped while the line is there.
    faults: ['double'],
    tells: ALL,
    looksEveryMs: 0,
    numberOf: (printed) => printed.replace(/\D/g, ''),
    forgets: true,
    calm: {},
    load: async () => {
      const [{ ff68CallerWire }, { eachCounter }] = await Promise.all([
        import('./wires/ff68-caller.ts'),
        import('./wires/each-counter.ts'),
      ]);
      return eachCounter(() => ff68CallerWire());
    },
  },
  manual: {
    title: '人工（没有叫号系统，或它断开时）',
    needs: '',
    // A clerk forgets to ask, or asks twice.
    faults: ['drop', 'double'],
    tells: ['served'],
    byHand: true,
    looksEveryMs: 0,
    calm: {},
    load: async () => (await import('./wires/manual.ts')).createSimHands().wire,
  },
} as const satisfies Readonly<Record<string, SimLink>>;

export type SimLinkName = keyof typeof SIM_LINKS;
export const SIM_LINK_NAMES = Object.keys(SIM_LINKS) as readonly SimLinkName[];

/** `http` and `database` are two each: this is the one that is meant without more words. */
export const SIM_LINK_SHORT: Readonly<Record<string, SimLinkName>> = {
  http: 'http-push',
  database: 'postgresql',
};

export function isSimLink(name: string): name is SimLinkName {
  return Object.hasOwn(SIM_LINKS, name);
}
