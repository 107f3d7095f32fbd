import type { Clock } from '../shared/clock.ts';
import type { LinkState, QueueEvent } from '../shared/queue-event.ts';
import type { ServiceKey } from '../shared/words.ts';
import type { CallerBus } from './ff68-caller.ts';
import type { SharedPorts } from './http/shared-ports.ts';
import type { HandAnswer, HandInvite, HandMemory } from './manual/hand.ts';

/**
 * How a service ended, as the queue side may know it: rated or not. There is no level here and none may be
 * added: whatever a link can say ends up on a screen behind the counter.
 */
export interface ServiceResult {
  readonly serviceKey: ServiceKey;
  readonly rated: boolean;
  /** When the invitation ended, UTC ms. */
  readonly atMs: number;
}

/** What a link counts. One list for all makes, so that the staff screen and the self-test need no special case. */
export const COUNTER_NAMES = [
  /** Connections opened, or for polling links successful first polls after a failure. */
  'connections',
  'logins',
  /** Messages read, whatever became of them. */
  'messages',
  /** Events handed on. */
  'events',
  /** Messages that said again what was already handed on. */
  'duplicates',
  /** Messages that could not be read; their content is never logged. */
  'malformed',
  /** Well-formed messages of a kind this link does not know. */
  'unknown',
  'oversized',
  'binary',
  /** Turned away unread: wrong credentials, another counter, an address that is not allowed. */
  'refused',
  /** Times the other side was cut off because it sent too much. */
  'floods',
  'resultsSent',
  'resultsDropped',
] as const;
export type CounterName = (typeof COUNTER_NAMES)[number];
export type LinkCounters = Readonly<Record<CounterName, number>>;

/** A line for the log. `event` is an id, `data` holds no content of messages and no personal data. */
export interface LinkLog {
  readonly level: 'info' | 'warn';
  readonly event: string;
  readonly data?: Readonly<Record<string, string | number | boolean>>;
}

/**
 * A connection to a queue-calling system of whatever make: one that pushes (WebSocket, MQTT, bus), one that is
 * polled (HTTP, database view), one that is listened for (HTTP notify) or a clerk's own hand.
 */
export interface QueueLink {
  /** Short name for people, as in the settings: `rate-service`. */
  readonly name: string;
  /** Begins; returns at once. What happens then is told through `onState` and `onEvent`. Once only. */
  start(): void;
  /** Ends and lets go of every socket and timer. After the promise nothing is told any more. */
  stop(): Promise<void>;
  state(): LinkState;
  /** Its system is asked for the present state after every loss, or tells it. Default false. */
  readonly tellsState?: boolean;
  /** It tells what happened while it was away before it is `ready`, also after a start. Default false. */
  readonly tellsHistory?: boolean;
  /** Tells the queue side that a service was rated or not. A link whose system has no word for it does nothing. */
  report(result: ServiceResult): void;
  counters(): LinkCounters;
  /** Only where a clerk's hand is the system: asks for a rating. Accepted means handed on. */
  invite?(request: HandInvite): HandAnswer;
}

/** What every link is made from. A make that needs more (a bus, a pool) adds it in its own parts. */
export interface LinkParts<Settings> {
  readonly settings: Settings;
  /** The hall's code as in the device's settings; first piece of every key. */
  readonly hall: string;
  /** The counter this tablet stands at; every event carries it. */
  readonly counter: string;
  /** IANA zone of the hall, e.g. `Asia/Shanghai`: decides the business date where a message does not. */
  readonly timezone: string;
  readonly clock: Clock;
  /** Jitter only. Default `Math.random`. */
  readonly random?: () => number;
  /** Each event once; the caller may rely on `id`. */
  readonly onEvent: (event: QueueEvent) => void;
  /** At every change, never twice the same. `reason` is zh-CN for clerk and technician and names the remedy. */
  readonly onState: (state: LinkState) => void;
  /** What is so at the counter has been said, and handed on, after a start or a loss; again whenever it is said again. */
  readonly onStateTold?: () => void;
  readonly log: (line: LinkLog) => void;
  /** It is tried beside the link in service and must not push that one aside (docs/pairing.md). */
  readonly trial?: boolean;
  /** The ports at which links listen; without it a trial cannot listen where the link in service does. */
  readonly ports?: SharedPorts;
  /** The clerks' keypads on the button bus; only the link that reads them looks. */
  readonly callers?: CallerBus;
  /** What was done by hand before, and what the queue side served; only the manual link looks. */
  readonly hand?: HandMemory;
}

export type CreateLink<Settings> = (parts: LinkParts<Settings>) => QueueLink;

/** Counters that start at nothing. */
export function createCounters() {
  const counts = Object.fromEntries(COUNTER_NAMES.map((name) => [name, 0])) as Record<CounterName, number>;
  return {
    count(name: CounterName, by = 1): void {
      counts[name] += by;
    },
    read: (): LinkCounters => ({ ...counts }),
  };
}
