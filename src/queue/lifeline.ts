import type { LinkState, QueueEvent } from '../shared/queue-event.ts';
import { QueueEventSchema } from '../shared/queue-event.ts';
import { type BackoffSettings, backoffMs } from './backoff.ts';
import { createCounters, type LinkParts } from './queue-link.ts';
import { createQuietLog } from './quiet-log.ts';

/** A connection that stayed ready so long was a good one: the next loss starts again with the first wait. */
const GOOD_AFTER_MS = 10_000;
/** What somebody must correct first is tried again more slowly. */
const SLOW_CAP_MS = 10_000;

/**
 * What is the same in the life of every link, whatever it speaks: its state as people see it, the wait before it tries
 * again, its counters, its timers, and the one door through which its events go out.
 */
export function createLifeline<Fault extends string>(parts: {
  readonly link: Pick<LinkParts<unknown>, 'clock' | 'random' | 'onEvent' | 'onState' | 'onStateTold' | 'log'>;
  readonly retry: BackoffSettings;
  /** Faults that do not pass by themselves. */
  readonly needsAHand: ReadonlySet<Fault>;
  /** zh-CN, names the remedy. */
  readonly reason: (fault: Fault) => string;
  /** Tries to be connected; at once at the beginning, later after each wait. */
  readonly connect: () => void;
}) {
  const { clock, onEvent, onState, log } = parts.link;
  const random = parts.link.random ?? Math.random;
  const counters = createCounters();
  const quietLog = createQuietLog({ clock, log });
  const cancels = new Map<string, () => void>();
  let state: LinkState = { state: 'connecting', sinceMs: clock.nowMs() };
  let started = false;
  let ended = false;
  let attempt = 0;

  const arm = (name: string, ms: number, run: () => void) => {
    cancels.get(name)?.();
    cancels.set(name, clock.after(ms, run));
  };
  const disarmAll = () => {
    for (const cancel of cancels.values()) cancel();
    cancels.clear();
  };
  const connect = () => {
    if (!ended) parts.connect();
  };

  const setState = (next: { state: 'ready' } | { state: 'lost'; reason: string }) => {
    if (next.state === 'lost') {
      if (state.state === 'lost' && state.reason === next.reason) return;
      // Another reason is not another loss: the clerk sees since when the link is down.
      state = { ...next, sinceMs: state.state === 'lost' ? state.sinceMs : clock.nowMs() };
    } else {
      state = { ...next, sinceMs: clock.nowMs() };
    }
    onState(state);
  };

  const handOn = (events: readonly QueueEvent[]) => {
    for (const event of events) {
      if (ended) return;
      const checked = QueueEventSchema.safeParse(event);
      if (!checked.success) {
        counters.count('malformed');
        quietLog('warn', 'queue.eventRefused', { kind: event.kind });
        continue;
      }
      counters.count('events');
      onEvent(checked.data);
    }
  };

  return {
    count: counters.count,
    counters: counters.read,
    quietLog,
    state: () => state,
    ended: () => ended,

    /** From `QueueLink.start`. */
    begin(): void {
      if (started || ended) return;
      started = true;
      onState(state);
      connect();
    },
    /** From `QueueLink.stop`: nothing is said and nothing runs any more. */
    end(): void {
      ended = true;
      disarmAll();
    },

    /** The system is there and knows us; may be said with every message. */
    ready(): void {
      if (ended || state.state === 'ready') return;
      arm('good', GOOD_AFTER_MS, () => {
        attempt = 0;
      });
      log({ level: 'info', event: 'queue.ready' });
      setState({ state: 'ready' });
    },
    /** It is not, or not any more: says so, forgets every timer, and tries again after a wait. */
    lost(fault: Fault): void {
      disarmAll();
      if (ended) return;
      quietLog('warn', 'queue.lost', { fault });
      setState({ state: 'lost', reason: parts.reason(fault) });
      attempt += 1;
      const { firstMs } = parts.retry;
      const capMs = parts.needsAHand.has(fault)
        ? Math.max(SLOW_CAP_MS, parts.retry.capMs)
        : parts.retry.capMs;
      arm('retry', backoffMs(attempt, { firstMs, capMs }, random), connect);
    },

    /** A timer by name; a new one of the same name takes the old one's place. All end with `lost` and `end`. */
    arm,
    disarm: (name: string) => cancels.get(name)?.(),

    /** Hands events on; each is checked once more on the way. */
    handOn,
    /** The same for what one message led to: a message that led to nothing said something again. */
    push(events: readonly QueueEvent[]): void {
      if (events.length === 0) counters.count('duplicates');
      handOn(events);
    },
    /** The system has said how the counter is, and what follows from it was handed on. */
    stateTold(): void {
      if (!ended) parts.link.onStateTold?.();
    },
    refuseMalformed(): void {
      counters.count('malformed');
      quietLog('warn', 'queue.malformed', {});
    },
    refuseUnknown(bytes: number): void {
      counters.count('unknown');
      quietLog('warn', 'queue.unknown', { bytes });
    },
  };
}
export type Lifeline<Fault extends string> = ReturnType<typeof createLifeline<Fault>>;
